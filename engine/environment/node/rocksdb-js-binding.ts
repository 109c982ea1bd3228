// The raw binding of @harperfast/rocksdb-js, as its platform package has it, with types. That is an
// interface inside another package: it may change with any release, so the version is pinned and
// nothing outside this file knows of it. Keys and values pass through buffers that both sides
// share.

import type { KeyValueEntry, KeyValueStoreOptions, KeyValueWrite } from '../key-value-store.ts';

interface RawDatabase {
  open(path: string, options: RawOptions): void;
  close(): void;
  flushSync(): void;
  /** A number is the length of what was put into the value buffer. */
  getSync(keyLength: number, flags: number): Uint8Array | number | undefined;
  putSync(key: Uint8Array, value: Uint8Array): void;
  removeSync(key: Uint8Array): void;
  createCheckpoint(resolve: () => void, reject: (error: unknown) => void, targetPath: string): void;
  setDefaultKeyBuffer(buffer: Uint8Array): void;
  setDefaultValueBuffer(buffer: Uint8Array): void;
  setIteratorState(buffer: Uint32Array): void;
}

interface RawOptions {
  readonly name: 'default';
  readonly mode: 'pessimistic';
  readonly disableWAL: boolean;
  readonly readOnly: boolean;
  readonly noBlockCache: boolean;
  readonly writeBufferSize: number;
  readonly maxWriteBufferNumber: number;
  readonly compression: string;
}

interface RawTransaction {
  putSync(key: Uint8Array, value: Uint8Array): void;
  removeSync(key: Uint8Array): void;
  commitSync(): void;
  abort(): void;
}

interface RawIterator {
  /** A number: one of the constants below. */
  next(): number | { readonly key: Uint8Array; readonly value: Uint8Array };
  return(): void;
}

export interface RocksDbJsBinding {
  readonly Database: new () => RawDatabase;
  readonly Transaction: new (
    database: RawDatabase,
    options: { readonly disableSnapshot: boolean },
  ) => RawTransaction;
  readonly Iterator: new (
    database: RawDatabase,
    flags: number,
    /** Both keys lie in the key buffer; an empty one is no bound. */
    ...[startEnd, endStart, endEnd]: readonly [number, number, number]
  ) => RawIterator;
  /** Of the whole process. */
  config(options: { readonly blockCacheSize: number }): void;
}

const ITERATOR_INCLUDE_VALUES = 8;
const ITERATOR_DONE = 0;
const WRITE_BUFFER_BYTES = 64 * 1024 * 1024;
const KEY_BUFFER_BYTES = 4 * 1024;
const VALUE_BUFFER_BYTES = 64 * 1024;
/** The key and the value that the iterator's last step has left in the buffers. */
const KEY_LENGTH = 0;
const VALUE_LENGTH = 1;

export function isRocksDbJsBinding(module: unknown): module is RocksDbJsBinding {
  const names = ['Database', 'Transaction', 'Iterator', 'config'];
  if (typeof module !== 'object' || module === null) return false;
  return names.every((name) => typeof Reflect.get(module, name) === 'function');
}

export class RocksDbJsDatabase {
  readonly #binding: RocksDbJsBinding;
  readonly #raw: RawDatabase;
  readonly #value = new Uint8Array(VALUE_BUFFER_BYTES);
  readonly #lengths = new Uint32Array(2);
  #key = new Uint8Array(KEY_BUFFER_BYTES);

  constructor(binding: RocksDbJsBinding, real: string, options: KeyValueStoreOptions) {
    const { readOnly = false, blockCacheBytes, writeBufferBytes, compression } = options;
    this.#binding = binding;
    if (blockCacheBytes !== undefined && blockCacheBytes > 0) {
      binding.config({ blockCacheSize: blockCacheBytes });
    }
    this.#raw = new binding.Database();
    this.#raw.open(real, {
      name: 'default',
      // Transactions that lock never have to be tried again, as optimistic ones may.
      mode: 'pessimistic',
      disableWAL: true,
      readOnly,
      noBlockCache: blockCacheBytes === 0,
      writeBufferSize: writeBufferBytes ?? WRITE_BUFFER_BYTES,
      maxWriteBufferNumber: 2,
      compression: compression ?? 'lz4',
    });
    this.#raw.setDefaultKeyBuffer(this.#key);
    this.#raw.setDefaultValueBuffer(this.#value);
    this.#raw.setIteratorState(this.#lengths);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#shareKeys(key);
    const found = this.#raw.getSync(key.length, 0);
    return typeof found === 'number' ? this.#value.slice(0, found) : plain(found);
  }

  /** Atomic. */
  write(writes: readonly KeyValueWrite[]): void {
    const [first] = writes;
    if (first === undefined) return;
    if (writes.length === 1) return apply(this.#raw, first);
    const transaction = new this.#binding.Transaction(this.#raw, { disableSnapshot: true });
    let isCommitted = false;
    try {
      for (const write of writes) apply(transaction, write);
      transaction.commitSync();
      isCommitted = true;
    } finally {
      if (!isCommitted) abortIfPossible(transaction);
    }
  }

  /**
   * Entries in [from, to), which must not be empty, until `take` says no. Throws where the iterator
   * meets damage.
   */
  scan(
    from: Uint8Array,
    to: Uint8Array | undefined,
    take: (entry: KeyValueEntry) => boolean,
  ): void {
    const startEnd = from.length;
    const end = startEnd + (to?.length ?? 0);
    this.#shareKeys(from, to);
    const { Iterator } = this.#binding;
    const iterator = new Iterator(this.#raw, ITERATOR_INCLUDE_VALUES, startEnd, startEnd, end);
    try {
      for (;;) {
        const step = iterator.next();
        if (step === ITERATOR_DONE) return;
        if (!take(typeof step === 'number' ? this.#nextEntry() : copyOf(step))) return;
      }
    } finally {
      iterator.return();
    }
  }

  flush(): void {
    this.#raw.flushSync();
  }

  checkpoint(real: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#raw.createCheckpoint(resolve, reject, real);
    });
  }

  close(): void {
    this.#raw.close();
  }

  /** One behind the other. */
  #shareKeys(first: Uint8Array, second?: Uint8Array): void {
    const length = first.length + (second?.length ?? 0);
    if (length > this.#key.length) {
      this.#key = new Uint8Array(2 * length);
      this.#raw.setDefaultKeyBuffer(this.#key);
    }
    this.#key.set(first);
    if (second !== undefined) this.#key.set(second, first.length);
  }

  /** What the iterator left in the shared buffers, as bytes of the caller's own. */
  #nextEntry(): KeyValueEntry {
    return {
      key: this.#key.slice(0, this.#lengths[KEY_LENGTH]),
      value: this.#value.slice(0, this.#lengths[VALUE_LENGTH]),
    };
  }
}

function apply(target: RawDatabase | RawTransaction, { key, value }: KeyValueWrite): void {
  if (value === undefined) target.removeSync(key);
  else target.putSync(key, value);
}

/** The error to tell is the one that came before. */
function abortIfPossible(transaction: RawTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It is over already.
  }
}

function copyOf({ key, value }: KeyValueEntry): KeyValueEntry {
  return { key: new Uint8Array(key), value: new Uint8Array(value) };
}

/** What slice() means for a Uint8Array, not for a Buffer. */
function plain(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined
    ? undefined
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
