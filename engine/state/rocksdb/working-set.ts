// The part of the store that is in memory, and the way in and out. All states of one backend share
// it. Where the store answers only asynchronously, entries of a key are fetched before its records
// are processed and reads never leave memory; a synchronous store is read when something is
// missing. Writes go to memory and, in batches, to the store behind.

import { assert, InvariantViolation } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import { sometimes } from '../../core/sometimes.ts';
import type {
  KeyValueEntry,
  KeyValueStore,
  KeyValueWrite,
  SynchronousKeyValueStore,
} from '../../environment/key-value-store.ts';
import { VOID_NAMESPACE } from '../../stream/serializers/void-namespace.ts';
import type { KeyContext } from '../heap/key-context.ts';
import type { Cell, KeyCells } from './cached-key.ts';
import { CachedKey, emptyCells, fetchedCell } from './cached-key.ts';
import { KeyCache } from './key-cache.ts';
import type { KeyLayout } from './key-layout.ts';
import { ListTail } from './list-tail.ts';
import type { ResidentCopy } from './resident-copy.ts';
import type { RegisteredState } from './state-registry.ts';
import { WriteBuffer } from './write-buffer.ts';

/** Flink's state.backend.rocksdb.write-batch-size. */
const WRITE_BATCH_BYTES = 2 * 1024 * 1024;
/** What one call takes: more come about where a savepoint is read. All calls are made at once. */
const WRITE_BATCH_ENTRIES = 8192;
/**
 * Written by the caller's own thread, which records wait for: what gathers until a snapshot takes
 * it takes tens of milliseconds at most. More in one call makes each entry more costly.
 */
const SYNCHRONOUS_BUFFER_ENTRIES = 4096;
const SYNCHRONOUS_BATCH_ENTRIES = 1024;
const CELL_OVERHEAD_BYTES = 128;

/** Writes that somebody else gathers, for entries that are not held by key. */
export interface PendingWrites {
  readonly count: number;
  /** All of them; from now on the store is taken to have them. */
  take(): readonly KeyValueWrite[];
}

export interface WorkingSetOptions {
  readonly store: KeyValueStore;
  readonly context: KeyContext;
  readonly layout: KeyLayout;
  readonly cacheBytes: number;
  readonly resident: ResidentCopy | undefined;
}

export class WorkingSet {
  readonly store: KeyValueStore;
  readonly context: KeyContext;
  readonly layout: KeyLayout;
  readonly cache: KeyCache;
  readonly resident: ResidentCopy | undefined;
  readonly synchronous: SynchronousKeyValueStore | undefined;
  readonly #buffer = new WriteBuffer();
  readonly #pending: PendingWrites[] = [];
  #current: CachedKey | undefined;
  #currentEpoch = -1;
  #failure: unknown;

  constructor(options: WorkingSetOptions) {
    this.store = options.store;
    this.context = options.context;
    this.layout = options.layout;
    this.cache = new KeyCache(options.cacheBytes);
    this.resident = options.resident;
    this.synchronous = options.store.synchronous;
    this.context.onWrap(() => {
      this.#current = undefined;
    });
  }

  /** What a write that went wrong left: the store lacks entries, so nothing may go on. */
  get failure(): unknown {
    return this.#failure;
  }

