// RocksDB through `rocksdb-native`. Every call of that binding runs on a thread of its own, so
// calls are made one at a time: that is what gives them their order. It has no call for
// checkpoints, but it can be suspended: then no file of the database changes, and the files can be
// linked. Its write- ahead log cannot be switched off, and it chooses neither compression nor the
// size of its cache.

import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { FileSystemError } from '../filesystem.ts';
import type {
  KeyRange,
  KeyValueCheckpoint,
  KeyValueEntry,
  KeyValueStore,
  KeyValueStoreOptions,
  KeyValueWrite,
} from '../key-value-store.ts';
import { SerialCalls } from '../serial-calls.ts';
import { closedError, storeError } from './rocksdb-errors.ts';
import { checkHasCurrent, checkpointOf, isImmutable } from './rocksdb-files.ts';

/** The part of the package that is used here; it comes without types. */
interface NativeDatabase {
  ready(): Promise<void>;
  close(): Promise<void>;
  flush(): Promise<void>;
  suspend(): Promise<void>;
  resume(): Promise<void>;
  read(options: { capacity: number; autoDestroy: boolean }): {
    get(key: Uint8Array): Promise<Uint8Array | null>;
    flush(): Promise<void>;
  };
  write(options: { capacity: number; autoDestroy: boolean }): {
    tryPut(key: Uint8Array, value: Uint8Array): void;
    tryDelete(key: Uint8Array): void;
    flush(): Promise<void>;
  };
  iterator(
    range: { gte: Uint8Array; lt?: Uint8Array },
    options: { limit: number; capacity: number },
  ): AsyncIterable<KeyValueEntry>;
}

export type NativeConstructor = new (
  path: string,
  options: {
    readonly readOnly: boolean;
    readonly createIfMissing: boolean;
    readonly blockCache: boolean;
    readonly writeBufferSize: number;
  },
) => NativeDatabase;

/** Entries that one call of the iterator fetches: beyond it, scans get no faster. */
const SCAN_CAPACITY = 1_024;
const WRITE_BUFFER_BYTES = 64 * 1024 * 1024;
/** Files of a database that a checkpoint takes as copies, as the database goes on writing them. */
const COPIED = /^(CURRENT|IDENTITY|MANIFEST-\d+|OPTIONS-\d+)$/;

/** `real` is where `options.directory` lies on this machine. */
export async function openRocksDbNative(
  Database: NativeConstructor,
  options: KeyValueStoreOptions,
  toReal: (path: string) => string,
): Promise<KeyValueStore> {
  const { directory, readOnly = false, blockCacheBytes, writeBufferBytes } = options;
  const real = toReal(directory);
  try {
    if (!readOnly) await mkdir(real, { recursive: true });
    if (!readOnly) checkHasCurrent(await readdir(real));
    const database = new Database(real, {
      readOnly,
      createIfMissing: !readOnly,
      blockCache: blockCacheBytes !== 0,
      writeBufferSize: writeBufferBytes ?? WRITE_BUFFER_BYTES,
    });
    await database.ready();
    return new RocksDbNativeStore(database, { directory, readOnly, toReal });
  } catch (error) {
    throw storeError('open store', directory, error);
  }
}

interface Place {
  readonly directory: string;
  readonly readOnly: boolean;
  readonly toReal: (path: string) => string;
}

class RocksDbNativeStore implements KeyValueStore {
  readonly driver = 'rocksdb-native';
  readonly synchronous = undefined;
  readonly #database: NativeDatabase;
  readonly #place: Place;
  readonly #calls = new SerialCalls();
  #closed: Promise<void> | undefined;

  constructor(database: NativeDatabase, place: Place) {
    this.#database = database;
    this.#place = place;
  }

  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#call('read from store', this.#place.directory, async () => {
      if (keys.length === 0) return [];
      const batch = this.#database.read({ capacity: keys.length, autoDestroy: true });
      const values = keys.map((key) => batch.get(key));
      const [found] = await Promise.all([Promise.all(values), batch.flush()]);
      return found.map((value) => (value === null ? undefined : plainBytes(value)));
    });
  }

  scan(range: KeyRange): Promise<readonly KeyValueEntry[]> {
    return this.#call('scan store', this.#place.directory, async () => {
      const { from, to, limit = Number.POSITIVE_INFINITY } = range;
      const entries: KeyValueEntry[] = [];
      if (limit === 0) return entries;
      const bounds = { gte: from, ...(to === undefined ? {} : { lt: to }) };
      const capacity = Math.min(limit, SCAN_CAPACITY);
      for await (const { key, value } of this.#database.iterator(bounds, { limit, capacity })) {
        entries.push({ key: plainBytes(key), value: plainBytes(value) });
      }
      return entries;
    });
  }

  write(writes: readonly KeyValueWrite[]): Promise<void> {
    return this.#call('write to store', this.#place.directory, async () => {
      if (this.#place.readOnly) throw this.#error('EROFS', 'write to store');
      if (writes.length === 0) return;
      const batch = this.#database.write({ capacity: writes.length, autoDestroy: true });
      for (const { key, value } of writes) {
        if (value === undefined) batch.tryDelete(key);
        else batch.tryPut(key, value);
      }
      await batch.flush();
    });
  }

  checkpoint(directory: string): Promise<KeyValueCheckpoint> {
    return this.#call('checkpoint store to', directory, async () => {
      if (this.#place.readOnly) throw this.#error('EROFS', 'checkpoint store');
      const target = this.#place.toReal(directory);
      await mkdir(dirname(target), { recursive: true });
      await mkdir(target);
      try {
        await this.#database.flush();
        return checkpointOf(await this.#copyTo(target));
      } catch (error) {
        await rm(target, { recursive: true, force: true });
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#calls.run(async () => {
      try {
        await this.#database.close();
      } catch (error) {
        throw storeError('close store', this.#place.directory, error);
      }
    });
    return this.#closed;
  }

  /** While it is suspended, the database neither adds nor removes a file, nor changes one. */
  async #copyTo(target: string): Promise<readonly string[]> {
    const source = this.#place.toReal(this.#place.directory);
    await this.#database.suspend();
    try {
      const names = await readdir(source);
      const taken = names.filter((name) => isImmutable(name) || COPIED.test(name));
      for (const name of taken) {
        const take = isImmutable(name) ? link : copyFile;
        await take(`${source}/${name}`, `${target}/${name}`);
      }
      return taken;
    } finally {
      await this.#database.resume();
    }
  }

  async #call<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw closedError(operation, path);
    try {
      return await this.#calls.run(work);
    } catch (error) {
      throw storeError(operation, path, error);
    }
  }

  #error(code: 'EROFS', operation: string): FileSystemError {
    return new FileSystemError(code, operation, this.#place.directory);
  }
}

/** Callers expect what slice() means for a Uint8Array; a Buffer's shares the bytes. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
