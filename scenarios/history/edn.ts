// Plain data as EDN, the notation of Clojure, Jepsen, Elle and Knossos. Names of properties become
// keywords where they can be ones, and strings elsewhere; in `operations` the values of `type` and
// `f` are keywords too, as these tools have it. Only writes.

import type { Plain } from './plain-values.ts';

const KEYWORD = /^[A-Za-z][A-Za-z0-9_-]*$/;
/** Their values are names, not texts, in Jepsen's operations. */
const NAMES: ReadonlySet<string> = new Set(['type', 'f']);

export function toEdn(value: Plain): string {
  const out: string[] = [];
  write(value, out);
  return out.join('');
}

/** One operation of Jepsen's. */
export function operationToEdn(operation: Plain): string {
  if (!isObject(operation)) return toEdn(operation);
  const entries = Object.entries(operation).map(([name, value]) => {
    const isName = NAMES.has(name) && typeof value === 'string' && KEYWORD.test(value);
    return `:${name} ${isName ? `:${value}` : toEdn(value)}`;
  });
  return `{${entries.join(', ')}}`;
}

function write(value: Plain, out: string[]): void {
  if (value === null) out.push('nil');
  else if (typeof value === 'string') out.push(quoted(value));
  else if (typeof value === 'number') out.push(numberOf(value));
  else if (typeof value === 'boolean') out.push(String(value));
  else if (isObject(value)) writeMap(value, out);
  else writeVector(value, out);
}

function writeVector(values: readonly Plain[], out: string[]): void {
  out.push('[');
  for (const [index, value] of values.entries()) {
    if (index > 0) out.push(' ');
    write(value, out);
  }
  out.push(']');
}

function writeMap(map: { readonly [name: string]: Plain }, out: string[]): void {
  out.push('{');
  for (const [index, [name, value]] of Object.entries(map).entries()) {
    if (index > 0) out.push(', ');
    out.push(KEYWORD.test(name) ? `:${name} ` : `${quoted(name)} `);
    write(value, out);
  }
  out.push('}');
}

function isObject(value: Plain): value is { readonly [name: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whole numbers beyond 64 bits need an N, and 1e21 would be read as a floating one: so it is. */
function numberOf(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.e]/.test(text)
    ? `${text}.0`
    : text;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function quoted(text: string): string {
  let escaped = '';
  for (let index = 0; index < text.length; index++) {
    const unit = text.charAt(index);
    const code = text.charCodeAt(index);
    const isOdd = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000);
    escaped += ESCAPES.get(unit) ?? (isOdd ? `\\u${code.toString(16).padStart(4, '0')}` : unit);
  }
  return `"${escaped}"`;
}
