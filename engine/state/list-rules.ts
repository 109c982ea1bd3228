// Flink's null rules for list states, keyed or not: neither the list nor an element may be missing.

import { OnceproofError } from '../core/errors.ts';

export function checkElement(value: unknown, stateName: string): void {
  if (value === undefined || value === null) throw missing(String(value), stateName);
}

export function checkElements(values: unknown, stateName: string): void {
  if (!Array.isArray(values)) throw missing(values === null ? 'null' : typeof values, stateName);
  for (let index = 0; index < values.length; index++) checkElement(values[index], stateName);
}

function missing(found: string, stateName: string): OnceproofError {
  return new OnceproofError('OP-E403', `Cannot put ${found} into list state "${stateName}"`, {
    place: `state "${stateName}"`,
    remedy: 'Leave missing elements out; to empty the list, call clear()',
  });
}