  get hasToFlush(): boolean {
    const { hasUncached, sizeBytes, count } = this.#buffer;
    if (hasUncached || sizeBytes > WRITE_BATCH_BYTES) return true;
    if (count > 0 && buggify('a write buffer is written out early')) return true;
    if (this.#pending.some((each) => each.count > WRITE_BATCH_ENTRIES)) return true;
    return this.synchronous !== undefined && count > SYNCHRONOUS_BUFFER_ENTRIES;
  }

  /** They go with whatever is written next. */
  addPending(writes: PendingWrites): void {
    this.#pending.push(writes);
  }

  /** The current key's entries. Asserts that the key was prepared where it has to be. */
  current(): CachedKey {
    const { epoch } = this.context;
    if (epoch === this.#currentEpoch && this.#current !== undefined) return this.#current;
    const found = this.cache.find(this.context.lookup) ?? this.#load();
    found.round = this.cache.round;
    this.#current = found;
    this.#currentEpoch = epoch;
    return found;
  }

  newKey(key: unknown, lookup: CachedKey['lookup']): CachedKey {
    const keyGroup = this.context.groupOf(key);
    const cached = new CachedKey(lookup, keyGroup, this.layout.keyPrefix(keyGroup, key));
    cached.round = this.cache.round;
    this.cache.add(cached);
    return cached;
  }

  /** An entry of the current key that is being written, or was found missing or there. */
  newCell(key: CachedKey, entryKey: Uint8Array, bytes: Uint8Array | undefined): Cell {
    this.cache.grow(key, CELL_OVERHEAD_BYTES + entryKey.length + (bytes?.length ?? 0));
    return { entryKey, bytes, tail: undefined, isDirty: false };
  }

  /** What was fetched of a key; it is sorted in when the state is used. */
  keep(key: CachedKey, stateId: number, entries: readonly KeyValueEntry[]): void {
    const cells: KeyCells<unknown> = key.states[stateId] ?? emptyCells();
    key.states[stateId] = cells;
    for (const entry of entries) {
      cells.fetched.push(entry);
      this.cache.grow(key, CELL_OVERHEAD_BYTES + entry.key.length + entry.value.length);
    }
  }

  /**
   * The same of a state that has one entry of the key at most, without a namespace: in its place.
   */
  keepSingle(key: CachedKey, stateId: number, entry: KeyValueEntry): void {
    if (key.states[stateId] !== undefined) return this.keep(key, stateId, [entry]);
    const cells = emptyCells<Cell>();
    cells.byNamespace.set(VOID_NAMESPACE, fetchedCell(entry));
    key.states[stateId] = cells;
    this.cache.grow(key, CELL_OVERHEAD_BYTES + entry.key.length + entry.value.length);
  }

  set(key: CachedKey, state: RegisteredState, cell: Cell, bytes: Uint8Array | undefined): void {
    const before = (cell.bytes?.length ?? 0) + (cell.tail?.sizeBytes ?? 0);
    this.cache.grow(key, (bytes?.length ?? 0) - before);
    cell.bytes = bytes;
    cell.tail = undefined;
    state.mayHaveEntries = true;
    this.#buffer.addCell(cell);
    this.resident?.put(cell.entryKey, bytes);
  }

  /** To a list that is there, of today's schema. */
  append(key: CachedKey, cell: Cell, elements: Uint8Array, count: number): void {
    cell.tail ??= new ListTail();
    cell.tail.add(elements, count);
    this.cache.grow(key, elements.length);
    this.#buffer.addCell(cell);
  }

  /** Puts a list together that was added to. */
  settle(cell: Cell): void {
    if (cell.tail === undefined || cell.bytes === undefined) return;
    cell.bytes = cell.tail.behind(cell.bytes);
    cell.tail = undefined;
    this.resident?.put(cell.entryKey, cell.bytes);
  }

  /** All of them: before they are written, and before all entries are looked at. */
  settleLists(): void {
    this.#buffer.forEachTail((cell) => this.settle(cell));
  }

  forget(key: CachedKey, cell: Cell): void {
    this.cache.grow(key, -CELL_OVERHEAD_BYTES - cell.entryKey.length);
  }

  /** An entry of a key that is not in memory. */
  write(state: RegisteredState, write: KeyValueWrite): void {
    state.mayHaveEntries = true;
    this.#buffer.addUncached(write);
    this.resident?.put(write.key, write.value);
  }

  /**
   * Gives everything to the store; its reads see it from now on. Undefined where that is done when
   * this returns. A rejection stays known as `failure`.
   */
  flush(): Promise<void> | undefined {
    this.#gather();
    if (this.#buffer.isEmpty) return undefined;
    this.settleLists();
    if (this.synchronous === undefined) return this.#write(this.#buffer.take());
    this.flushNow();
    return undefined;
  }

  /** The same where the store answers at once. */
  flushNow(): void {
    const { synchronous } = this;
    assert(synchronous !== undefined, 'Cannot write at once: the store answers asynchronously');
    this.#gather();
    if (this.#buffer.isEmpty) return;
    this.settleLists();
    try {
      for (const batch of batchesOf(this.#buffer.take(), SYNCHRONOUS_BATCH_ENTRIES)) {
        synchronous.write(batch);
      }
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Makes room. Everything that goes must have been flushed. */
  evict(): void {
    const evicted = this.cache.evict();
    sometimes(evicted > 0, 'keys of a RocksDB backend leave the cache');
    this.#current = undefined;
    this.context.renew();
  }

  /** For a synchronous store: what prepareKeys() does besides reading. */
  trim(): void {
    if (!this.cache.isFull && !this.hasToFlush) return;
    this.flushNow();
    this.cache.round++;
    if (this.cache.isFull) this.evict();
  }

  /** All entries of a state, as they are now. Where the store only answers later: `resident`. */
  entriesOf(stateId: number): Iterable<KeyValueEntry> {
    this.settleLists();
    if (this.resident !== undefined) return this.resident.entriesOf(stateId);
    const { synchronous } = this;
    assert(synchronous !== undefined, 'Cannot list entries: the store answers asynchronously');
    this.flushNow();
    return synchronous.scan(this.layout.rangeOfState(stateId));
  }

  #gather(): void {
    for (const each of this.#pending) {
      for (const write of each.take()) this.#buffer.addUncached(write);
    }
  }

  #load(): CachedKey {
    if (this.synchronous === undefined) throw unprepared(this.context.lookup);
    this.trim();
    return this.newKey(this.context.key, this.context.lookup);
  }

  async #write(writes: readonly KeyValueWrite[]): Promise<void> {
    const batches = batchesOf(writes, WRITE_BATCH_ENTRIES);
    try {
      await Promise.all(batches.map((batch) => this.store.write(batch)));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}

function batchesOf(writes: readonly KeyValueWrite[], size: number): (readonly KeyValueWrite[])[] {
  if (writes.length <= size) return [writes];
  const batches: (readonly KeyValueWrite[])[] = [];
  for (let start = 0; start < writes.length; start += size) {
    batches.push(writes.slice(start, start + size));
  }
  return batches;
}

/** Apart from the check, so that no message is put together while all is well. */
function unprepared(key: CachedKey['lookup']): InvariantViolation {
  return new InvariantViolation(`Cannot use the state of key ${String(key)}: it was not prepared`);
}
