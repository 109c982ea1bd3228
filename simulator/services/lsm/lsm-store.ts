// A log-structured merge store on a virtual disk, in the shape of RocksDB without a write-ahead
// log: a memtable, flushed tables, merged tables, compaction behind the writes, checkpoints by
// links. Every call runs in turn, flushes and compactions among them. After one of these has
// failed, reads still see everything; writes and checkpoints fail with its error from then on. The
// synchronous variant answers at once, from memory, and does only its file work in turn.

import { type FileSystem, FileSystemError } from '../../../engine/environment/filesystem.ts';
import type {
  KeyRange,
  KeyValueCheckpoint,
  KeyValueEntry,
  KeyValueStore,
  KeyValueWrite,
  SynchronousKeyValueStore,
} from '../../../engine/environment/key-value-store.ts';
import { SerialCalls } from '../../../engine/environment/serial-calls.ts';
import { type Entry, keyBytes, keyText } from './entry.ts';
import { Memtable } from './memtable.ts';
import { findInTables, type Plan, runsOf, scanPlan } from './read-plan.ts';
import { StoreFiles } from './store-files.ts';
import { TableSet } from './table-set.ts';

export interface LsmStoreOptions {
  readonly driver: string;
  readonly directory: string;
  readonly readOnly: boolean;
  readonly synchronous: boolean;
  readonly writeBufferBytes: number;
  readonly blockCacheBytes: number;
}

export async function openLsmStore(
  filesystem: FileSystem,
  options: LsmStoreOptions,
): Promise<KeyValueStore> {
  const { directory, readOnly, synchronous, writeBufferBytes, blockCacheBytes } = options;
  const files = new StoreFiles(filesystem, directory);
  if (!readOnly) await files.makeDirectory();
  const manifest = await (readOnly ? files.readManifest() : files.readManifestIfAny());
  const tables = await TableSet.open(files, manifest, {
    writeBufferBytes,
    ...(synchronous ? {} : { blockCacheBytes }),
  });
  return new LsmStore(tables, options);
}

class LsmStore implements KeyValueStore {
  readonly driver: string;
  readonly synchronous: SynchronousKeyValueStore | undefined;
  readonly #tables: TableSet;
  readonly #options: LsmStoreOptions;
  readonly #calls = new SerialCalls();
  #memtable = new Memtable();
  /** Full ones that are still to be flushed, oldest first. */
  readonly #sealed: Memtable[] = [];
  #broken: FileSystemError | undefined;
  #closed: Promise<void> | undefined;

