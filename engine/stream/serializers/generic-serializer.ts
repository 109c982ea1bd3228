// The serializer of states, keys and records that declare none: any value made of undefined, null,
// booleans, numbers, strings, bigints, Uint8Arrays, arrays, plain objects, Maps and Sets. Order of
// properties and entries is kept. Holes of arrays become undefined; class instances are refused.

import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { TypeSerializer } from '../type-serializer.ts';
import { copyValue, UNCOPYABLE } from './generic-copy.ts';
import { decodeValue } from './generic-decode.ts';
import { encodeValue, isPlainObject } from './generic-encode.ts';
import { MAX_VALUE_DEPTH } from './generic-format.ts';
import { leafSchema } from './schema.ts';
import { describeType, notSerializable, propertyStep } from './serialization-error.ts';

/** Where a value sits inside another: the step to it, the value, and what contains it. */
interface Part {
  readonly step: string;
  readonly value: unknown;
  readonly parent: Part | undefined;
}

export const genericSerializer: TypeSerializer<unknown> = {
  serialize(value: unknown, output: ByteWriter): void {
    if (!encodeValue(value, output, 0)) throw explain(value);
  },
  deserialize: (input: ByteReader): unknown => decodeValue(input, 0),
  copy(value: unknown): unknown {
    const copy = copyValue(value, 0);
    if (copy === UNCOPYABLE) throw explain(value);
    return copy;
  },
  ...leafSchema<unknown>('generic'),
};

/** The generic serializer under the name of a type that is made of what it takes. */
export function genericSerializerOf<T>(): TypeSerializer<T> {
  return genericSerializer as TypeSerializer<T>;
}

/** Searches depth first, in writing order, for the part that cannot be represented. */
function explain(root: unknown): Error {
  const open: Part[] = [{ step: '', value: root, parent: undefined }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const problem = problemOf(part);
    if (problem !== undefined) return notSerializable(pathOf(part), problem.found, problem.remedy);
    open.push(...partsOf(part).reverse());
  }
  return notSerializable('', describeType(root), 'Change the value between checkpoints only');
}

function problemOf(part: Part): { found: string; remedy: string } | undefined {
  const { value } = part;
  const found = describeType(value);
  if (typeof value === 'function' || typeof value === 'symbol') {
    return {
      found,
      remedy: 'Keep functions and symbols out of records and state: store plain data',
    };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (let above = part.parent; above !== undefined; above = above.parent) {
    if (above.value !== value) continue;
    return { found: 'a cycle, it contains itself', remedy: 'Store an id instead of the reference' };
  }
  if (depthOf(part) >= MAX_VALUE_DEPTH) {
    return { found: `nested deeper than ${MAX_VALUE_DEPTH} levels`, remedy: 'Store a flat list' };
  }
  return isContainer(value) ? symbolProblem(value) : { found, remedy: remedyFor(value) };
}

function symbolProblem(value: object): { found: string; remedy: string } | undefined {
  if (Array.isArray(value) || Object.getOwnPropertySymbols(value).length === 0) return undefined;
  return { found: 'a property named by a symbol', remedy: 'Name properties by strings' };
}

function remedyFor(value: object): string {
  if (typeof Reflect.get(value, 'then') === 'function') {
    return 'Await the promise before the value is emitted or stored';
  }
  if (Object.prototype.toString.call(value) === '[object Date]') {
    return 'Store the milliseconds, date.getTime(), instead of the Date';
  }
  return 'Store a plain object, or declare a serializer that knows this class';
}

function isContainer(value: object): boolean {
  if (Array.isArray(value) || isPlainObject(value) || value instanceof Uint8Array) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Map.prototype || prototype === Set.prototype;
}

function partsOf(parent: Part): Part[] {
  const { value } = parent;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => ({ step: `[${index}]`, value: item, parent }));
  }
  if (value instanceof Map) {
    return [...value].flatMap(([key, item], index) => [
      { step: `.keys()[${index}]`, value: key as unknown, parent },
      { step: `.get(${mapKeyText(key, index)})`, value: item as unknown, parent },
    ]);
  }
  if (value instanceof Set) {
    return [...value].map((item: unknown, index) => ({
      step: `.values()[${index}]`,
      value: item,
      parent,
    }));
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).map(([name, item]: [string, unknown]) => ({
    step: propertyStep(name),
    value: item,
    parent,
  }));
}

function mapKeyText(key: unknown, index: number): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'number' ? String(key) : `keys()[${index}]`;
}

function pathOf(part: Part): string {
  const steps: string[] = [];
  for (let at: Part | undefined = part; at !== undefined; at = at.parent) steps.push(at.step);
  return steps.reverse().join('');
}

function depthOf(part: Part): number {
  let depth = 0;
  for (let at = part.parent; at !== undefined; at = at.parent) depth++;
  return depth;
}
