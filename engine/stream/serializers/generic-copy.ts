// Deep copies of the values the generic serializer takes. Primitives are their own copies. A value
// it does not take gives UNCOPYABLE: whoever asked then says why.

import { isPlainObject } from './generic-encode.ts';
import { MAX_VALUE_DEPTH } from './generic-format.ts';

export const UNCOPYABLE: unique symbol = Symbol('uncopyable');

export function copyValue(value: unknown, depth: number): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return UNCOPYABLE;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_VALUE_DEPTH) return UNCOPYABLE;
  if (Array.isArray(value)) return copyArray(value, depth + 1);
  if (isPlainObject(value)) return copyObject(value, depth + 1);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Map) return copyMap(value, depth + 1);
  if (value instanceof Set) {
    const items = copyArray([...value], depth + 1);
    return typeof items === 'symbol' ? items : new Set(items);
  }
  return UNCOPYABLE;
}

function copyArray(value: readonly unknown[], depth: number): unknown[] | typeof UNCOPYABLE {
  const copy: unknown[] = [];
  for (let index = 0; index < value.length; index++) {
    const item = copyValue(value[index], depth);
    if (item === UNCOPYABLE) return UNCOPYABLE;
    copy.push(item);
  }
  return copy;
}

function copyObject(value: Readonly<Record<string, unknown>>, depth: number): unknown {
  const copy: Record<string, unknown> = { ...value };
  for (const name of Object.keys(copy)) {
    const item = copy[name];
    if (typeof item !== 'object' && typeof item !== 'function' && typeof item !== 'symbol')
      continue;
    const copied = copyValue(item, depth);
    if (copied === UNCOPYABLE) return UNCOPYABLE;
    // The spread made `__proto__` a property of its own, if it was one: assigning to it is safe.
    copy[name] = copied;
  }
  return copy;
}

function copyMap(value: ReadonlyMap<unknown, unknown>, depth: number): unknown {
  const copy = new Map<unknown, unknown>();
  for (const [key, item] of value) {
    const copiedKey = copyValue(key, depth);
    const copiedItem = copyValue(item, depth);
    if (copiedKey === UNCOPYABLE || copiedItem === UNCOPYABLE) return UNCOPYABLE;
    copy.set(copiedKey, copiedItem);
  }
  return copy;
}
