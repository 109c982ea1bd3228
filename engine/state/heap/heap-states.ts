// The state kinds over a HeapTable. Values are kept as they are given: an object handed in, or got
// from a state, is the user's to leave alone until it is written back.

import type { AccumulatorSlot } from '../fold.ts';
import type { ListState, MapState } from '../keyed-state.ts';
import { checkElement, checkElements } from '../list-rules.ts';
import type { LookupKey } from '../lookup-key.ts';
import { keyOfLookup, lookupKeyOf } from '../lookup-key.ts';
import type { Merging, Namespaced } from '../state-backend.ts';
import type { HeapTable } from './heap-table.ts';

export class HeapValueState<N, T> implements AccumulatorSlot<N, T> {
  readonly #table: HeapTable<T>;
  readonly #defaultValue: (() => T) | undefined;

  constructor(table: HeapTable<T>, defaultValue?: () => T) {
    this.#table = table;
    this.#defaultValue = defaultValue;
  }

  setCurrentNamespace(namespace: N): void {
    this.#table.setNamespace(namespace);
  }

  currentNamespace(): N {
    return this.#table.namespace as N;
  }

  value(): T | undefined {
    const value = this.#table.read();
    return value === undefined && this.#defaultValue ? this.#defaultValue() : value;
  }

  unexpired(): T | undefined {
    return this.#table.read();
  }

  update(value: T | undefined): void {
    if (value === undefined) this.#table.remove();
    else this.#table.write(value);
  }

  clear(): void {
    this.#table.remove();
  }
}

export class HeapListState<N, T> implements ListState<T>, Namespaced<N>, Merging<N> {
  readonly #table: HeapTable<T[]>;
  readonly #name: string;

  constructor(table: HeapTable<T[]>, name: string) {
    this.#table = table;
    this.#name = name;
  }

  setCurrentNamespace(namespace: N): void {
    this.#table.setNamespace(namespace);
  }

  /** An array of the caller's own: adding while going through it does not lengthen it. */
  get(): readonly T[] {
    const list = this.#table.read();
    return list === undefined ? [] : list.slice();
  }

  add(value: T): void {
    checkElement(value, this.#name);
    const list = this.#table.read();
    if (list === undefined) this.#table.write([value]);
    else list.push(value);
  }

  addAll(values: readonly T[]): void {
    checkElements(values, this.#name);
    if (values.length === 0) return;
    const list = this.#table.read();
    if (list === undefined) this.#table.write(values.slice());
    else for (const value of values) list.push(value);
  }

  update(values: readonly T[]): void {
    checkElements(values, this.#name);
    if (values.length === 0) this.#table.remove();
    else this.#table.write(values.slice());
  }

  clear(): void {
    this.#table.remove();
  }

  mergeNamespaces(target: N, sources: readonly N[]): void {
    const merged = this.#table.take(target) ?? [];
    for (const source of sources) {
      for (const value of this.#table.take(source) ?? []) merged.push(value);
    }
    if (merged.length === 0) return;
    const current = this.#table.namespace;
    this.#table.setNamespace(target);
    this.#table.write(merged);
    this.#table.setNamespace(current);
  }
}

/** A native Map per key and namespace. Iteration runs over what was there when it began. */
export class HeapMapState<N, UK, UV> implements MapState<UK, UV>, Namespaced<N> {
  readonly #table: HeapTable<Map<LookupKey, UV>>;

  constructor(table: HeapTable<Map<LookupKey, UV>>) {
    this.#table = table;
  }

  setCurrentNamespace(namespace: N): void {
    this.#table.setNamespace(namespace);
  }

  get(key: UK): UV | undefined {
    return this.#table.read()?.get(lookupKeyOf(key));
  }

  put(key: UK, value: UV): void {
    const map = this.#table.read();
    if (map === undefined) this.#table.write(new Map([[lookupKeyOf(key), value]]));
    else map.set(lookupKeyOf(key), value);
  }

  putAll(entries: Iterable<readonly [UK, UV]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  remove(key: UK): void {
    const map = this.#table.read();
    if (map?.delete(lookupKeyOf(key)) && map.size === 0) this.#table.remove();
  }

  contains(key: UK): boolean {
    return this.#table.read()?.has(lookupKeyOf(key)) ?? false;
  }

  entries(): Iterable<readonly [UK, UV]> {
    const map = this.#table.read();
    if (map === undefined) return [];
    return Array.from(map, ([lookup, value]) => [keyOfLookup(lookup) as UK, value] as const);
  }

  keys(): Iterable<UK> {
    const map = this.#table.read();
    return map === undefined ? [] : Array.from(map.keys(), (lookup) => keyOfLookup(lookup) as UK);
  }

  values(): Iterable<UV> {
    return [...(this.#table.read()?.values() ?? [])];
  }

  isEmpty(): boolean {
    return this.#table.read() === undefined;
  }

  clear(): void {
    this.#table.remove();
  }
}
