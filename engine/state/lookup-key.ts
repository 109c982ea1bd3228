// Keys as a native Map can find them: primitives stand for themselves, composite keys for their
// canonical text. The hash of a key decides its key group, in every run and on every machine.

import { OnceproofError } from '../core/errors.ts';
import { bigintHashCode, numberHashCode, stringHashCode } from '../core/hash.ts';
import { describeType } from '../stream/serializers/serialization-error.ts';
import { canonicalText, fromCanonicalText } from './canonical-text.ts';

export type LookupKey = string | number | bigint | boolean | undefined | null;

/** No user's string may be taken for a composite key, so strings that start alike are marked. */
const STRING_MARK = '\u0000s';
const COMPOSITE_MARK = '\u0000c';

export function lookupKeyOf(key: unknown): LookupKey {
  switch (typeof key) {
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return key;
    case 'string':
      return key.charCodeAt(0) === 0 ? STRING_MARK + key : key;
    default:
      return key === null ? null : COMPOSITE_MARK + compositeText(key);
  }
}

/** The key again; a composite one as a fresh copy, its properties in ascending order. */
export function keyOfLookup(lookup: LookupKey): unknown {
  if (typeof lookup !== 'string' || lookup.charCodeAt(0) !== 0) return lookup;
  const rest = lookup.slice(STRING_MARK.length);
  return lookup.startsWith(STRING_MARK) ? rest : fromCanonicalText(rest);
}

/** Java's hashCode for primitives; that of the canonical text for composite keys. */
export function keyHashCode(key: unknown): number {
  switch (typeof key) {
    case 'string':
      return stringHashCode(key);
    case 'number':
      return numberHashCode(key);
    case 'bigint':
      return bigintHashCode(key);
    case 'boolean':
      return key ? 1231 : 1237;
    default:
      return stringHashCode(compositeText(key));
  }
}

function compositeText(key: unknown): string {
  const text = canonicalText(key);
  if (text !== undefined) return text;
  throw new OnceproofError('OP-E406', `Cannot use ${describeType(key)} as a key: not plain data`, {
    place: 'key',
    remedy: 'Use strings, numbers, bigints, booleans, or arrays and plain objects of these as keys',
  });
}
