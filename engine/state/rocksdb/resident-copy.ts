// All entries of the store once more in memory, for checkers: digests are asked for at a moment at
// which a store that only answers asynchronously cannot be read. Kept only where digests are
// tracked, which no production job does.

import type { KeyValueEntry } from '../../environment/key-value-store.ts';
import { stateIdOf } from './key-layout.ts';

export class ResidentCopy {
  readonly #states = new Map<number, Map<string, KeyValueEntry>>();

  put(key: Uint8Array, value: Uint8Array | undefined): void {
    const stateId = stateIdOf(key);
    let entries = this.#states.get(stateId);
    if (entries === undefined) {
      entries = new Map();
      this.#states.set(stateId, entries);
    }
    const id = key.join();
    if (value === undefined) entries.delete(id);
    else entries.set(id, { key, value });
  }

  entriesOf(stateId: number): Iterable<KeyValueEntry> {
    return this.#states.get(stateId)?.values() ?? [];
  }
}
