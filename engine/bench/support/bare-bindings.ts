// The bindings below the RocksDB backend, used directly and as their authors would: what is left of
// their throughput is what the backend is measured by. Ordered calls, one batch at a time.

import { mkdirSync } from 'node:fs';

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Reads and writes of whole batches, and iteration over [from, to). */
export interface BareStore {
  /** In the order of `keys`; every one of them is there. */
  readMany(keys: readonly Uint8Array[]): Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  writeMany(keys: readonly Uint8Array[], values: readonly Uint8Array[]): Promise<void> | undefined;
  /** Makes each entry the caller's own; how many bytes the values of the range have. */
  iterate(from: Uint8Array, to: Uint8Array): Promise<number> | number;
  close(): Promise<void> | undefined;
}

export type BareDriver = 'rocksdb-native' | 'rocksdb-js';

/** `directory`: on this machine. */
export async function openBare(driver: BareDriver, directory: string): Promise<BareStore> {
  mkdirSync(directory, { recursive: true });
  if (driver === 'rocksdb-native') return openNative(directory);
  return openJs(directory);
}

interface NativeDatabase {
  ready(): Promise<void>;
  close(): Promise<void>;
  read(options: object): { get(key: Uint8Array): Promise<Uint8Array>; flush(): Promise<void> };
  write(options: object): {
    tryPut(key: Uint8Array, value: Uint8Array): void;
    flush(): Promise<void>;
  };
  iterator(range: object, options: object): AsyncIterable<Entry>;
}

const WRITE_BUFFER_BYTES = 64 * 1024 * 1024;
const PAGE_ENTRIES = 1_024;

async function openNative(directory: string): Promise<BareStore> {
  const Database = (await importDefault('rocksdb-native')) as new (
    path: string,
    options: object,
  ) => NativeDatabase;
  const database = new Database(directory, { writeBufferSize: WRITE_BUFFER_BYTES });
  await database.ready();
  return {
    async readMany(keys) {
      const batch = database.read({ capacity: keys.length, autoDestroy: true });
      const values = keys.map((key) => batch.get(key));
      const [found] = await Promise.all([Promise.all(values), batch.flush()]);
      return found;
    },
    async writeMany(keys, values) {
      const batch = database.write({ capacity: keys.length, autoDestroy: true });
      for (const [index, key] of keys.entries()) batch.tryPut(key, values[index] ?? key);
      await batch.flush();
    },
    async iterate(from, to) {
      let bytes = 0;
      const entries = database.iterator({ gte: from, lt: to }, { capacity: PAGE_ENTRIES });
      for await (const { key, value } of entries) bytes += sizeOf(key, value);
      return bytes;
    },
    close: () => database.close(),
  };
}

interface JsDatabase {
  open(path: string, options: object): void;
  close(): void;
  getSync(keyLength: number, flags: number): Uint8Array | number | undefined;
  setDefaultKeyBuffer(buffer: Uint8Array): void;
  setDefaultValueBuffer(buffer: Uint8Array): void;
  setIteratorState(buffer: Uint32Array): void;
}

interface JsBinding {
  readonly Database: new () => JsDatabase;
  readonly Transaction: new (
    database: JsDatabase,
    options: object,
  ) => { putSync(key: Uint8Array, value: Uint8Array): void; commitSync(): void };
  readonly Iterator: new (
    database: JsDatabase,
    flags: number,
    ...bounds: readonly [number, number, number]
  ) => { next(): number | Entry; return(): void };
}

const WITH_VALUES = 8;
const BUFFER_BYTES = 64 * 1024;

async function openJs(directory: string): Promise<BareStore> {
  const binding = (await importDefault('@harperfast/rocksdb-js-linux-x64-glibc')) as JsBinding;
  const database = new binding.Database();
  database.open(directory, {
    name: 'default',
    mode: 'pessimistic',
    disableWAL: true,
    writeBufferSize: WRITE_BUFFER_BYTES,
    maxWriteBufferNumber: 2,
    compression: 'lz4',
  });
  const key = new Uint8Array(BUFFER_BYTES);
  const value = new Uint8Array(BUFFER_BYTES);
  const lengths = new Uint32Array(2);
  database.setDefaultKeyBuffer(key);
  database.setDefaultValueBuffer(value);
  database.setIteratorState(lengths);
  return {
    readMany: (keys) =>
      keys.map((each) => {
        key.set(each);
        const found = database.getSync(each.length, 0);
        return typeof found === 'number' ? value.slice(0, found) : (found ?? each);
      }),
    writeMany(keys, values) {
      const transaction = new binding.Transaction(database, { disableSnapshot: true });
      for (const [index, each] of keys.entries()) transaction.putSync(each, values[index] ?? each);
      transaction.commitSync();
      return undefined;
    },
    iterate(from, to) {
      key.set(from);
      key.set(to, from.length);
      const { length } = from;
      const iterator = new binding.Iterator(
        database,
        WITH_VALUES,
        length,
        length,
        length + to.length,
      );
      let bytes = 0;
      for (let step = iterator.next(); step !== 0; step = iterator.next()) {
        if (typeof step !== 'number') bytes += sizeOf(step.key, step.value);
        else bytes += sizeOf(key.slice(0, lengths[0]), value.slice(0, lengths[1]));
      }
      iterator.return();
      return bytes;
    },
    close() {
      database.close();
      return undefined;
    },
  };
}

/** Of the value; an entry without a key would be none. */
function sizeOf(key: Uint8Array, value: Uint8Array): number {
  return key.length > 0 ? value.length : 0;
}

/** Optional packages without types. */
async function importDefault(name: string): Promise<unknown> {
  const module: unknown = await import(name);
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  return module;
}
