// Serializers of lists, maps, tuples and optional values, made of the serializers of their parts.
// A container migrates where its parts do, and is as incompatible as its worst part.

import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { SerializerSnapshot, TypeSerializer } from '../type-serializer.ts';
import { readerOf, worstOf } from './schema.ts';
import { within, wrongType } from './serialization-error.ts';

type Serializers<T extends readonly unknown[]> = { readonly [I in keyof T]: TypeSerializer<T[I]> };
type Part = TypeSerializer<unknown>;
type Schema<T> = Pick<TypeSerializer<T>, 'snapshot' | 'compatibilityWith' | 'migrating'>;

export function listOf<T>(element: TypeSerializer<T>): TypeSerializer<T[]> {
  return {
    serialize(value, output) {
      if (!Array.isArray(value)) throw wrongType('an array', value);
      output.writeVarint(value.length);
      let index = 0;
      try {
        for (; index < value.length; index++) element.serialize(value[index] as T, output);
      } catch (error) {
        throw within(error, `[${index}]`);
      }
    },
    deserialize(input) {
      const value: T[] = [];
      for (let left = input.readVarint(); left > 0; left--) value.push(element.deserialize(input));
      return value;
    },
    copy: (value) => value.map((item) => element.copy(item)),
    ...schemaOf<T[], readonly [T]>('list', [element], (part) => listOf(part)),
  };
}

export function mapOf<K, V>(
  key: TypeSerializer<K>,
  item: TypeSerializer<V>,
): TypeSerializer<Map<K, V>> {
  return {
    serialize: (value, output) => writeMap(value, key, item, output),
    deserialize(input) {
      const value = new Map<K, V>();
      for (let left = input.readVarint(); left > 0; left--) {
        const name = key.deserialize(input);
        value.set(name, item.deserialize(input));
      }
      return value;
    },
    copy(value) {
      const copied = new Map<K, V>();
      for (const [name, content] of value) copied.set(key.copy(name), item.copy(content));
      return copied;
    },
    ...schemaOf<Map<K, V>, readonly [K, V]>('map', [key, item], (k, v) => mapOf(k, v)),
  };
}

/** Arrays of fixed length, each position with a type of its own. */
export function tupleOf<T extends readonly unknown[]>(...parts: Serializers<T>): TypeSerializer<T> {
  const serializers = parts as readonly Part[];
  return {
    serialize: (value, output) => writeTuple(value, serializers, output),
    deserialize: (input) => serializers.map((part) => part.deserialize(input)) as unknown as T,
    copy: (value) => serializers.map((part, index) => part.copy(value[index])) as unknown as T,
    ...schemaOf<T, T>('tuple', parts, (...migrated) => tupleOf<T>(...migrated)),
  };
}

/** A value, or undefined, or null. */
export function optionalOf<T>(part: TypeSerializer<T>): TypeSerializer<T | undefined | null> {
  return {
    serialize(value, output) {
      output.writeU8(value === undefined ? 0 : value === null ? 1 : 2);
      if (value !== undefined && value !== null) part.serialize(value, output);
    },
    deserialize: (input) => readOptional(part, input),
    copy: (value) => (value === undefined || value === null ? value : part.copy(value)),
    ...schemaOf<T | undefined | null, readonly [T]>('optional', [part], (migrated) =>
      optionalOf(migrated),
    ),
  };
}

function writeMap<K, V>(
  value: ReadonlyMap<K, V>,
  key: TypeSerializer<K>,
  item: TypeSerializer<V>,
  output: ByteWriter,
): void {
  if (!(value instanceof Map)) throw wrongType('a Map', value);
  output.writeVarint(value.size);
  let index = 0;
  try {
    for (const [name, content] of value) {
      key.serialize(name as K, output);
      item.serialize(content as V, output);
      index++;
    }
  } catch (error) {
    throw within(error, `.entries()[${index}]`);
  }
}

function writeTuple(value: readonly unknown[], parts: readonly Part[], output: ByteWriter): void {
  if (!Array.isArray(value) || value.length !== parts.length) {
    throw wrongType(`a tuple of ${parts.length}`, value);
  }
  let index = 0;
  try {
    for (const part of parts) part.serialize(value[index++], output);
  } catch (error) {
    throw within(error, `[${index - 1}]`);
  }
}

function readOptional<T>(part: TypeSerializer<T>, input: ByteReader): T | undefined | null {
  const kind = input.readU8();
  if (kind > 2) return input.fail(`${kind} does not say whether a value follows`);
  if (kind === 2) return part.deserialize(input);
  return kind === 1 ? null : undefined;
}

function schemaOf<T, P extends readonly unknown[]>(
  id: string,
  parts: Serializers<P>,
  build: (...parts: Serializers<P>) => TypeSerializer<T>,
): Schema<T> {
  const own = parts as readonly Part[];
  const elementOf = (written: SerializerSnapshot, index: number) =>
    written.elements?.[index] ?? { id: 'missing', version: 0 };
  return {
    snapshot: () => ({ id, version: 1, elements: own.map((part) => part.snapshot()) }),
    compatibilityWith(written) {
      const isSame = written.id === id && written.version === 1;
      if (!isSame || written.elements?.length !== own.length) return 'incompatible';
      return worstOf(own.map((part, at) => part.compatibilityWith(elementOf(written, at))));
    },
    migrating(written) {
      const migrated = own.map((part, index) => readerOf(part, elementOf(written, index)));
      return build(...(migrated as unknown as Serializers<P>));
    },
  };
}
