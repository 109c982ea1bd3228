// What is held in memory of one key: the entries of each state as bytes, as they are in the store
// or will be once they are written. Nothing here is decoded but keys.

import type { KeyValueEntry } from '../../environment/key-value-store.ts';
import type { LookupKey } from '../lookup-key.ts';
import type { ListTail } from './list-tail.ts';

/** One entry. Bytes are replaced, never changed: the store may still be reading them. */
export interface Cell {
  readonly entryKey: Uint8Array;
  /** Undefined: the store has no such entry, or is about to lose it. */
  bytes: Uint8Array | undefined;
  /** Of a list: elements that are not in `bytes` yet. */
  tail: ListTail | undefined;
  /** Differs from the store, and is in the list of what is to be written. */
  isDirty: boolean;
}

/** The entries of a map in one namespace, by user key. */
export interface MapCells {
  readonly cells: Map<LookupKey, Cell>;
  /** What is not here is not in the store either. */
  isComplete: boolean;
}

/**
 * What a key has in each namespace. Mostly there is one namespace and there are many keys, so the
 * first has a place without a Map.
 */
export class ByNamespace<C> {
  #lookup: LookupKey;
  #first: C | undefined;
  #others: Map<LookupKey, C> | undefined;

  get(lookup: LookupKey): C | undefined {
    return lookup === this.#lookup ? this.#first : this.#others?.get(lookup);
  }

  set(lookup: LookupKey, content: C): void {
    if (this.#first !== undefined && lookup !== this.#lookup && this.#others === undefined) {
      this.#others = new Map();
    }
    // Once there are others, the first place stays the one of its namespace.
    if (this.#others !== undefined && lookup !== this.#lookup) this.#others.set(lookup, content);
    else {
      this.#lookup = lookup;
      this.#first = content;
    }
  }

  delete(lookup: LookupKey): void {
    if (lookup === this.#lookup) this.#first = undefined;
    else this.#others?.delete(lookup);
  }
}

/** Entries of one state, by namespace. */
export interface KeyCells<C> {
  readonly byNamespace: ByNamespace<C>;
  /** Fetched, and not sorted in yet. */
  fetched: KeyValueEntry[];
}

export class CachedKey {
  readonly lookup: LookupKey;
  readonly keyGroup: number;
  /** Key group and key, as every entry key has them. */
  readonly prefix: Uint8Array;
  /** By state id. With room for one: an empty array would grow to room for many. */
  readonly states: (KeyCells<unknown> | undefined)[] = [undefined];
  /** All entries of the key are here: what is not here is not in the store either. */
  isComplete = false;
  /** The round in which it was last used. */
  round = 0;
  sizeBytes = 0;

  constructor(lookup: LookupKey, keyGroup: number, prefix: Uint8Array) {
    this.lookup = lookup;
    this.keyGroup = keyGroup;
    this.prefix = prefix;
  }
}

export function emptyCells<C>(fetched: KeyValueEntry[] = []): KeyCells<C> {
  return { byNamespace: new ByNamespace(), fetched };
}

/** Its size was counted when it was fetched. */
export function fetchedCell({ key, value }: KeyValueEntry): Cell {
  return { entryKey: key, bytes: value, tail: undefined, isDirty: false };
}
