// Timers of one service in the store, as many as the disk holds. The first ones are in memory too:
// of each key group all in front of a bound. What lies behind is written blindly, and fetched when
// its time has come. Reads never leave memory, unless the store answers at once.

import { assert } from '../../../core/assert.ts';
import { compareBytes } from '../../../core/bytes.ts';
import { sometimes } from '../../../core/sometimes.ts';
import type { KeyRange, KeyValueEntry } from '../../../environment/key-value-store.ts';
import { ByteReader } from '../../../stream/byte-reader.ts';
import { ByteWriter } from '../../../stream/byte-writer.ts';
import { MAX_WATERMARK } from '../../../stream/elements.ts';
import type { TypeSerializer } from '../../../stream/type-serializer.ts';
import { keyGroupOfTimer } from '../../heap/heap-timer-queue.ts';
import { TimerHeap } from '../../heap/timer-heap.ts';
import { TimerIndex } from '../../heap/timer-index.ts';
import { lookupKeyOf } from '../../lookup-key.ts';
import type { InternalTimer, TimerQueue } from '../../state-backend.ts';
import { behind } from '../scan-pages.ts';
import type { RegisteredState } from '../state-registry.ts';
import type { WorkingSet } from '../working-set.ts';
import { TimerBounds } from './timer-bounds.ts';
import type { TimerParts } from './timer-key.ts';
import { readTimerKey, timerKey } from './timer-key.ts';
import { type StoredTimer, TimerWrites } from './timer-writes.ts';

/** Reads that are under way at once. */
const GROUPS_AT_ONCE = 64;
/** Also where there is no room: it is made then. */
const GROUPS_MIN = 8;

export interface StoredTimerQueueOptions<N> {
  readonly working: WorkingSet;
  readonly state: RegisteredState;
  /** Of the void that timers have as content. */
  readonly schema: number;
  readonly namespace: TypeSerializer<N>;
  /** So many timers are held in memory at most. */
  readonly cacheSize: number;
}

interface GroupRead {
  readonly keyGroup: number;
  readonly range: KeyRange & { readonly limit: number };
}

export class StoredTimerQueue<N> implements TimerQueue<N> {
  readonly state: RegisteredState;
  readonly #options: StoredTimerQueueOptions<N>;
  readonly #heap = new TimerHeap<StoredTimer<N>>();
  readonly #index = new TimerIndex<N, StoredTimer<N>>();
  readonly #bounds: TimerBounds;
  readonly #writes: TimerWrites<N>;
  /** Of each timer in the store. */
  readonly #value: Uint8Array;
  #sequence = 0;

