// The keys that are held in memory, up to a budget of bytes. Which go first: those that were not
// used for a round of eviction (the clock algorithm), so that using a key costs nothing but a mark.

import type { LookupKey } from '../lookup-key.ts';
import type { CachedKey } from './cached-key.ts';

/** What a key costs besides its bytes, roughly: objects and Maps. */
const KEY_OVERHEAD_BYTES = 256;

export class KeyCache {
  readonly #budgetBytes: number;
  readonly #keys = new Map<LookupKey, CachedKey>();
  /** Keys of this round stay. */
  round = 1;
  #sizeBytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  get isFull(): boolean {
    return this.#sizeBytes > this.#budgetBytes;
  }

  get size(): number {
    return this.#keys.size;
  }

  find(lookup: LookupKey): CachedKey | undefined {
    return this.#keys.get(lookup);
  }

  add(key: CachedKey): void {
    key.sizeBytes = KEY_OVERHEAD_BYTES + key.prefix.length;
    this.#sizeBytes += key.sizeBytes;
    this.#keys.set(key.lookup, key);
  }

  remove(key: CachedKey): void {
    if (this.#keys.delete(key.lookup)) this.#sizeBytes -= key.sizeBytes;
  }

  grow(key: CachedKey, bytes: number): void {
    key.sizeBytes += bytes;
    this.#sizeBytes += bytes;
  }

  /**
   * Down to three quarters of the budget, as far as keys of earlier rounds reach. Nothing of them
   * may still have to be written. Returns how many went.
   */
  evict(): number {
    const target = this.#budgetBytes - this.#budgetBytes / 4;
    const before = this.#keys.size;
    let second = before;
    for (const key of this.#keys.values()) {
      if (this.#sizeBytes <= target || second-- < 0) break;
      if (key.round >= this.round) this.#toTheEnd(key);
      else this.remove(key);
    }
    return before - this.#keys.size;
  }

  #toTheEnd(key: CachedKey): void {
    this.#keys.delete(key.lookup);
    this.#keys.set(key.lookup, key);
  }
}
