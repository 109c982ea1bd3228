// Values of a snapshot without the job that wrote it: decoded by the serializer snapshots that
// stand in it, for people to read in SQL. Knows the serializers of this package; of a user's own
// it can neither tell the value nor where it ends.

import type { ByteReader } from '../../stream/byte-reader.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import type { SerializerSnapshot } from '../../stream/type-serializer.ts';
import { base64Of } from '../../stream/text-bytes.ts';

const LEAVES = ['generic', 'string', 'bytes', 'int', 'long', 'double', 'boolean', 'void'];
const CONTAINERS = ['list', 'map', 'map-state', 'tuple', 'optional', 'struct', 'stamped'];

export function canRead(written: SerializerSnapshot): boolean {
  if (written.version !== 1) return false;
  if (LEAVES.includes(written.id) || written.id === 'time-window') return true;
  return CONTAINERS.includes(written.id) && partsOf(written).every(canRead);
}

/** Requires canRead(written). Fails as any reader does where the bytes are not of this type. */
export function readWritten(written: SerializerSnapshot, input: ByteReader): unknown {
  switch (written.id) {
    case 'generic':
      return genericSerializer.deserialize(input);
    case 'string':
      return input.readString();
    case 'bytes':
      return input.readBytes();
    case 'int':
    case 'long':
      return input.readSignedVarint();
    case 'double':
      return input.readF64();
    case 'boolean':
      return input.readU8() === 1;
    case 'void':
      return undefined;
    case 'time-window':
      return new Map([
        ['start', input.readSignedVarint()],
        ['end', input.readSignedVarint()],
      ]);
    default:
      return readContainer(written, input);
  }
}

/** JSON; what JSON has no word for becomes the nearest thing that a person understands. */
export function jsonOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
    case 'bigint':
      return `"${value}"`;
    case 'object':
      return value === null ? 'null' : jsonOfObject(value);
    default:
      return 'null';
  }
}

/** Strings stand for themselves, so that `WHERE "key" = 'EWR'` finds them. */
export function columnOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : jsonOf(value);
}

function readContainer(written: SerializerSnapshot, input: ByteReader): unknown {
  const parts = partsOf(written);
  switch (written.id) {
    case 'tuple':
      return parts.map((part) => readWritten(part, input));
    case 'struct': {
      const names = written.fields?.map((field) => field.name) ?? [];
      return new Map(parts.map((part, index) => [names[index], readWritten(part, input)]));
    }
    case 'stamped':
      // When it was last used is of no interest to a reader; the bytes still say it.
      input.readSignedVarint();
      return readPart(parts, 0, input);
    case 'optional':
      return input.readU8() === 2 ? readPart(parts, 0, input) : undefined;
    case 'list':
      return readMany(input, () => readPart(parts, 0, input));
    case 'map':
    case 'map-state':
      return new Map(
        readMany(input, () => [readPart(parts, 0, input), readPart(parts, 1, input)] as const),
      );
    default:
      return input.fail(`nothing is known of the type "${written.id}"`);
  }
}

function readPart(parts: readonly SerializerSnapshot[], index: number, input: ByteReader): unknown {
  const part = parts[index];
  return part === undefined ? input.fail('a type without its parts') : readWritten(part, input);
}

function readMany<T>(input: ByteReader, read: () => T): T[] {
  const items: T[] = [];
  for (let left = input.readVarint(); left > 0; left--) items.push(read());
  return items;
}

function partsOf(written: SerializerSnapshot): readonly SerializerSnapshot[] {
  return written.fields?.map((field) => field.type) ?? written.elements ?? [];
}

function jsonOfObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (value instanceof Uint8Array) return `"${base64Of(value)}"`;
  if (value instanceof Set) return `[${Array.from(value, jsonOf).join(',')}]`;
  if (value instanceof Map) return jsonOfMap(value);
  return jsonOfEntries(Object.entries(value));
}

/** An object where all keys are strings, else pairs: 1 and '1' are two keys. */
function jsonOfMap(map: ReadonlyMap<unknown, unknown>): string {
  const entries: readonly (readonly [unknown, unknown])[] = [...map];
  if (entries.every(isNamed)) return jsonOfEntries(entries);
  return `[${entries.map(([key, item]) => `[${jsonOf(key)},${jsonOf(item)}]`).join(',')}]`;
}

function isNamed(entry: readonly [unknown, unknown]): entry is readonly [string, unknown] {
  return typeof entry[0] === 'string';
}

function jsonOfEntries(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${jsonOf(item)}`).join(',')}}`;
}