  constructor(tables: TableSet, options: LsmStoreOptions) {
    this.driver = options.driver;
    this.#tables = tables;
    this.#options = options;
    if (!options.synchronous) return;
    this.synchronous = {
      get: (key) => this.#now('read from store', () => this.#getNow(key)),
      scan: (range) => this.#now('scan store', () => this.#scanNow(range)),
      write: (writes) => this.#now('write to store', () => this.#write(writes)),
    };
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    const { synchronous } = this;
    if (synchronous !== undefined) return keys.map((key) => synchronous.get(key));
    return this.#inTurn('read from store', async () => {
      const values: (Uint8Array | undefined)[] = [];
      for (const key of keys) values.push(await this.#get(key));
      return values;
    });
  }

  async scan(range: KeyRange): Promise<readonly KeyValueEntry[]> {
    if (this.synchronous !== undefined) return this.synchronous.scan(range);
    return this.#inTurn('scan store', async () => {
      const found = await this.#tables.cache.follow(this.#scanPlan(range));
      return found.map(handOut);
    });
  }

  async write(writes: readonly KeyValueWrite[]): Promise<void> {
    if (this.synchronous !== undefined) this.synchronous.write(writes);
    else await this.#inTurn('write to store', async () => this.#write(writes));
  }

  async checkpoint(directory: string): Promise<KeyValueCheckpoint> {
    // Where writes act at once, those until now belong to it; elsewhere, those before its turn.
    const sealNow = this.synchronous === undefined ? undefined : { last: this.#seal() };
    return this.#inTurn('checkpoint store', async () => {
      this.#refuseWhereReadOnly('checkpoint store');
      const { last } = sealNow ?? { last: this.#seal() };
      await this.#maintain(last);
      if (this.#broken !== undefined) throw this.#broken;
      return this.#tables.checkpoint(directory);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#calls.run(async () => {
      await this.#maintain(this.#seal());
      if (this.#broken !== undefined) throw this.#broken;
    });
    return this.#closed;
  }

  #write(writes: readonly KeyValueWrite[]): void {
    this.#refuseWhereReadOnly('write to store');
    if (this.#broken !== undefined) throw this.#broken;
    for (const { key, value } of writes) this.#memtable.set(keyText(key), value);
    if (this.#memtable.sizeBytes < this.#options.writeBufferBytes) return;
    const sealed = this.#seal();
    void this.#calls.run(() => this.#maintain(sealed));
  }

  /** From now on writes go to another memtable. Returns the newest one that is full, if any. */
  #seal(): Memtable | undefined {
    if (!this.#memtable.isEmpty) {
      this.#sealed.push(this.#memtable);
      this.#memtable = new Memtable();
    }
    return this.#sealed.at(-1);
  }

  /** Flushes memtables up to and including `last`, and compacts if that is due. */
  async #maintain(last: Memtable | undefined): Promise<void> {
    if (this.#broken !== undefined || this.#options.readOnly) return;
    try {
      const dueCount = last === undefined ? 0 : this.#sealed.indexOf(last) + 1;
      for (const memtable of this.#sealed.slice(0, dueCount)) {
        await this.#tables.flush(memtable.from(''), () => this.#sealed.shift());
      }
      await this.#tables.compactIfDue();
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      this.#broken = error;
    }
  }

  async #get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const text = keyText(key);
    const { cache, version } = this.#tables;
    const entry = this.#inMemtables(text) ?? (await cache.follow(findInTables(version, text)));
    return entry?.value?.slice();
  }

  #getNow(key: Uint8Array): Uint8Array | undefined {
    const text = keyText(key);
    const { cache, version } = this.#tables;
    const entry = this.#inMemtables(text) ?? cache.followNow(findInTables(version, text));
    return entry?.value?.slice();
  }

  #scanNow(range: KeyRange): readonly KeyValueEntry[] {
    return this.#tables.cache.followNow(this.#scanPlan(range)).map(handOut);
  }

  #scanPlan({ from, to, limit = Number.POSITIVE_INFINITY }: KeyRange): Plan<readonly Entry[]> {
    const first = keyText(from);
    const memtables = [this.#memtable, ...this.#sealed.toReversed()];
    const runs = runsOf(memtables, this.#tables.version, first);
    return scanPlan(runs, { from: first, to: to === undefined ? undefined : keyText(to), limit });
  }

  #inMemtables(key: string): Entry | undefined {
    let entry = this.#memtable.get(key);
    for (let index = this.#sealed.length - 1; entry === undefined && index >= 0; index--) {
      entry = this.#sealed[index]?.get(key);
    }
    return entry;
  }

  #refuseWhereReadOnly(operation: string): void {
    const { readOnly, directory } = this.#options;
    if (readOnly) throw new FileSystemError('EROFS', operation, directory);
  }

  #inTurn<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.#now(operation, () => this.#calls.run(work));
  }

  #now<T>(operation: string, work: () => T): T {
    if (this.#closed === undefined) return work();
    const cause = new Error('The store is closed');
    throw new FileSystemError('EINVAL', operation, this.#options.directory, cause);
  }
}

/** Bytes of a block or a memtable are nobody's but the store's. */
function handOut({ key, value }: Entry): KeyValueEntry {
  return { key: keyBytes(key), value: value?.slice() ?? new Uint8Array() };
}
