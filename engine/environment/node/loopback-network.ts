// A network inside one process, for several hosts that share it. Keeps more than the contract
// promises: nothing is lost on the way and messages arrive in the order in which they were sent.

import type { Address, Network } from '../network.ts';

type Receive = (from: Address, bytes: Uint8Array) => void;

interface Message {
  readonly from: Address;
  readonly to: Address;
  readonly bytes: Uint8Array;
}

export class LoopbackNetwork {
  readonly #receivers = new Map<Address, Receive>();
  #queue: Message[] = [];
  #isDelivering = false;

  /** The network as `local` sees it. Bytes are handed over, not copied. */
  open(local: Address): Network {
    return {
      local,
      send: (to, bytes) => this.#send({ from: local, to, bytes }),
      listen: (receive) => void this.#receivers.set(local, receive),
    };
  }

  /** The host is gone; what is still sent to it is lost. */
  close(local: Address): void {
    this.#receivers.delete(local);
  }

  #send(message: Message): void {
    this.#queue.push(message);
    if (!this.#isDelivering) this.#deliverLater();
  }

  #deliverLater(): void {
    this.#isDelivering = true;
    setImmediate(() => this.#deliver());
  }

  /** What receivers send meanwhile goes into the next batch, so that I/O gets its turn. */
  #deliver(): void {
    const batch = this.#queue;
    this.#queue = [];
    let index = 0;
    try {
      for (; index < batch.length; index++) this.#receive(batch[index]);
    } finally {
      // A receiver that threw loses its own message, not those of others.
      this.#queue = [...batch.slice(index + 1), ...this.#queue];
      this.#isDelivering = false;
      if (this.#queue.length > 0) this.#deliverLater();
    }
  }

  #receive(message: Message | undefined): void {
    if (message === undefined) return;
    this.#receivers.get(message.to)?.(message.from, message.bytes);
  }
}
