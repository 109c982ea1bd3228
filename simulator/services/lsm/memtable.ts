// The newest writes, in memory. Sorted when somebody asks.

import { type Entry, lowerBound } from './entry.ts';

/** What an entry takes in a table beyond key and value. */
const ENTRY_OVERHEAD_BYTES = 8;

export class Memtable {
  readonly #entries = new Map<string, Entry>();
  #sorted: readonly Entry[] | undefined;
  #sizeBytes = 0;

  /** Grows with every write, also of the same key, as a log-structured memtable does. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  set(key: string, value: Uint8Array | undefined): void {
    this.#entries.set(key, { key, value });
    this.#sizeBytes += key.length + (value?.length ?? 0) + ENTRY_OVERHEAD_BYTES;
    this.#sorted = undefined;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** All entries from `key` on, ascending. */
  from(key: string): readonly Entry[] {
    this.#sorted ??= [...this.#entries.values()].sort((left, right) =>
      left.key < right.key ? -1 : 1,
    );
    return this.#sorted.slice(lowerBound(this.#sorted, key, (entry) => entry.key));
  }
}
