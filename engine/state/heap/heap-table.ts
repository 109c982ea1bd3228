// The entries of one keyed state on the heap, copy-on-write against running snapshots. A snapshot
// takes the arrays of entries as they are; from then on, and only until it is over, an entry it
// may see is replaced by a copy before anybody can change it. Without a running snapshot nothing
// is copied.

import { assert } from '../../core/assert.ts';
import { VOID_NAMESPACE } from '../../stream/serializers/void-namespace.ts';
import type { LookupKey } from '../lookup-key.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { KeyContext } from './key-context.ts';

/** What every access needs stands first: it shares a cache line with the head of the object. */
export interface Entry<V> {
  /** Assigned in place only while `version` is not protected. */
  value: V;
  readonly version: number;
  readonly key: unknown;
  readonly namespace: unknown;
  readonly keyGroup: number;
  /** Place in the array of its key group; snapshots do not read it. */
  index: number;
}

/** What a snapshot sees: entries by key group, from the first group of the range on. */
export interface CapturedTable<V> {
  readonly groups: readonly (readonly Entry<V>[])[];
  readonly version: number;
  readonly size: number;
}

type Bucket<V> = Map<LookupKey, Entry<V>>;

const NOTHING_CACHED = -1;

export class HeapTable<V> {
  readonly #context: KeyContext;
  readonly #copyValue: (value: V) => V;
  readonly #buckets = new Map<LookupKey, Bucket<V>>();
  readonly #groups: Entry<V>[][] = [];
  readonly #running = new Set<number>();
  #namespace: unknown = VOID_NAMESPACE;
  #namespaceLookup: LookupKey = VOID_NAMESPACE;
  #bucket: Bucket<V> | undefined;
  #cachedEpoch = NOTHING_CACHED;
  #cached: Entry<V> | undefined;
  #version = 1;
  /** Entries below this version may be seen by a running snapshot; 0 while there is none. */
  #protected = 0;
  #size = 0;
  #cleanUpGroup = 0;
  #cleanUpIndex = 0;

  constructor(context: KeyContext, copyValue: (value: V) => V) {
    this.#context = context;
    this.#copyValue = copyValue;
    context.onWrap(() => {
      this.#cachedEpoch = NOTHING_CACHED;
    });
    for (let group = context.range.first; group <= context.range.last; group++)
      this.#groups.push([]);
  }

  get size(): number {
    return this.#size;
  }

  get namespace(): unknown {
    return this.#namespace;
  }

