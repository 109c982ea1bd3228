// The entries of a state that holds one piece of bytes per key and namespace: values, folds, lists.
// Reads and writes are those of the current key.

import { assert } from '../../core/assert.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { CachedKey, Cell, KeyCells } from './cached-key.ts';
import { emptyCells, fetchedCell } from './cached-key.ts';
import type { StatePlace } from './state-place.ts';

const NOTHING_CACHED = -1;

export class SlotTable {
  readonly #place: StatePlace;
  #cachedEpoch = NOTHING_CACHED;
  #cached: Cell | undefined;

  constructor(place: StatePlace) {
    this.#place = place;
    place.working.context.onWrap(() => {
      this.#cachedEpoch = NOTHING_CACHED;
    });
  }

  get namespace(): unknown {
    return this.#place.namespace;
  }

  setNamespace(namespace: unknown): void {
    if (this.#place.set(namespace)) this.#cachedEpoch = NOTHING_CACHED;
  }

  read(): Uint8Array | undefined {
    const cell = this.#find();
    if (cell?.tail !== undefined) this.#place.working.settle(cell);
    return cell?.bytes;
  }

  /** As read(), but for a list without what was added to it last. */
  get start(): Uint8Array | undefined {
    return this.#find()?.bytes;
  }

  /** To the list that is there. */
  append(elements: Uint8Array, count: number): void {
    const { working } = this.#place;
    const cell = this.#find();
    assert(cell?.bytes !== undefined, 'Cannot add to a list: there is none');
    working.append(working.current(), cell, elements, count);
  }

  write(bytes: Uint8Array): void {
    const { working, state } = this.#place;
    const cell = this.#find() ?? this.#add(working.current(), undefined);
    working.set(working.current(), state, cell, bytes);
  }

  remove(): void {
    const cell = this.#find();
    if (cell?.bytes === undefined) return;
    const { working, state, lookup } = this.#place;
    const key = working.current();
    working.set(key, state, cell, undefined);
    // A key that is all here needs no note of what it does not have.
    if (!key.isComplete) return;
    this.#cells(key).byNamespace.delete(lookup);
    working.forget(key, cell);
    this.#cached = undefined;
  }

  /** Removes and returns what the current key has in another namespace. */
  take(namespace: unknown): Uint8Array | undefined {
    const current = this.namespace;
    this.setNamespace(namespace);
    const bytes = this.read();
    if (bytes !== undefined) this.remove();
    this.setNamespace(current);
    return bytes;
  }

  #find(): Cell | undefined {
    const { working, lookup } = this.#place;
    const { epoch } = working.context;
    if (epoch === this.#cachedEpoch) return this.#cached;
    const key = working.current();
    const cell = this.#cells(key).byNamespace.get(lookup) ?? this.#load(key);
    this.#cachedEpoch = epoch;
    this.#cached = cell;
    return cell;
  }

  #load(key: CachedKey): Cell | undefined {
    const { working, state } = this.#place;
    if (key.isComplete || !state.mayHaveEntries) return undefined;
    const entryKey = this.#entryKey(key);
    return this.#add(key, working.synchronous?.get(entryKey), entryKey);
  }

  #add(key: CachedKey, bytes: Uint8Array | undefined, entryKey = this.#entryKey(key)): Cell {
    const cell = this.#place.working.newCell(key, entryKey, bytes);
    this.#cells(key).byNamespace.set(this.#place.lookup, cell);
    this.#cached = cell;
    return cell;
  }

  #entryKey(key: CachedKey): Uint8Array {
    const { working, state, bytes } = this.#place;
    return working.layout.entryKey(state.id, key.prefix, bytes);
  }

  #cells(key: CachedKey): KeyCells<Cell> {
    const { state } = this.#place;
    let cells = key.states[state.id] as KeyCells<Cell> | undefined;
    if (cells === undefined) {
      cells = emptyCells();
      key.states[state.id] = cells;
    }
    if (cells.fetched.length > 0) this.#sortIn(key, cells);
    return cells;
  }

  #sortIn(key: CachedKey, cells: KeyCells<Cell>): void {
    const { namespaces, state } = this.#place;
    for (const entry of cells.fetched) {
      const input = new ByteReader(entry.key, `the key of an entry of state "${state.name}"`);
      input.seek(2 + key.prefix.length);
      const lookup = lookupKeyOf(namespaces.deserialize(input));
      const isThere = cells.byNamespace.get(lookup) !== undefined;
      assert(!isThere, `Cannot sort in state "${state.name}": it is there`);
      cells.byNamespace.set(lookup, fetchedCell(entry));
    }
    cells.fetched = [];
  }
}
