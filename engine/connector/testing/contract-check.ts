// One check of a contract suite, free of any test runner: give `name` to yours and let it run
// `run`.

import { OnceproofError } from '../../core/errors.ts';

export interface ContractCheck {
  readonly name: string;
  /** Rejects with OP-E207, saying what was expected, where the contract is broken. */
  readonly run: () => Promise<void>;
}

export function contractBroken(what: string): OnceproofError {
  const remedy = 'Compare with the contract in source.ts or sink.ts beside the connector types';
  return new OnceproofError('OP-E207', `The contract is broken: ${what}`, { remedy });
}

/** `expected` once each, in any order: says what is missing, repeated or foreign. */
export function expectExactlyOnce(
  actual: readonly number[],
  expected: readonly number[],
  when: string,
): void {
  const counts = new Map<number, number>();
  for (const id of actual) counts.set(id, (counts.get(id) ?? 0) + 1);
  const repeated = [...counts].filter(([, count]) => count > 1).map(([id]) => id);
  if (repeated.length > 0) throw contractBroken(`${when}, records ${few(repeated)} are repeated`);
  const missing = expected.filter((id) => !counts.has(id));
  if (missing.length > 0) throw contractBroken(`${when}, records ${few(missing)} are missing`);
  const known = new Set(expected);
  const foreign = actual.filter((id) => !known.has(id));
  if (foreign.length > 0)
    throw contractBroken(`${when}, records ${few(foreign)} should not be there`);
}

function few(ids: readonly number[]): string {
  const shown = ids.slice(0, 5).join(', ');
  return ids.length > 5 ? `${shown}, ... (${ids.length})` : shown;
}
