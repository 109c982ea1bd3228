// How far the memory of a timer queue reaches: in each key group it holds all timers in front of a
// bound, a place in the store's order, and knows nothing of those behind it.

import { present } from '../../../core/assert.ts';
import { compareBytes } from '../../../core/bytes.ts';
import { NO_TIMESTAMP } from '../../../stream/elements.ts';
import type { KeyGroupRange } from '../../state-handle.ts';

/** A place where nothing is known any more. */
interface Bound {
  /** Infinity: there is nothing behind. */
  timestamp: number;
  /** Undefined: at the first timer of this time. */
  entryKey: Uint8Array | undefined;
}

export class TimerBounds {
  readonly #first: number;
  readonly #bounds: Bound[] = [];
  /** Of all key groups; undefined while it has to be found anew. */
  #earliest: number | undefined;

  /** `isEmpty`: the store holds no timers, so all are known. */
  constructor({ first, last }: KeyGroupRange, isEmpty: boolean) {
    this.#first = first;
    const timestamp = isEmpty ? Number.POSITIVE_INFINITY : NO_TIMESTAMP;
    for (let group = first; group <= last; group++) {
      this.#bounds.push({ timestamp, entryKey: undefined });
    }
  }

  /** No timer that is not in memory comes before this; Infinity where all are in memory. */
  get earliest(): number {
    this.#earliest ??= this.#bounds.reduce(
      (earliest, { timestamp }) => Math.min(earliest, timestamp),
      Number.POSITIVE_INFINITY,
    );
    return this.#earliest;
  }

  /**
   * Whether a timer lies in front of its group's bound. Undefined: that depends on its bytes, see
   * isKeyInFront().
   */
  isInFront(keyGroup: number, timestamp: number): boolean | undefined {
    const bound = this.#of(keyGroup);
    return timestamp === bound.timestamp ? undefined : timestamp < bound.timestamp;
  }

  isKeyInFront(keyGroup: number, entryKey: Uint8Array): boolean {
    const bound = this.#of(keyGroup).entryKey;
    return bound !== undefined && compareBytes(entryKey, bound) < 0;
  }

  /** Where to read on; undefined: at the beginning of the group. */
  keyOf(keyGroup: number): Uint8Array | undefined {
    return this.#of(keyGroup).entryKey;
  }

  /** Groups that may have timers behind their bounds. */
  get openGroups(): number {
    return this.#open().length;
  }

  /**
   * The `count` groups that may have the earliest timers behind their bounds: at least one, if any
   * may have some up to `timestamp`.
   */
  firstGroups(timestamp: number, count: number): readonly number[] {
    if (this.earliest > timestamp) return [];
    const open = this.#open();
    open.sort((left, right) => this.#of(left).timestamp - this.#of(right).timestamp);
    return open.slice(0, Math.max(1, count));
  }

  set(keyGroup: number, timestamp: number, entryKey: Uint8Array | undefined): void {
    const bound = this.#of(keyGroup);
    bound.timestamp = timestamp;
    bound.entryKey = entryKey;
    this.#earliest = undefined;
  }

  #open(): number[] {
    const groups: number[] = [];
    for (const [index, { timestamp }] of this.#bounds.entries()) {
      if (timestamp !== Number.POSITIVE_INFINITY) groups.push(this.#first + index);
    }
    return groups;
  }

  #of(keyGroup: number): Bound {
    return present(this.#bounds[keyGroup - this.#first], `Cannot find key group ${keyGroup}`);
  }
}
