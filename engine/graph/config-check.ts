// Checks of values that a user configures: the error names the key, the value and what is allowed.

import { OnceproofError } from '../core/errors.ts';

export interface ConfiguredInteger {
  /** As Flink's option, or as the setter, that the user knows. */
  readonly key: string;
  readonly value: number;
  readonly min: number;
  readonly max?: number;
}

/** Gives the value back if it is an integer in the range. */
export function checkInteger({ key, value, min, max }: ConfiguredInteger): number {
  const limit = max ?? Number.MAX_SAFE_INTEGER;
  if (Number.isSafeInteger(value) && value >= min && value <= limit) return value;
  const range =
    max === undefined ? `an integer of at least ${min}` : `an integer in ${min}..${max}`;
  throw invalidValue(key, value, range);
}

export function checkOneOf<T extends string>(key: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw invalidValue(key, value, `one of ${allowed.map((name) => `"${name}"`).join(', ')}`);
}

export function invalidValue(key: string, value: unknown, allowed: string): OnceproofError {
  const shown = typeof value === 'string' ? `"${value}"` : String(value);
  return new OnceproofError('OP-E302', `Cannot set ${key} to ${shown}`, {
    place: key,
    remedy: `Use ${allowed}`,
  });
}
