// The two shapes of operator state in memory: a list, and a map that is the same on every subtask
// as long as every subtask puts the same into it.

import type { ListState, MapState } from '../keyed-state.ts';
import { checkElement, checkElements } from '../list-rules.ts';
import type { LookupKey } from '../lookup-key.ts';
import { keyOfLookup, lookupKeyOf } from '../lookup-key.ts';

export class OperatorListState<T> implements ListState<T> {
  readonly #name: string;
  #elements: T[];

  constructor(name: string, elements: T[]) {
    this.#name = name;
    this.#elements = elements;
  }

  get(): readonly T[] {
    return this.#elements.slice();
  }

  add(value: T): void {
    checkElement(value, this.#name);
    this.#elements.push(value);
  }

  addAll(values: readonly T[]): void {
    checkElements(values, this.#name);
    for (const value of values) this.#elements.push(value);
  }

  update(values: readonly T[]): void {
    checkElements(values, this.#name);
    this.#elements = values.slice();
  }

  clear(): void {
    this.#elements = [];
  }
}

/** Iteration runs over what was there when it began. */
export class BroadcastMapState<UK, UV> implements MapState<UK, UV> {
  readonly #map = new Map<LookupKey, UV>();

  get(key: UK): UV | undefined {
    return this.#map.get(lookupKeyOf(key));
  }

  put(key: UK, value: UV): void {
    this.#map.set(lookupKeyOf(key), value);
  }

  putAll(entries: Iterable<readonly [UK, UV]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  remove(key: UK): void {
    this.#map.delete(lookupKeyOf(key));
  }

  contains(key: UK): boolean {
    return this.#map.has(lookupKeyOf(key));
  }

  entries(): Iterable<readonly [UK, UV]> {
    return Array.from(this.#map, ([lookup, value]) => [keyOfLookup(lookup) as UK, value] as const);
  }

  keys(): Iterable<UK> {
    return Array.from(this.#map.keys(), (lookup) => keyOfLookup(lookup) as UK);
  }

  values(): Iterable<UV> {
    return [...this.#map.values()];
  }

  isEmpty(): boolean {
    return this.#map.size === 0;
  }

  clear(): void {
    this.#map.clear();
  }
}
