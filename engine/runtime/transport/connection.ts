// One connection to one peer over the weak network: numbered, acknowledged, sent again until it
// gets through, or lost as a whole. Between two hosts the one with the smaller address opens:
//
//   opener                          answerer
//   hello(source a)          ->     notes a candidate: fresh id b for a
//   welcome(source b, target a) <-
//   data or ack(a, b)        ->     a packet to b proves that a is alive now: open
//
// Ids are fresh for every attempt, so (1) a delayed packet of an earlier life or connection is
// recognized and ignored; (2) a dead life can never be taken for a living one, as it cannot answer
// with a fresh id. An answerer that wants to talk first pokes the opener. A packet to an id that
// its receiver does not know is answered by reset: the other end has lost the connection. An opener
// has one id at a time, so with one of its ids all that it greeted with before are dead.

import { buggify } from '../../core/buggify.ts';
import type { Timer } from '../../environment/clock.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Address } from '../../environment/network.ts';
import type { Random } from '../../environment/random.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { encodePacket, type Packet, packet } from './packet.ts';
import { ReceiveWindow, SendWindow } from './stream-window.ts';
import type { TransportConfig } from './transport-config.ts';

export interface ConnectionEvents {
  deliver(peer: Address, bytes: Uint8Array): void;
  /** What was sent and not acknowledged may or may not have arrived; later sends start afresh. */
  connectionLost(peer: Address): void;
}

interface ConnectionOptions {
  readonly environment: Environment;
  readonly peer: Address;
  readonly config: TransportConfig;
  readonly events: ConnectionEvents;
  readonly ids: Random;
}

