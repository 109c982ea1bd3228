// The state kinds over tables of bytes. Values are decoded on every read and encoded on every
// write, as in Flink: an object that was read is the user's own, and counts only when it is written
// back.

import type { AccumulatorSlot } from '../fold.ts';
import type { ListState, MapState } from '../keyed-state.ts';
import { checkElement, checkElements } from '../list-rules.ts';
import { keyOfLookup, lookupKeyOf } from '../lookup-key.ts';
import type { Merging, Namespaced } from '../state-backend.ts';
import type { MapTable } from './map-table.ts';
import type { SlotTable } from './slot-table.ts';
import type { ValueCodec } from './value-codec.ts';

export class RocksDBValueState<N, T> implements AccumulatorSlot<N, T> {
  readonly #table: SlotTable;
  readonly #codec: ValueCodec<T>;
  readonly #defaultValue: (() => T) | undefined;

  constructor(table: SlotTable, codec: ValueCodec<T>, defaultValue?: () => T) {
    this.#table = table;
    this.#codec = codec;
    this.#defaultValue = defaultValue;
  }

  setCurrentNamespace(namespace: N): void {
    this.#table.setNamespace(namespace);
  }

  currentNamespace(): N {
    return this.#table.namespace as N;
  }

  value(): T | undefined {
    const bytes = this.#table.read();
    return bytes === undefined ? this.#defaultValue?.() : this.#codec.decode(bytes);
  }

  unexpired(): T | undefined {
    const bytes = this.#table.read();
    return bytes === undefined ? undefined : this.#codec.decode(bytes);
  }

  update(value: T | undefined): void {
    if (value === undefined) this.#table.remove();
    else this.#table.write(this.#codec.encode(value));
  }

  clear(): void {
    this.#table.remove();
  }
}

/**
 * One entry per list, rewritten: the port has no merge operator, and a list that is an entry can be
 * fetched with many others in one call. Adding decodes nothing, and copies only what is added.
 */
export class RocksDBListState<N, T> implements ListState<T>, Namespaced<N>, Merging<N> {
  readonly #table: SlotTable;
  readonly #codec: ValueCodec<T>;
  readonly #name: string;

  constructor(table: SlotTable, codec: ValueCodec<T>, name: string) {
    this.#table = table;
    this.#codec = codec;
    this.#name = name;
  }

  setCurrentNamespace(namespace: N): void {
    this.#table.setNamespace(namespace);
  }

  get(): readonly T[] {
    const bytes = this.#table.read();
    return bytes === undefined ? [] : this.#codec.decodeList(bytes);
  }

  add(value: T): void {
    checkElement(value, this.#name);
    this.#append([value]);
  }

  addAll(values: readonly T[]): void {
    checkElements(values, this.#name);
    if (values.length > 0) this.#append(values);
  }

  update(values: readonly T[]): void {
    checkElements(values, this.#name);
    if (values.length === 0) this.#table.remove();
    else this.#table.write(this.#codec.encodeList(values));
  }

  clear(): void {
    this.#table.remove();
  }

  mergeNamespaces(target: N, sources: readonly N[]): void {
    const merged: T[] = [];
    for (const namespace of [target, ...sources]) {
      const bytes = this.#table.take(namespace);
      if (bytes !== undefined)
        for (const value of this.#codec.decodeList(bytes)) merged.push(value);
    }
    if (merged.length === 0) return;
    const current = this.#table.namespace;
    this.#table.setNamespace(target);
    this.#table.write(this.#codec.encodeList(merged));
    this.#table.setNamespace(current);
  }

  #append(values: readonly T[]): void {
    const start = this.#table.start;
    if (start === undefined) this.#table.write(this.#codec.encodeList(values));
    else if (this.#codec.isCurrent(start)) {
      this.#table.append(this.#codec.encodeElements(values), values.length);
    } else this.#table.write(this.#codec.encodeList([...this.#codec.decodeList(start), ...values]));
  }
}

/** Iteration runs over what was there when it began. */
export class RocksDBMapState<N, UK, UV> implements MapState<UK, UV>, Namespaced<N> {
  readonly #table: MapTable;
  readonly #codec: ValueCodec<UV>;

  constructor(table: MapTable, codec: ValueCodec<UV>) {
    this.#table = table;
    this.#codec = codec;
  }

  setCurrentNamespace(namespace: N): void {
    this.#table.setNamespace(namespace);
  }

  get(key: UK): UV | undefined {
    const bytes = this.#table.get(lookupKeyOf(key));
    return bytes === undefined ? undefined : this.#codec.decodeMapValue(bytes);
  }

  put(key: UK, value: UV): void {
    if (this.#codec.hasOlderSchemas) this.#migrate();
    const bytes = this.#codec.encodeMapValue(value, this.#table.namespaceBytes);
    this.#table.put(lookupKeyOf(key), bytes);
  }

  putAll(entries: Iterable<readonly [UK, UV]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  remove(key: UK): void {
    this.#table.remove(lookupKeyOf(key));
  }

  contains(key: UK): boolean {
    return this.#table.get(lookupKeyOf(key)) !== undefined;
  }

  entries(): Iterable<readonly [UK, UV]> {
    return this.#table
      .entries()
      .map(([lookup, bytes]) => [keyOfLookup(lookup) as UK, this.#codec.decodeMapValue(bytes)]);
  }

  keys(): Iterable<UK> {
    return this.#table.entries().map(([lookup]) => keyOfLookup(lookup) as UK);
  }

  values(): Iterable<UV> {
    return this.#table.entries().map(([, bytes]) => this.#codec.decodeMapValue(bytes));
  }

  isEmpty(): boolean {
    return this.#table.entries().length === 0;
  }

  clear(): void {
    this.#table.clear();
  }

  /**
   * The entries of a map are of one schema, so that a savepoint can be written without decoding
   * them: the first write under a new schema takes the others along.
   */
  #migrate(): void {
    for (const [lookup, bytes] of this.#table.entries()) {
      if (this.#codec.isCurrent(bytes)) return;
      const value = this.#codec.decodeMapValue(bytes);
      this.#table.put(lookup, this.#codec.encodeMapValue(value, this.#table.namespaceBytes));
    }
  }
}
