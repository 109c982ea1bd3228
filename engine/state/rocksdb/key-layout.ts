// Where an entry lies in the store: state id (2 bytes) | key group (1 byte up to 128 key groups,
// else 2) | key | namespace | user key of a map. Numbers are big-endian, so that a key group, a
// key, a namespace is one range of keys. Flink adds lengths where a key could run into its
// namespace; our serializers end by themselves, so none is the beginning of another.

import type { KeyRange } from '../../environment/key-value-store.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { keyOfLookup, lookupKeyOf } from '../lookup-key.ts';

export const STATE_ID_BYTES = 2;
/** Key groups up to this many fit one byte; Flink's rule. */
const ONE_BYTE_GROUPS = 128;

/** An entry's key taken apart. What lies behind the namespace is the user key of a map. */
export interface EntryParts {
  readonly keyGroup: number;
  readonly key: unknown;
  /** Where the key begins in the bytes, and where it ends. */
  readonly keyStart: number;
  readonly keyEnd: number;
}

export class KeyLayout {
  readonly key: TypeSerializer<unknown>;
  readonly groupBytes: 1 | 2;
  readonly #writer = new ByteWriter();

  constructor(maxParallelism: number, key: TypeSerializer<unknown>) {
    this.groupBytes = maxParallelism <= ONE_BYTE_GROUPS ? 1 : 2;
    this.key = key;
  }

  /** Key group and key: what all entries of a key have in common behind the state id. */
  keyPrefix(keyGroup: number, key: unknown): Uint8Array {
    this.#writer.reset();
    this.#writeGroup(keyGroup);
    this.key.serialize(canonical(key), this.#writer);
    return this.#writer.take();
  }

  /** `suffix`: namespace, and user key if there is one, as encode() gives them. */
  entryKey(stateId: number, keyPrefix: Uint8Array, ...suffix: readonly Uint8Array[]): Uint8Array {
    let length = STATE_ID_BYTES + keyPrefix.length;
    for (const part of suffix) length += part.length;
    const bytes = new Uint8Array(length);
    bytes[0] = stateId >>> 8;
    bytes[1] = stateId & 0xff;
    bytes.set(keyPrefix, STATE_ID_BYTES);
    let offset = STATE_ID_BYTES + keyPrefix.length;
    for (const part of suffix) {
      if (part.length > 0) bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }

  /** A namespace or a user key as bytes; equal ones have equal bytes. */
  encode<T>(value: T, serializer: TypeSerializer<T>): Uint8Array {
    this.#writer.reset();
    serializer.serialize(canonical(value) as T, this.#writer);
    return this.#writer.take();
  }

  rangeOfState(stateId: number): KeyRange {
    return rangeOf(this.entryKey(stateId, new Uint8Array(0)));
  }

  rangeOfGroup(stateId: number, keyGroup: number): KeyRange {
    this.#writer.reset();
    this.#writeGroup(keyGroup);
    return rangeOf(this.entryKey(stateId, this.#writer.take()));
  }

  read(entryKey: Uint8Array): EntryParts {
    const input = new ByteReader(entryKey, 'the key of an entry in the store');
    input.seek(STATE_ID_BYTES);
    const keyGroup = this.readGroup(input);
    const keyStart = input.offset;
    const key = this.key.deserialize(input);
    return { keyGroup, key, keyStart, keyEnd: input.offset };
  }

  readGroup(input: ByteReader): number {
    const high = this.groupBytes === 2 ? input.readU8() << 8 : 0;
    return high | input.readU8();
  }

  #writeGroup(keyGroup: number): void {
    if (this.groupBytes === 2) this.#writer.writeU8(keyGroup >>> 8);
    this.#writer.writeU8(keyGroup & 0xff);
  }
}

/** All keys that begin like this. */
export function rangeOf(prefix: Uint8Array): KeyRange {
  return { from: prefix, to: successor(prefix) };
}

export function stateIdOf(entryKey: Uint8Array): number {
  return ((entryKey[0] ?? 0) << 8) | (entryKey[1] ?? 0);
}

/** The same entry under another state id. */
export function withStateId(entryKey: Uint8Array, stateId: number): Uint8Array {
  const bytes = entryKey.slice();
  bytes[0] = stateId >>> 8;
  bytes[1] = stateId & 0xff;
  return bytes;
}

/** The first key behind all that begin with `prefix`; undefined where there is none. */
function successor(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const bytes = prefix.slice(0, length);
  bytes[length - 1] = (bytes[length - 1] ?? 0) + 1;
  return bytes;
}

/** Keys that are found as the same are written as the same, whatever order their properties had. */
function canonical(key: unknown): unknown {
  if (typeof key === 'object') return keyOfLookup(lookupKeyOf(key));
  return key === 0 ? 0 : key;
}
