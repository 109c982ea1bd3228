// The two halves of a numbered byte-message stream: what was sent and is not acknowledged, and what
// has arrived out of order. Pure bookkeeping; the connection decides when packets go out.

import { assert } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';

export interface Numbered {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

export class SendWindow {
  readonly #limit: number;
  #unacknowledged: Numbered[] = [];
  #waiting: Uint8Array[] = [];
  /** Those before it have been taken. Cutting them off one by one would be quadratic. */
  #waitingFrom = 0;
  #nextSequence = 1;

  /** At most `limit` messages are under way at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#unacknowledged.length + this.#waiting.length - this.#waitingFrom;
  }

  get unacknowledged(): readonly Numbered[] {
    return this.#unacknowledged;
  }

  add(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
  }

  /** Numbers and returns what may be sent for the first time now. */
  takeSendable(): readonly Numbered[] {
    const limit = buggify('one message is under way at a time') ? 1 : this.#limit;
    const room = limit - this.#unacknowledged.length;
    if (room <= 0 || this.#waiting.length === this.#waitingFrom) return [];
    const until = this.#waitingFrom + room;
    const taken = this.#waiting.slice(this.#waitingFrom, until).map((bytes, index) => ({
      sequence: this.#nextSequence + index,
      bytes,
    }));
    this.#waitingFrom += taken.length;
    if (this.#waitingFrom * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom);
      this.#waitingFrom = 0;
    }
    this.#nextSequence += taken.length;
    this.#unacknowledged.push(...taken);
    return taken;
  }

  /** True if something new was acknowledged. */
  acknowledge(sequence: number): boolean {
    assert(sequence < this.#nextSequence, `Cannot acknowledge ${sequence}: it was never sent`);
    const before = this.#unacknowledged.length;
    this.#unacknowledged = this.#unacknowledged.filter((sent) => sent.sequence > sequence);
    return this.#unacknowledged.length < before;
  }
}

export class ReceiveWindow {
  readonly #limit: number;
  readonly #early = new Map<number, Uint8Array>();
  #expected = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get received(): number {
    return this.#expected - 1;
  }

  /** The messages that are in order now. Repeated ones and those too far ahead are dropped. */
  accept(sequence: number, bytes: Uint8Array): readonly Uint8Array[] {
    if (sequence < this.#expected || sequence >= this.#expected + this.#limit) return [];
    this.#early.set(sequence, bytes);
    const ready: Uint8Array[] = [];
    for (;;) {
      const next = this.#early.get(this.#expected);
      if (next === undefined) return ready;
      this.#early.delete(this.#expected);
      this.#expected++;
      ready.push(next);
    }
  }
}
