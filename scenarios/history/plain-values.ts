// Values of any kind as plain JSON ones, and back. What JSON does not know becomes an object with
// one property, `$onceproof`, that names its kind; an object that has that property itself is
// wrapped too, so nothing is mistaken for something else. Functions and symbols are not data.

export type Plain =
  | null
  | boolean
  | number
  | string
  | readonly Plain[]
  | { readonly [name: string]: Plain };

const TAG = '$onceproof';

export function toPlain(value: unknown): Plain {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return isOrdinary(value) ? value : tagged('number', textOf(value));
    case 'bigint':
      return tagged('bigint', String(value));
    case 'object':
      return value === null ? null : objectToPlain(value);
    default:
      return tagged(typeof value === 'undefined' ? 'undefined' : 'other', String(value));
  }
}

export function fromPlain(plain: Plain): unknown {
  if (typeof plain !== 'object' || plain === null) return plain;
  if (isList(plain)) return plain.map(fromPlain);
  const kind = plain[TAG];
  if (typeof kind !== 'string') return objectOf(plain);
  return untagged(kind, plain['value'] ?? null);
}

function objectToPlain(value: object): Plain {
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Uint8Array) return tagged('bytes', [...value]);
  if (value instanceof Set) return tagged('set', [...value].map(toPlain));
  if (value instanceof Map) {
    return tagged(
      'map',
      [...value].map(([key, one]) => [toPlain(key), toPlain(one)]),
    );
  }
  const entries = Object.entries(value).map(([name, one]) => [name, toPlain(one)] as const);
  const plain = Object.fromEntries(entries);
  return TAG in value ? tagged('object', plain) : plain;
}

function objectOf(plain: { readonly [name: string]: Plain }): object {
  return Object.fromEntries(Object.entries(plain).map(([name, one]) => [name, fromPlain(one)]));
}

function untagged(kind: string, value: Plain): unknown {
  switch (kind) {
    case 'number':
      return Number(value);
    case 'bigint':
      return BigInt(textIn(value));
    case 'undefined':
      return undefined;
    case 'bytes':
      return Uint8Array.from(asList(value).map(Number));
    case 'set':
      return new Set(asList(value).map(fromPlain));
    case 'map':
      return new Map(asList(value).map((pair) => entryOf(asList(pair))));
    case 'object':
      return typeof value === 'object' && value !== null && !isList(value) ? objectOf(value) : {};
    default:
      return value;
  }
}

function entryOf([key = null, value = null]: readonly Plain[]): [unknown, unknown] {
  return [fromPlain(key), fromPlain(value)];
}

function textIn(value: Plain): string {
  return typeof value === 'string' ? value : '';
}

function asList(plain: Plain): readonly Plain[] {
  return isList(plain) ? plain : [];
}

function isList(plain: Plain): plain is readonly Plain[] {
  return Array.isArray(plain);
}

function tagged(kind: string, value: Plain): Plain {
  return kind === 'undefined' ? { [TAG]: kind } : { [TAG]: kind, value };
}

function isOrdinary(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