  setNamespace(namespace: unknown): void {
    if (namespace === this.#namespace && typeof namespace !== 'object') return;
    const lookup = lookupKeyOf(namespace);
    if (lookup === this.#namespaceLookup) return;
    this.#namespace = namespace;
    this.#namespaceLookup = lookup;
    this.#bucket = this.#buckets.get(lookup);
    this.#cachedEpoch = NOTHING_CACHED;
  }

  /** The value of the current key and namespace; may be changed in place. */
  read(): V | undefined {
    const entry = this.#find();
    if (entry === undefined) return undefined;
    return entry.version >= this.#protected ? entry.value : this.#readProtected(entry);
  }

  write(value: V): void {
    const entry = this.#find();
    if (entry === undefined) this.#add(value);
    else if (entry.version >= this.#protected) entry.value = value;
    else this.#replace(entry, value);
  }

  remove(): void {
    const entry = this.#find();
    if (entry !== undefined) this.#removeEntry(entry, this.#context.lookup, this.#namespaceLookup);
  }

  /** Removes and returns the value of the current key in another namespace. */
  take(namespace: unknown): V | undefined {
    const current = this.#namespace;
    this.setNamespace(namespace);
    const value = this.read();
    if (value !== undefined) this.remove();
    this.setNamespace(current);
    return value;
  }

  /** Puts an entry from a checkpoint in its place, once per key and namespace. */
  restore(entry: Omit<Entry<V>, 'version' | 'index'>): void {
    const { key, namespace, keyGroup, value } = entry;
    const lookup = lookupKeyOf(namespace);
    const bucket = this.#bucketOf(lookup);
    if (lookup === this.#namespaceLookup) this.#bucket = bucket;
    const keyLookup = lookupKeyOf(key);
    assert(!bucket.has(keyLookup), 'Cannot restore an entry: its key is there already');
    const group = this.#group(keyGroup);
    const restored: Entry<V> = {
      value,
      version: this.#version,
      key,
      namespace,
      keyGroup,
      index: group.length,
    };
    group.push(restored);
    bucket.set(keyLookup, restored);
    this.#cachedEpoch = NOTHING_CACHED;
    this.#size++;
  }

  /** Keys in insertion order; safe against changes while they are looked at. */
  keys(namespace: unknown): readonly unknown[] {
    const bucket = this.#buckets.get(lookupKeyOf(namespace));
    return bucket === undefined ? [] : Array.from(bucket.values(), (entry) => entry.key);
  }

  forEach(visit: (entry: Readonly<Entry<V>>) => void): void {
    for (const group of this.#groups) for (const entry of group) visit(entry);
  }

  /** The synchronous part of a snapshot: one copy of the pointers, no copy of any entry. */
  capture(): CapturedTable<V> {
    const version = this.#version;
    this.#version++;
    this.#running.add(version);
    this.#protected = version + 1;
    return { groups: this.#groups.map((group) => group.slice()), version, size: this.#size };
  }

  /** The snapshot is over, whatever became of it. */
  release(captured: CapturedTable<V>): void {
    this.#running.delete(captured.version);
    this.#protected = 0;
    for (const version of this.#running) this.#protected = Math.max(this.#protected, version + 1);
  }

  /**
   * Visits the next `count` entries of an endless round. `keep` returns the value itself, a value
   * to put in its place, or undefined to remove the entry; it must not change the value it gets.
   */
  cleanUp(count: number, keep: (value: V) => V | undefined): void {
    for (let visits = Math.min(count, this.#size); visits > 0; visits--) {
      const entry = this.#nextToCleanUp();
      const kept = entry === undefined ? undefined : keep(entry.value);
      if (entry === undefined || kept === entry.value) continue;
      if (kept !== undefined) this.#replace(entry, kept);
      else {
        this.#removeEntry(entry, lookupKeyOf(entry.key), lookupKeyOf(entry.namespace));
        this.#cleanUpIndex--;
      }
    }
  }

  #find(): Entry<V> | undefined {
    const { epoch, lookup } = this.#context;
    if (epoch === this.#cachedEpoch) return this.#cached;
    const entry = this.#bucket?.get(lookup);
    this.#cachedEpoch = epoch;
    this.#cached = entry;
    return entry;
  }

  #readProtected(entry: Entry<V>): V {
    // Nobody can change a primitive in place, so the snapshot and the user may share it.
    const { value } = entry;
    if (typeof value !== 'object' || value === null) return value;
    return this.#replace(entry, this.#copyValue(value)).value;
  }

  #add(value: V): void {
    const keyGroup = this.#context.group();
    const group = this.#group(keyGroup);
    this.#bucket ??= this.#bucketOf(this.#namespaceLookup);
    const entry: Entry<V> = {
      value,
      version: this.#version,
      key: this.#context.key,
      namespace: this.#namespace,
      keyGroup,
      index: group.length,
    };
    group.push(entry);
    this.#bucket.set(this.#context.lookup, entry);
    this.#cached = entry;
    this.#size++;
  }

  #replace(entry: Entry<V>, value: V): Entry<V> {
    const { key, namespace, keyGroup, index } = entry;
    const fresh = { value, version: this.#version, key, namespace, keyGroup, index };
    this.#group(keyGroup)[index] = fresh;
    this.#buckets.get(lookupKeyOf(namespace))?.set(lookupKeyOf(key), fresh);
    if (this.#cached === entry) this.#cached = fresh;
    return fresh;
  }

  #removeEntry(entry: Entry<V>, lookup: LookupKey, namespaceLookup: LookupKey): void {
    const group = this.#group(entry.keyGroup);
    const last = group.pop();
    if (last !== undefined && last !== entry) {
      group[entry.index] = last;
      last.index = entry.index;
    }
    const bucket = this.#bucketOf(namespaceLookup);
    bucket.delete(lookup);
    if (bucket.size === 0) this.#dropBucket(namespaceLookup);
    if (this.#cached === entry) this.#cached = undefined;
    this.#size--;
  }

  /** Windows come and go: an empty one must not stay behind. */
  #dropBucket(namespaceLookup: LookupKey): void {
    this.#buckets.delete(namespaceLookup);
    if (namespaceLookup === this.#namespaceLookup) this.#bucket = undefined;
  }

  #bucketOf(namespaceLookup: LookupKey): Bucket<V> {
    const found = this.#buckets.get(namespaceLookup);
    if (found !== undefined) return found;
    const bucket: Bucket<V> = new Map();
    this.#buckets.set(namespaceLookup, bucket);
    return bucket;
  }

  #group(keyGroup: number): Entry<V>[] {
    const group = this.#groups[keyGroup - this.#context.range.first];
    assert(group !== undefined, 'Cannot keep an entry: its key group is outside of the range');
    return group;
  }

  #nextToCleanUp(): Entry<V> | undefined {
    for (let turns = this.#groups.length; turns >= 0; turns--) {
      const entry = this.#groups[this.#cleanUpGroup]?.[this.#cleanUpIndex];
      if (entry !== undefined) {
        this.#cleanUpIndex++;
        return entry;
      }
      this.#cleanUpGroup = (this.#cleanUpGroup + 1) % this.#groups.length;
      this.#cleanUpIndex = 0;
    }
    return undefined;
  }
}
