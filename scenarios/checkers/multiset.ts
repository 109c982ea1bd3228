// Comparing outputs without regard to order: as canonical texts, counted.

import type { History } from './checker.ts';

export interface Row {
  readonly text: string;
  /** It was expected, but not as often. */
  readonly isRepeated: boolean;
}

export interface Difference {
  readonly missing: readonly Row[];
  readonly surplus: readonly Row[];
}

export function compareMultisets(
  expected: readonly unknown[],
  actual: readonly unknown[],
): Difference {
  const wanted = countsOf(expected);
  const found = countsOf(actual);
  return { missing: exceeding(wanted, found), surplus: exceeding(found, wanted) };
}

export function outputsOf({ durableOutput, settle }: History): readonly unknown[] {
  return settle(durableOutput.flatMap(({ outputs }) => outputs));
}

/** The same for equal values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function countsOf(values: readonly unknown[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) {
    const text = canonical(value);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

function exceeding(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): readonly Row[] {
  return [...left].flatMap(([text, count]) => {
    const other = right.get(text) ?? 0;
    return Array.from({ length: Math.max(0, count - other) }, () => ({
      text,
      isRepeated: other > 0,
    }));
  });
}
