// Kinds of faults gathered into the few families that fit on a line.

const FAMILIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['crash', ['crash', 'kill']],
  ['pause', ['pause']],
  ['network', ['partition', 'loss', 'duplicate', 'reorder', 'latency', 'clog']],
  ['disk', ['sync-failure', 'no-space', 'io-error']],
  ['service', ['http-error', 'http-lost']],
  ['clock', ['clock-step', 'clock-drift']],
  ['corruption', ['corrupt-checkpoint']],
]);

/** `crash 12 · network 30`; what belongs to no family is listed by its own name. */
export function faultFamilies(faults: Iterable<readonly [string, number]>): [string, number][] {
  const sums = new Map<string, number>([...FAMILIES.keys()].map((family) => [family, 0]));
  for (const [kind, count] of faults) {
    const family = [...FAMILIES].find(([, kinds]) => kinds.includes(kind))?.[0] ?? kind;
    sums.set(family, (sums.get(family) ?? 0) + count);
  }
  return [...sums].filter(([, count]) => count > 0);
}
