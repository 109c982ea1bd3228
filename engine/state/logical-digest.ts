// A hash of what a backend holds, equal on every backend and in every order of entries for the same
// logical content. For checkers. States that were restored but not asked for are not part of it.

import { ByteWriter } from '../stream/byte-writer.ts';
import { genericSerializer } from '../stream/serializers/generic-serializer.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import { keyOfLookup, lookupKeyOf } from './lookup-key.ts';

/** One entry as it went in. */
export interface LogicalEntry {
  readonly kind: 'state' | 'timers';
  readonly name: string;
  readonly namespace: unknown;
  readonly key: unknown;
  /** What the entry holds: mostly one value; of a map the user's key and value, of timers dates. */
  readonly content: readonly unknown[];
}

export type EntryListener = (entry: LogicalEntry) => void;

export class LogicalDigest {
  readonly #writer = new ByteWriter();
  readonly #onEntry: EntryListener | undefined;
  #entry: (LogicalEntry & { readonly content: unknown[] }) | undefined;
  #count = 0;
  #high = 0;
  #low = 0;

  /** The listener is told of every entry, for whoever wants to read them. */
  constructor(onEntry?: EntryListener) {
    this.#onEntry = onEntry;
  }

  /** Starts an entry. In keys and namespaces the order of properties does not count. */
  begin(kind: 'state' | 'timers', name: string, namespace: unknown, key: unknown): this {
    this.#writer.reset();
    this.#writer.writeString(kind);
    this.#writer.writeString(name);
    this.addKey(namespace).addKey(key);
    if (this.#onEntry !== undefined) this.#entry = { kind, name, namespace, key, content: [] };
    return this;
  }

  addKey(key: unknown): this {
    this.#entry?.content.push(key);
    genericSerializer.serialize(keyOfLookup(lookupKeyOf(key)), this.#writer);
    return this;
  }

  addValue<T>(value: T, serializer: TypeSerializer<T>): this {
    this.#entry?.content.push(value);
    serializer.serialize(value, this.#writer);
    return this;
  }

  addNumber(value: number): this {
    this.#entry?.content.push(value);
    this.#writer.writeSignedVarint(value);
    return this;
  }

  /** Adds up the entries' hashes, so that their order does not matter but their number does. */
  end(): void {
    if (this.#entry !== undefined) this.#onEntry?.(this.#entry);
    this.#entry = undefined;
    let high = 0x9e3779b9;
    let low = 0x7f4a7c15;
    for (const byte of this.#writer.written()) {
      high = Math.imul(high ^ byte, 0x85ebca6b) ^ (high >>> 15);
      low = Math.imul(low ^ byte, 0xc2b2ae35) ^ (low >>> 13);
    }
    this.#high = (this.#high + Math.imul(high ^ (high >>> 16), 0xc2b2ae35)) | 0;
    this.#low = (this.#low + Math.imul(low ^ (low >>> 16), 0x85ebca6b)) | 0;
    this.#count++;
  }

  toString(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return `${this.#count}:${hex(this.#high)}${hex(this.#low)}`;
  }
}