  constructor(options: StoredTimerQueueOptions<N>) {
    const { working, state, schema } = options;
    this.#options = options;
    this.state = state;
    this.#bounds = new TimerBounds(working.context.range, !state.mayHaveEntries);
    this.#value = valueOf(schema);
    this.#writes = new TimerWrites((timer) => this.#keyOf(timer), this.#value);
    working.addPending(this.#writes);
  }

  get size(): number | undefined {
    return this.hasAllUpTo(MAX_WATERMARK) ? this.#heap.size : undefined;
  }

  get earliest(): number | undefined {
    const first = this.#heap.first?.timestamp ?? Number.POSITIVE_INFINITY;
    const earliest = Math.min(first, this.#bounds.earliest);
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  }

  add(timer: InternalTimer<N>): boolean {
    const { timestamp } = timer;
    assert(Number.isSafeInteger(timestamp), 'Cannot set a timer: its time is not an integer');
    const before = this.earliest ?? Number.POSITIVE_INFINITY;
    const node = this.#nodeOf({ ...timer, keyGroup: this.#groupOf(timer) });
    if (this.#isInFront(node)) {
      if (!this.#insert(node)) return false;
      this.#writes.add(node);
      this.#noteResident(node, true);
      this.#shrink();
    } else {
      this.#writes.put(this.#keyOf(node));
      this.#noteResident(node, true);
    }
    this.state.mayHaveEntries = true;
    return timestamp < before;
  }

  remove(timer: InternalTimer<N>): boolean {
    const node = this.#nodeOf({ ...timer, keyGroup: this.#groupOf(timer) });
    if (!this.#isInFront(node)) {
      this.#writes.delete(this.#keyOf(node));
      this.#noteResident(node, false);
      return false;
    }
    const found = this.#index.find(node.timestamp, node.lookup, node.namespaceLookup);
    if (found === undefined) return false;
    const isHead = found === this.#heap.first;
    this.#delete(found);
    return isHead;
  }

  peek(): InternalTimer<N> | undefined {
    if (this.needsFetch(MAX_WATERMARK)) {
      if (this.#options.working.synchronous === undefined) return undefined;
      this.#fetchNow();
    }
    return this.#heap.first;
  }

  poll(): InternalTimer<N> | undefined {
    if (this.peek() === undefined) return undefined;
    const head = this.#heap.first;
    if (head !== undefined) this.#delete(head);
    return head;
  }

  keysUpTo(timestamp: number, limit: number): readonly unknown[] {
    const known = Math.min(timestamp, this.#bounds.earliest);
    return this.#heap.upTo(known, limit).map(({ key }) => key);
  }

  /** All timers up to `timestamp` are in memory. */
  hasAllUpTo(timestamp: number): boolean {
    return this.#bounds.earliest > timestamp;
  }

  /** Nobody knows which timer up to `timestamp` is the first, or whether there is one. */
  needsFetch(timestamp: number): boolean {
    if (this.hasAllUpTo(timestamp)) return false;
    const { first } = this.#heap;
    return first === undefined || first.timestamp > this.#bounds.earliest;
  }

  /** Until the first timer up to `timestamp` is in memory, and with it as many as there is room. */
  async fetch(timestamp: number): Promise<void> {
    const { working } = this.#options;
    while (this.needsFetch(timestamp)) {
      const reads = this.#nextReads(timestamp);
      // Called in this order, so that the reads see what is written.
      const written = working.flush();
      const pages = await Promise.all([
        ...reads.map(({ range }) => working.store.scan(range)),
        written?.then(() => []),
      ]);
      reads.forEach((read, index) => this.#take(read, pages[index] ?? []));
      this.#shrink();
    }
  }

  #fetchNow(): void {
    const { working } = this.#options;
    const { synchronous } = working;
    while (this.needsFetch(MAX_WATERMARK)) {
      working.flushNow();
      for (const read of this.#nextReads(MAX_WATERMARK)) {
        this.#take(read, synchronous?.scan(read.range) ?? []);
      }
      this.#shrink();
    }
  }

  /**
   * Of the key groups with the earliest bounds, also of some beyond `timestamp` where there is
   * room. Read once, a group has nothing in front of what is in memory, so that every group is read
   * once at most before the first timer is known.
   */
  #nextReads(timestamp: number): readonly GroupRead[] {
    const { working, cacheSize } = this.#options;
    // So many of each group that all of them together are half of what fits.
    const limit = Math.max(1, Math.floor(cacheSize / 2 / this.#bounds.openGroups));
    const room = Math.floor((cacheSize - this.#heap.size) / limit);
    const groups = this.#bounds.firstGroups(
      timestamp,
      Math.min(Math.max(room, GROUPS_MIN), GROUPS_AT_ONCE),
    );
    return groups.map((keyGroup) => {
      const { from, to } = working.layout.rangeOfGroup(this.state.id, keyGroup);
      return { keyGroup, range: { from: this.#bounds.keyOf(keyGroup) ?? from, to, limit } };
    });
  }

  #take({ keyGroup, range }: GroupRead, page: readonly KeyValueEntry[]): void {
    for (const { key: entryKey } of page) {
      const node = this.#read(entryKey);
      assert(this.#insert(node), 'Cannot fetch a timer: it is in memory already');
    }
    const last = page.at(-1);
    if (last === undefined || page.length < range.limit) {
      return this.#bounds.set(keyGroup, Number.POSITIVE_INFINITY, undefined);
    }
    const { timestamp } = readTimerKey(this.#options.working.layout, last.key);
    this.#bounds.set(keyGroup, timestamp, behind(last.key));
  }

  /** Down to half of what may be held; those that come last go. */
  #shrink(): void {
    const { cacheSize } = this.#options;
    if (this.#heap.size <= cacheSize) return;
    sometimes(true, 'timers of a RocksDB backend leave memory');
    const inOrder = this.#heap.all().toSorted((left, right) => {
      if (left.timestamp !== right.timestamp) return left.timestamp - right.timestamp;
      return compareBytes(this.#keyOf(left), this.#keyOf(right));
    });
    const bounded = new Set<number>();
    for (const timer of inOrder.slice(Math.max(1, cacheSize >> 1))) {
      const entryKey = this.#keyOf(timer);
      if (!bounded.has(timer.keyGroup)) {
        bounded.add(timer.keyGroup);
        this.#bounds.set(timer.keyGroup, timer.timestamp, entryKey);
      }
      if (!timer.isStored) this.#writes.put(entryKey);
      this.#forget(timer);
    }
  }

  #insert(timer: StoredTimer<N>): boolean {
    if (!this.#index.add(timer)) return false;
    this.#heap.push(timer);
    return true;
  }

  #delete(timer: StoredTimer<N>): void {
    this.#forget(timer);
    if (timer.isStored) this.#writes.delete(this.#keyOf(timer));
    this.#noteResident(timer, false);
  }

  #forget(timer: StoredTimer<N>): void {
    timer.isGone = true;
    this.#index.remove(timer);
    this.#heap.delete(timer);
  }

  #isInFront(timer: StoredTimer<N>): boolean {
    const { keyGroup, timestamp } = timer;
    const isInFront = this.#bounds.isInFront(keyGroup, timestamp);
    return isInFront ?? this.#bounds.isKeyInFront(keyGroup, this.#keyOf(timer));
  }

  #groupOf(timer: InternalTimer<N>): number {
    return keyGroupOfTimer(timer, this.#options.working.context);
  }

  #nodeOf(timer: InternalTimer<N> & { readonly keyGroup: number }): StoredTimer<N> {
    const { timestamp, key, namespace, keyGroup } = timer;
    return {
      timestamp,
      key,
      namespace,
      keyGroup,
      lookup: lookupKeyOf(key),
      namespaceLookup: lookupKeyOf(namespace),
      sequence: this.#sequence++,
      heapIndex: 0,
      next: undefined,
      entryKey: undefined,
      isStored: false,
      isGone: false,
    };
  }

  #read(entryKey: Uint8Array): StoredTimer<N> {
    const { working, namespace } = this.#options;
    const parts: TimerParts = readTimerKey(working.layout, entryKey);
    const input = new ByteReader(entryKey, `a timer of "${this.state.name}"`);
    input.seek(parts.keyEnd);
    const node = this.#nodeOf({ ...parts, namespace: namespace.deserialize(input) });
    node.entryKey = entryKey;
    node.isStored = true;
    return node;
  }

  #keyOf(timer: StoredTimer<N>): Uint8Array {
    if (timer.entryKey !== undefined) return timer.entryKey;
    const { working, namespace } = this.#options;
    const { layout } = working;
    const bytes = layout.encode(timer.namespace, namespace);
    const entryKey = timerKey(layout, this.state.id, timer, bytes);
    timer.entryKey = entryKey;
    return entryKey;
  }

  /** For checkers. */
  #noteResident(timer: StoredTimer<N>, isThere: boolean): void {
    const { resident } = this.#options.working;
    if (resident === undefined) return;
    resident.put(this.#keyOf(timer), isThere ? this.#value : undefined);
  }
}

/** As of every state: it begins with the number of its schema, and here it ends there. */
function valueOf(schema: number): Uint8Array {
  const writer = new ByteWriter(1);
  writer.writeVarint(schema);
  return writer.take();
}
