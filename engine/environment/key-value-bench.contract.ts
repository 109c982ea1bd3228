// What the KeyValueStore contract runs on: stores of one kind and the file system below them, and
// entries in numbers that no buffer holds.

import type { ExecutionContext } from 'ava';

import type { FileSystem } from './filesystem.ts';
import type { KeyValueStore, KeyValueStoreOptions, KeyValueStores } from './key-value-store.ts';
import { put } from './key-value-vocabulary.contract.ts';

/** Fresh: its file system is empty. */
export interface StoresUnderTest {
  readonly stores: KeyValueStores;
  /** Where the directories of the stores are seen. */
  readonly filesystem: FileSystem;
  /** For every store; with a write buffer so small that tests fill several. */
  readonly options: Pick<KeyValueStoreOptions, 'driver' | 'writeBufferBytes'>;
}

export type OpenStores = (t: ExecutionContext) => Promise<StoresUnderTest>;

export class StoreBench {
  readonly filesystem: FileSystem;
  readonly #t: ExecutionContext;
  readonly #under: StoresUnderTest;

  constructor(t: ExecutionContext, under: StoresUnderTest) {
    this.filesystem = under.filesystem;
    this.#t = t;
    this.#under = under;
  }

  async open(directory = '/disk/store', readOnly = false): Promise<KeyValueStore> {
    const { stores, options } = this.#under;
    const store = await stores.open({ ...options, directory, readOnly });
    this.#t.teardown(() => store.close());
    return store;
  }
}

/** Enough to fill any write buffer of a test several times. */
export async function fill(store: KeyValueStore, round: string, count = 4_000): Promise<void> {
  for (let start = 0; start < count; start += 100) {
    const indices = Array.from({ length: Math.min(100, count - start) }, (_, at) => start + at);
    await store.write(indices.map((index) => put(numbered(index), `${round}${'.'.repeat(60)}`)));
  }
}

export function numbered(index: number): string {
  return `key ${String(index).padStart(6, '0')}`;
}
