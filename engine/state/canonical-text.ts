// Composite keys as strings: two keys have the same text exactly if they are equal, whatever the
// order of their properties. The text leads back to the key. Entries of Maps and Sets count in
// their order. -0 is taken for 0, as a Map does.

import { assert } from '../core/assert.ts';
import { isPlainObject } from '../stream/serializers/generic-encode.ts';
import { MAX_VALUE_DEPTH } from '../stream/serializers/generic-format.ts';

/** Undefined where some part of the key is no plain data. */
export function canonicalText(key: unknown): string | undefined {
  const text = textOf(key, 0);
  // A part that cannot be written leaves this mark: lengths are written before strings, so that no
  // text of a string can be taken for it, and the check runs on the result of the parts alone.
  return text === UNWRITABLE ? undefined : text;
}

export function fromCanonicalText(text: string): unknown {
  const reader = new CanonicalReader(text);
  const key = reader.read();
  assert(reader.isAtEnd, `Cannot read key "${text}": more than one key`);
  return key;
}

const UNWRITABLE = '!';

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'number':
      return `n${value};`;
    case 'string':
      return `s${value.length}:${value}`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'bigint':
      return `i${value};`;
    case 'object':
      return value === null ? 'z' : objectText(value, depth);
    default:
      return UNWRITABLE;
  }
}

function objectText(value: object, depth: number): string {
  if (depth >= MAX_VALUE_DEPTH) return UNWRITABLE;
  if (Array.isArray(value)) return listText('[', value, depth);
  if (isPlainObject(value)) return propertiesText(value, depth);
  if (value instanceof Uint8Array) return `b${bytesText(value)};`;
  if (value instanceof Map) return listText('m', [...value].flat(1), depth);
  if (value instanceof Set) return listText('e', [...value], depth);
  return UNWRITABLE;
}

function listText(opening: string, items: readonly unknown[], depth: number): string {
  let text = opening;
  for (let index = 0; index < items.length; index++) {
    const item = textOf(items[index], depth + 1);
    if (item === UNWRITABLE) return UNWRITABLE;
    text += item;
  }
  return `${text}]`;
}

function propertiesText(value: Readonly<Record<string, unknown>>, depth: number): string {
  const names = Object.keys(value);
  if (!isAscending(names)) names.sort();
  let text = '{';
  for (const name of names) {
    const item = textOf(value[name], depth + 1);
    if (item === UNWRITABLE) return UNWRITABLE;
    text += `s${name.length}:${name}${item}`;
  }
  return `${text}]`;
}

function isAscending(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index++) {
    if ((names[index - 1] ?? '') > (names[index] ?? '')) return false;
  }
  return true;
}

function bytesText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

class CanonicalReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  read(): unknown {
    const kind = this.#text[this.#at++];
    switch (kind) {
      case 'n':
        return Number(this.#until(';'));
      case 's':
        return this.#string();
      case 'i':
        return BigInt(this.#until(';'));
      case 'b':
        return this.#bytes();
      case '[':
        return this.#list();
      case '{':
        return Object.fromEntries(pairs(this.#list()) as [string, unknown][]);
      case 'm':
        return new Map(pairs(this.#list()));
      case 'e':
        return new Set(this.#list());
      default:
        return this.#constant(kind);
    }
  }

  #constant(kind: string | undefined): unknown {
    if (kind === 't' || kind === 'f') return kind === 't';
    assert(kind === 'u' || kind === 'z', `Cannot read key "${this.#text}": ${kind} at ${this.#at}`);
    return kind === 'u' ? undefined : null;
  }

  #until(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at);
    assert(end >= 0, `Cannot read key "${this.#text}": no ${mark} after ${this.#at}`);
    const part = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return part;
  }

  #string(): string {
    const length = Number(this.#until(':'));
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }

  #bytes(): Uint8Array {
    const digits = this.#until(';');
    const bytes = new Uint8Array(digits.length / 2);
    for (let index = 0; index < bytes.length; index++) {
      bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
    }
    return bytes;
  }

  #list(): unknown[] {
    const items: unknown[] = [];
    while (this.#text[this.#at] !== ']') items.push(this.read());
    this.#at++;
    return items;
  }
}

function pairs(items: readonly unknown[]): [unknown, unknown][] {
  const found: [unknown, unknown][] = [];
  for (let index = 0; index < items.length; index += 2)
    found.push([items[index], items[index + 1]]);
  return found;
}