const CANDIDATES_MAX = 8;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #opens: boolean;
  /** Of an answerer: ids offered to openers that have not proved to be alive. */
  readonly #candidates = new Map<number, number>();
  #localId = 0;
  #remoteId = 0;
  #send: SendWindow;
  #receive: ReceiveWindow;
  #retransmission: Timer | undefined;
  #delayMs: number;
  #acknowledgement: Timer | undefined;
  #progressAt = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#opens = options.environment.network.local < options.peer;
    this.#delayMs = options.config.retransmissionMsMin;
    this.#send = new SendWindow(options.config.windowPackets);
    this.#receive = new ReceiveWindow(options.config.windowPackets);
  }

  send(bytes: Uint8Array): void {
    if (this.#send.size === 0) this.#progressAt = this.#now();
    this.#send.add(bytes);
    if (this.#send.size > this.#options.config.queuePacketsMax) return this.lose();
    if (this.#remoteId !== 0) this.#flush();
    else if (this.#retransmission === undefined) this.#greet();
  }

  status(): ConnectionStatus {
    return {
      peer: this.#options.peer,
      isOpen: this.#remoteId !== 0,
      unacknowledged: this.#send.size,
      forMs: this.#now() - this.#progressAt,
    };
  }

  receive(received: Packet): void {
    switch (received.kind) {
      case 'hello':
        return this.#onHello(received);
      case 'welcome':
        return this.#onWelcome(received);
      case 'poke':
        return this.#onPoke();
      case 'reset':
        if (this.#remoteId !== 0 && received.target === this.#localId) this.#forget();
        return;
      default:
        return this.#onStream(received);
    }
  }

  /** Gives the connection up. What waits to be sent is dropped. */
  lose(): void {
    // So that the other end need not wait until it has something to say. It may never get there.
    if (this.#remoteId !== 0) this.#transmit(packet('reset', { target: this.#remoteId }));
    this.#forget();
  }

  #forget(): void {
    const wasUsed = this.#remoteId !== 0 || this.#send.size > 0;
    this.#reset(0, 0);
    if (wasUsed) this.#options.events.connectionLost(this.#options.peer);
  }

  #onHello(received: Packet): void {
    if (this.#opens) return;
    let offered = this.#candidates.get(received.source);
    if (offered === undefined) {
      offered = this.#freshId();
      this.#candidates.set(received.source, offered);
      const oldest = this.#candidates.keys().next().value;
      if (this.#candidates.size > CANDIDATES_MAX && oldest !== undefined) {
        this.#candidates.delete(oldest);
      }
    }
    this.#transmit(packet('welcome', { source: offered, target: received.source }));
  }

  #onWelcome(received: Packet): void {
    if (!this.#opens || this.#remoteId !== 0 || received.target !== this.#localId) return;
    this.#remoteId = received.source;
    this.#opened();
    this.#acknowledgeNow();
  }

  #onPoke(): void {
    if (!this.#opens) return;
    // An open connection is tested: if the peer does not know it, it answers with reset.
    if (this.#remoteId !== 0) this.#acknowledgeNow();
    else if (this.#retransmission === undefined) this.#greet();
  }

  #onStream(received: Packet): void {
    if (this.#candidates.get(received.source) === received.target) this.#adopt(received);
    const known = received.source === this.#remoteId && received.target === this.#localId;
    if (!known || this.#remoteId === 0) {
      this.#transmit(packet('reset', { target: received.source }));
      return;
    }
    if (this.#send.acknowledge(received.acknowledged)) this.#progressed();
    if (received.kind === 'data') {
      this.#acknowledgeSoon();
      for (const bytes of this.#receive.accept(received.sequence, received.payload)) {
        this.#options.events.deliver(this.#options.peer, bytes);
      }
    }
  }

  #adopt(received: Packet): void {
    // Those before it are of connections that are over: a late packet must not bring one back.
    for (const source of this.#candidates.keys()) {
      this.#candidates.delete(source);
      if (source === received.source) break;
    }
    const waiting = this.#remoteId === 0;
    if (!waiting) this.#forget();
    this.#localId = received.target;
    this.#remoteId = received.source;
    if (waiting) this.#opened();
  }

  #opened(): void {
    this.#delayMs = this.#options.config.retransmissionMsMin;
    this.#retransmission?.cancel();
    this.#retransmission = undefined;
    this.#progressAt = this.#now();
    this.#flush();
  }

  #progressed(): void {
    this.#progressAt = this.#now();
    this.#delayMs = this.#options.config.retransmissionMsMin;
    if (this.#send.size === 0) {
      this.#retransmission?.cancel();
      this.#retransmission = undefined;
    }
    this.#flush();
  }

  #flush(): void {
    for (const { sequence, bytes } of this.#send.takeSendable()) this.#sendData(sequence, bytes);
    if (this.#send.unacknowledged.length > 0) this.#armRetransmission();
  }

  #greet(): void {
    if (this.#opens) {
      if (this.#localId === 0) {
        this.#localId = this.#freshId();
        // Poked, it may have nothing to send; the greeting has its time all the same.
        this.#progressAt = this.#now();
      }
      this.#transmit(packet('hello', { source: this.#localId }));
    } else {
      this.#transmit(packet('poke', {}));
    }
    this.#armRetransmission();
  }

  #armRetransmission(): void {
    if (this.#retransmission !== undefined) return;
    // Once at most: what follows backs off, or it would flood a peer that is slow.
    const isFirst = this.#delayMs === this.#options.config.retransmissionMsMin;
    const delayMs = isFirst && buggify('a message is sent again at once') ? 1 : this.#delayMs;
    this.#retransmission = this.#options.environment.clock.schedule(delayMs, () => {
      this.#retransmission = undefined;
      this.#retransmit();
    });
  }

  #retransmit(): void {
    if (this.#now() - this.#progressAt > this.#options.config.lostAfterMs) return this.lose();
    this.#delayMs = Math.min(this.#delayMs * 2, this.#options.config.retransmissionMsMax);
    if (this.#remoteId === 0) return this.#greet();
    for (const { sequence, bytes } of this.#send.unacknowledged) this.#sendData(sequence, bytes);
    if (this.#send.size > 0) this.#armRetransmission();
  }

  #sendData(sequence: number, payload: Uint8Array): void {
    this.#acknowledgement?.cancel();
    this.#acknowledgement = undefined;
    this.#transmit(packet('data', { ...this.#header(), sequence, payload }));
  }

  #acknowledgeSoon(): void {
    if (this.#acknowledgement !== undefined) return;
    const { acknowledgementDelayMs } = this.#options.config;
    this.#acknowledgement = this.#options.environment.clock.schedule(acknowledgementDelayMs, () => {
      this.#acknowledgement = undefined;
      if (this.#remoteId !== 0) this.#acknowledgeNow();
    });
  }

  #acknowledgeNow(): void {
    this.#transmit(packet('ack', this.#header()));
  }

  #header(): Pick<Packet, 'source' | 'target' | 'acknowledged'> {
    return {
      source: this.#localId,
      target: this.#remoteId,
      acknowledged: this.#receive.received,
    };
  }

  #reset(localId: number, remoteId: number): void {
    this.#retransmission?.cancel();
    this.#acknowledgement?.cancel();
    this.#retransmission = undefined;
    this.#acknowledgement = undefined;
    this.#localId = localId;
    this.#remoteId = remoteId;
    this.#delayMs = this.#options.config.retransmissionMsMin;
    this.#send = new SendWindow(this.#options.config.windowPackets);
    this.#receive = new ReceiveWindow(this.#options.config.windowPackets);
  }

  #transmit(sent: Packet): void {
    this.#options.environment.network.send(this.#options.peer, encodePacket(sent));
  }

  #freshId(): number {
    return 1 + this.#options.ids.below(2 ** 32) * 0x10_0000 + this.#options.ids.below(0x10_0000);
  }

  #now(): number {
    return this.#options.environment.clock.now();
  }
}
