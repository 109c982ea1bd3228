// Kinds of faults gathered into the few families that fit on a line.

import { FAULT_CATALOG, FAULT_KINDS } from '../../../simulator/index.ts';

/** `process 12 · network 30`; what belongs to no family is listed by its own name. */
export function faultFamilies(faults: Iterable<readonly [string, number]>): [string, number][] {
  const sums = new Map<string, number>(FAULT_KINDS.map((kind) => [FAULT_CATALOG[kind].family, 0]));
  for (const [kind, count] of faults) {
    const known = FAULT_KINDS.find((name) => name === kind);
    const family = known === undefined ? kind : FAULT_CATALOG[known].family;
    sums.set(family, (sums.get(family) ?? 0) + count);
  }
  return [...sums].filter(([, count]) => count > 0);
}
