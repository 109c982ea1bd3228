// The entries of a map state: one per user key, side by side in the store. Reads and writes are
// those of the current key and namespace. A synchronous store is asked for single entries; all of
// them are read only by who goes through the map.

import { ByteReader } from '../../stream/byte-reader.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { LookupKey } from '../lookup-key.ts';
import { keyOfLookup, lookupKeyOf } from '../lookup-key.ts';
import type { CachedKey, Cell, KeyCells, MapCells } from './cached-key.ts';
import { emptyCells, fetchedCell } from './cached-key.ts';
import { rangeOf } from './key-layout.ts';
import type { StatePlace } from './state-place.ts';

const NOTHING_CACHED = -1;
const NO_CELLS: MapCells = { cells: new Map(), isComplete: true };

export class MapTable {
  readonly #place: StatePlace;
  readonly #userKeys: TypeSerializer<unknown>;
  #cachedEpoch = NOTHING_CACHED;
  #cached: MapCells = NO_CELLS;

  constructor(place: StatePlace, userKeys: TypeSerializer<unknown>) {
    this.#place = place;
    this.#userKeys = userKeys;
    place.working.context.onWrap(() => {
      this.#cachedEpoch = NOTHING_CACHED;
    });
  }

  /** Of the namespace in entry keys. */
  get namespaceBytes(): number {
    return this.#place.bytes.length;
  }

  setNamespace(namespace: unknown): void {
    if (this.#place.set(namespace)) this.#cachedEpoch = NOTHING_CACHED;
  }

  get(lookup: LookupKey): Uint8Array | undefined {
    return this.#find(lookup)?.bytes;
  }

  put(lookup: LookupKey, bytes: Uint8Array): void {
    const { working, state } = this.#place;
    const key = working.current();
    const cell = this.#find(lookup) ?? this.#add(key, lookup, undefined);
    working.set(key, state, cell, bytes);
  }

  remove(lookup: LookupKey): void {
    const cell = this.#find(lookup);
    if (cell?.bytes === undefined) return;
    const { working, state } = this.#place;
    const key = working.current();
    working.set(key, state, cell, undefined);
    if (!this.#cached.isComplete) return;
    this.#cached.cells.delete(lookup);
    working.forget(key, cell);
    if (this.#cached.cells.size === 0 && key.isComplete) this.#drop(key);
  }

  /** As they are now: they may be changed while they are gone through. */
  entries(): readonly (readonly [LookupKey, Uint8Array])[] {
    const entries: (readonly [LookupKey, Uint8Array])[] = [];
    for (const [lookup, { bytes }] of this.#all().cells) {
      if (bytes !== undefined) entries.push([lookup, bytes]);
    }
    return entries;
  }

  clear(): void {
    for (const [lookup] of this.entries()) this.remove(lookup);
  }

  #find(lookup: LookupKey): Cell | undefined {
    const map = this.#map();
    const found = map.cells.get(lookup);
    if (found !== undefined || map.isComplete) return found;
    const { working } = this.#place;
    const key = working.current();
    const entryKey = this.#entryKey(key, lookup);
    return this.#add(key, lookup, working.synchronous?.get(entryKey), entryKey);
  }

  #add(
    key: CachedKey,
    lookup: LookupKey,
    bytes: Uint8Array | undefined,
    entryKey = this.#entryKey(key, lookup),
  ): Cell {
    const cell = this.#place.working.newCell(key, entryKey, bytes);
    this.#kept(key).cells.set(lookup, cell);
    return cell;
  }

  /** The map of the current key and namespace; nothing may be put into it before #kept(). */
  #map(): MapCells {
    const { working, lookup } = this.#place;
    const { epoch } = working.context;
    if (epoch === this.#cachedEpoch) return this.#cached;
    const key = working.current();
    const found = this.#cells(key).byNamespace.get(lookup);
    this.#cached = found ?? (key.isComplete ? NO_CELLS : this.#kept(key));
    this.#cachedEpoch = epoch;
    return this.#cached;
  }

  #kept(key: CachedKey): MapCells {
    const { byNamespace } = this.#cells(key);
    const { lookup, state } = this.#place;
    let map = byNamespace.get(lookup);
    if (map === undefined) {
      map = { cells: new Map(), isComplete: key.isComplete || !state.mayHaveEntries };
      byNamespace.set(lookup, map);
    }
    this.#cached = map;
    return map;
  }

  #drop(key: CachedKey): void {
    this.#cells(key).byNamespace.delete(this.#place.lookup);
    this.#cached = NO_CELLS;
  }

  #all(): MapCells {
    const map = this.#map();
    if (map.isComplete) return map;
    const { working, state, bytes } = this.#place;
    const key = working.current();
    const prefix = working.layout.entryKey(state.id, key.prefix, bytes);
    for (const { key: entryKey, value } of working.synchronous?.scan(rangeOf(prefix)) ?? []) {
      const lookup = this.#lookupAt(entryKey, prefix.length);
      if (!map.cells.has(lookup)) map.cells.set(lookup, working.newCell(key, entryKey, value));
    }
    map.isComplete = true;
    return map;
  }

  #lookupAt(entryKey: Uint8Array, offset: number): LookupKey {
    const input = this.#inputOf(entryKey, offset);
    return lookupKeyOf(this.#userKeys.deserialize(input));
  }

  #entryKey(key: CachedKey, lookup: LookupKey): Uint8Array {
    const { working, state, bytes } = this.#place;
    const userKey = working.layout.encode(keyOfLookup(lookup), this.#userKeys);
    return working.layout.entryKey(state.id, key.prefix, bytes, userKey);
  }

  #cells(key: CachedKey): KeyCells<MapCells> {
    const { state } = this.#place;
    let cells = key.states[state.id] as KeyCells<MapCells> | undefined;
    if (cells === undefined) {
      cells = emptyCells();
      key.states[state.id] = cells;
    }
    if (cells.fetched.length > 0) this.#sortIn(key, cells);
    return cells;
  }

  #sortIn(key: CachedKey, cells: KeyCells<MapCells>): void {
    const { namespaces } = this.#place;
    for (const entry of cells.fetched) {
      const input = this.#inputOf(entry.key, 2 + key.prefix.length);
      const lookup = lookupKeyOf(namespaces.deserialize(input));
      const map = cells.byNamespace.get(lookup) ?? { cells: new Map(), isComplete: true };
      cells.byNamespace.set(lookup, map);
      const userKey = lookupKeyOf(this.#userKeys.deserialize(input));
      if (map.cells.has(userKey)) continue;
      map.cells.set(userKey, fetchedCell(entry));
    }
    cells.fetched = [];
  }

  #inputOf(entryKey: Uint8Array, offset: number): ByteReader {
    const place = `the key of an entry of state "${this.#place.state.name}"`;
    const input = new ByteReader(entryKey, place);
    input.seek(offset);
    return input;
  }
}
