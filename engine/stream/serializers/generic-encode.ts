// Values of any plain type to bytes. What cannot be represented is found by a first, quick pass
// that just gives up; only then is the value searched for the culprit and the path to it.

import type { ByteWriter } from '../byte-writer.ts';
import { MAX_VALUE_DEPTH, Tag } from './generic-format.ts';

/** False where some part cannot be represented; `output` then holds an unfinished value. */
export function encodeValue(value: unknown, output: ByteWriter, depth: number): boolean {
  switch (typeof value) {
    case 'number':
      return encodeNumber(value, output);
    case 'string':
      output.writeU8(Tag.string);
      output.writeString(value);
      return true;
    case 'boolean':
      output.writeU8(value ? Tag.true : Tag.false);
      return true;
    case 'undefined':
      output.writeU8(Tag.undefined);
      return true;
    case 'bigint':
      return encodeBigint(value, output);
    case 'object':
      return encodeObject(value, output, depth);
    default:
      return false;
  }
}

/** Objects without a class, also those of another realm: nothing is above their prototype. */
export function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'toString'))
  );
}

function encodeNumber(value: number, output: ByteWriter): boolean {
  if (Number.isSafeInteger(value) && (value !== 0 || Object.is(value, 0))) {
    output.writeU8(Tag.integer);
    output.writeSignedVarint(value);
  } else {
    output.writeU8(Tag.double);
    output.writeF64(value);
  }
  return true;
}

function encodeBigint(value: bigint, output: ByteWriter): boolean {
  output.writeU8(Tag.bigint);
  output.writeU8(value < 0n ? 1 : 0);
  const digits = (value < 0n ? -value : value).toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const size = value === 0n ? 0 : even.length / 2;
  output.writeVarint(size);
  for (let at = size * 2; at > 0; at -= 2)
    output.writeU8(Number.parseInt(even.slice(at - 2, at), 16));
  return true;
}

function encodeObject(value: object | null, output: ByteWriter, depth: number): boolean {
  if (value === null) {
    output.writeU8(Tag.null);
    return true;
  }
  if (depth >= MAX_VALUE_DEPTH) return false;
  if (Array.isArray(value)) return encodeArray(value, output, depth + 1);
  if (isPlainObject(value)) return encodeProperties(value, output, depth + 1);
  if (value instanceof Uint8Array) {
    output.writeU8(Tag.bytes);
    output.writeBytes(value);
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Map.prototype && value instanceof Map)
    return encodeMap(value, output, depth + 1);
  if (prototype === Set.prototype && value instanceof Set)
    return encodeSet(value, output, depth + 1);
  return false;
}

function encodeArray(value: readonly unknown[], output: ByteWriter, depth: number): boolean {
  output.writeU8(Tag.array);
  output.writeVarint(value.length);
  for (let index = 0; index < value.length; index++) {
    if (!encodeValue(value[index], output, depth)) return false;
  }
  return true;
}

function encodeProperties(
  value: Readonly<Record<string, unknown>>,
  output: ByteWriter,
  depth: number,
): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  const names = Object.keys(value);
  output.writeU8(Tag.object);
  output.writeVarint(names.length);
  for (const name of names) {
    output.writeString(name);
    if (!encodeValue(value[name], output, depth)) return false;
  }
  return true;
}

function encodeMap(
  value: ReadonlyMap<unknown, unknown>,
  output: ByteWriter,
  depth: number,
): boolean {
  output.writeU8(Tag.map);
  output.writeVarint(value.size);
  for (const [key, item] of value) {
    if (!encodeValue(key, output, depth) || !encodeValue(item, output, depth)) return false;
  }
  return true;
}

function encodeSet(value: ReadonlySet<unknown>, output: ByteWriter, depth: number): boolean {
  output.writeU8(Tag.set);
  output.writeVarint(value.size);
  for (const item of value) if (!encodeValue(item, output, depth)) return false;
  return true;
}
