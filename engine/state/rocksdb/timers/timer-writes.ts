// What the store does not know yet of the timers of one queue. A timer that is set and gone before
// anything is written never reaches the store.

import type { KeyValueWrite } from '../../../environment/key-value-store.ts';
import type { TimerNode } from '../../heap/timer-index.ts';
import type { PendingWrites } from '../working-set.ts';

/** A timer that is held in memory. */
export interface StoredTimer<N> extends TimerNode<N> {
  /** Made when it is needed first. */
  entryKey: Uint8Array | undefined;
  /** The store has it, or it stands in what is to be written. */
  isStored: boolean;
  /** No longer in memory. */
  isGone: boolean;
}

export class TimerWrites<N> implements PendingWrites {
  readonly #keyOf: (timer: StoredTimer<N>) => Uint8Array;
  readonly #value: Uint8Array;
  /** In the order in which they came about. */
  #writes: KeyValueWrite[] = [];
  /** In memory, or gone since. None has the key of a write that comes after it. */
  #unsaved: StoredTimer<N>[] = [];

  /** `value`: of every timer in the store. */
  constructor(keyOf: (timer: StoredTimer<N>) => Uint8Array, value: Uint8Array) {
    this.#keyOf = keyOf;
    this.#value = value;
  }

  get count(): number {
    return this.#writes.length + this.#unsaved.length;
  }

  /** It is in memory, and new. */
  add(timer: StoredTimer<N>): void {
    this.#unsaved.push(timer);
  }

  put(entryKey: Uint8Array): void {
    this.#writes.push({ key: entryKey, value: this.#value });
  }

  delete(entryKey: Uint8Array): void {
    this.#writes.push({ key: entryKey, value: undefined });
  }

  take(): readonly KeyValueWrite[] {
    const writes = this.#writes;
    for (const timer of this.#unsaved) {
      if (timer.isGone) continue;
      timer.isStored = true;
      writes.push({ key: this.#keyOf(timer), value: this.#value });
    }
    this.#writes = [];
    this.#unsaved = [];
    return writes;
  }
}
