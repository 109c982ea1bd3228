// Bytes of the generic format to values. Every value is built anew and shares nothing with the
// bytes.

import type { ByteReader } from '../byte-reader.ts';
import { MAX_VALUE_DEPTH, Tag } from './generic-format.ts';

export function decodeValue(input: ByteReader, depth: number): unknown {
  const tag = input.readU8();
  switch (tag) {
    case Tag.integer:
      return input.readSignedVarint();
    case Tag.string:
      return input.readString();
    case Tag.double:
      return input.readF64();
    case Tag.true:
      return true;
    case Tag.false:
      return false;
    case Tag.null:
      return null;
    case Tag.undefined:
      return undefined;
    case Tag.bytes:
      return input.readBytes();
    case Tag.bigint:
      return decodeBigint(input);
    default:
      return decodeContainer(tag, input, depth + 1);
  }
}

function decodeContainer(tag: number, input: ByteReader, depth: number): unknown {
  if (depth > MAX_VALUE_DEPTH) return input.fail('a value nested too deeply');
  switch (tag) {
    case Tag.object:
      return decodeObject(input, depth);
    case Tag.array:
      return decodeArray(input, depth);
    case Tag.map:
      return decodeMap(input, depth);
    case Tag.set:
      return new Set(decodeArray(input, depth));
    default:
      return input.fail(`unknown tag ${tag}`);
  }
}

function decodeBigint(input: ByteReader): bigint {
  const sign = input.readU8();
  const bytes = input.readRaw(input.readLength());
  let digits = '';
  for (let at = bytes.length - 1; at >= 0; at--) {
    digits += (bytes[at] ?? 0).toString(16).padStart(2, '0');
  }
  const magnitude = digits === '' ? 0n : BigInt(`0x${digits}`);
  return sign === 1 ? -magnitude : magnitude;
}

function decodeObject(input: ByteReader, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (let left = input.readLength(); left > 0; left--) {
    const name = input.readName();
    setOwn(value, name, decodeValue(input, depth));
  }
  return value;
}

/** Assigning to `__proto__` would set the prototype instead of a property. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else {
    const flags = { writable: true, enumerable: true, configurable: true };
    Object.defineProperty(target, name, { value, ...flags });
  }
}

function decodeArray(input: ByteReader, depth: number): unknown[] {
  const value: unknown[] = [];
  for (let left = input.readLength(); left > 0; left--) value.push(decodeValue(input, depth));
  return value;
}

function decodeMap(input: ByteReader, depth: number): Map<unknown, unknown> {
  const value = new Map<unknown, unknown>();
  for (let left = input.readLength(); left > 0; left--) {
    const key = decodeValue(input, depth);
    value.set(key, decodeValue(input, depth));
  }
  return value;
}
