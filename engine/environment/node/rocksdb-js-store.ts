// RocksDB through @harperfast/rocksdb-js: reads and writes on the caller's thread, no write-ahead
// log, compression, and RocksDB's own checkpoints. Those are taken on another thread, so what is
// written meanwhile waits on the heap.

import { mkdir, readdir, rm } from 'node:fs/promises';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { FileSystemError } from '../filesystem.ts';
import type {
  KeyRange,
  KeyValueCheckpoint,
  KeyValueEntry,
  KeyValueStore,
  KeyValueStoreOptions,
  KeyValueWrite,
  SynchronousKeyValueStore,
} from '../key-value-store.ts';
import { SerialCalls } from '../serial-calls.ts';
import { PendingWrites } from './pending-writes.ts';
import { closedError, storeError } from './rocksdb-errors.ts';
import { checkHasCurrent, checkpointOf } from './rocksdb-files.ts';
import { type RocksDbJsBinding, RocksDbJsDatabase } from './rocksdb-js-binding.ts';

/** Opens on the caller's thread; `toReal` says where paths lie on this machine. */
export function openRocksDbJs(
  binding: RocksDbJsBinding,
  options: KeyValueStoreOptions,
  toReal: (path: string) => string,
): KeyValueStore {
  const { directory, readOnly = false } = options;
  const real = toReal(directory);
  try {
    if (!readOnly) mkdirSync(real, { recursive: true });
    if (!readOnly) checkHasCurrent(readdirSync(real));
    const database = new RocksDbJsDatabase(binding, real, options);
    return new RocksDbJsStore(database, { directory, readOnly, toReal });
  } catch (error) {
    throw storeError('open store', directory, error);
  }
}

interface Place {
  readonly directory: string;
  readonly readOnly: boolean;
  readonly toReal: (path: string) => string;
}

class RocksDbJsStore implements KeyValueStore {
  readonly driver = 'rocksdb-js';
  readonly synchronous: SynchronousKeyValueStore;
  readonly #database: RocksDbJsDatabase;
  readonly #place: Place;
  readonly #checkpoints = new SerialCalls();
  readonly #pending = new PendingWrites();
  /** Set where writes that were accepted could not be made: from then on, reads would be wrong. */
  #broken: FileSystemError | undefined;
  #closed: Promise<void> | undefined;

  constructor(database: RocksDbJsDatabase, place: Place) {
    this.#database = database;
    this.#place = place;
    this.synchronous = {
      get: (key) => this.#call('read from store', () => this.#get(key)),
      scan: (range) => this.#call('scan store', () => this.#scan(range)),
      write: (writes) => this.#call('write to store', () => this.#write(writes)),
    };
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#call('read from store', () => keys.map((key) => this.#get(key)));
  }

  async scan(range: KeyRange): Promise<readonly KeyValueEntry[]> {
    return this.synchronous.scan(range);
  }

  async write(writes: readonly KeyValueWrite[]): Promise<void> {
    this.synchronous.write(writes);
  }

  async checkpoint(directory: string): Promise<KeyValueCheckpoint> {
    this.#call('checkpoint store', () => this.#refuseWhereReadOnly('checkpoint store'));
    this.#pending.beginStage();
    return this.#checkpoints.run(async () => {
      try {
        return await this.#take(directory);
      } catch (error) {
        throw storeError('checkpoint store to', directory, error);
      } finally {
        this.#settleOldestStage();
      }
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#checkpoints.idle();
    try {
      // Closing would flush as well, but would not tell of a failure.
      if (!this.#place.readOnly) this.#database.flush();
      this.#database.close();
    } catch (error) {
      throw storeError('close store', this.#place.directory, error);
    }
  }

  async #take(directory: string): Promise<KeyValueCheckpoint> {
    if (this.#broken !== undefined) throw this.#broken;
    const target = this.#place.toReal(directory);
    await mkdir(dirname(target), { recursive: true });
    await this.#database.checkpoint(target);
    try {
      return checkpointOf(await readdir(target));
    } catch (error) {
      await rm(target, { recursive: true, force: true });
      throw error;
    }
  }

  #settleOldestStage(): void {
    try {
      this.#database.write(this.#pending.takeOldestStage());
    } catch (error) {
      this.#broken ??= storeError('write to store', this.#place.directory, error);
    }
  }

  #get(key: Uint8Array): Uint8Array | undefined {
    const pending = this.#pending.isEmpty ? undefined : this.#pending.find(key);
    return pending === undefined ? this.#database.get(key) : pending.value?.slice();
  }

  #scan(range: KeyRange): readonly KeyValueEntry[] {
    if (this.#pending.isEmpty) return this.#scanDatabase(range);
    return this.#pending.scan(range, (below) => this.#scanDatabase(below));
  }

  #scanDatabase({ from, to, limit = Number.POSITIVE_INFINITY }: KeyRange): KeyValueEntry[] {
    const entries: KeyValueEntry[] = [];
    if (limit === 0) return entries;
    this.#database.scan(from, to, (entry) => {
      entries.push(entry);
      return entries.length < limit;
    });
    return entries;
  }

  #write(writes: readonly KeyValueWrite[]): void {
    this.#refuseWhereReadOnly('write to store');
    if (this.#pending.isEmpty) this.#database.write(writes);
    else this.#pending.add(writes);
  }

  #refuseWhereReadOnly(operation: string): void {
    if (!this.#place.readOnly) return;
    throw new FileSystemError('EROFS', operation, this.#place.directory);
  }

  #call<T>(operation: string, work: () => T): T {
    if (this.#closed !== undefined) throw closedError(operation, this.#place.directory);
    if (this.#broken !== undefined) throw this.#broken;
    try {
      return work();
    } catch (error) {
      throw storeError(operation, this.#place.directory, error);
    }
  }
}
