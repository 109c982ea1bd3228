// How benchmarks measure on a machine that has other work to do: the two things to compare run in
// turn, several times, and what counts is the median. Beside the time on the clock they get the
// processor time of all threads of this process, which other work disturbs far less.

export interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

export async function costOf(work: () => Promise<void> | void): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms, cpuMs: (user + system) / 1_000 };
}

/** Round by round, one after the other; the first round warms up and does not count. */
export async function alternate(
  rounds: number,
  works: readonly (() => Promise<void> | void)[],
): Promise<readonly Cost[]> {
  const costs: Cost[][] = works.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, work] of works.entries()) {
      const cost = await costOf(work);
      if (round > 0) costs[index]?.push(cost);
    }
  }
  return costs.map(medianCost);
}

export function medianCost(costs: readonly Cost[]): Cost {
  return { ms: median(costs.map(({ ms }) => ms)), cpuMs: median(costs.map((each) => each.cpuMs)) };
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((left, right) => left - right);
  const middle = ascending.length >> 1;
  const upper = ascending[middle] ?? Number.NaN;
  return ascending.length % 2 === 1 ? upper : (upper + (ascending[middle - 1] ?? upper)) / 2;
}

/** One JSON line a measurement. */
export function report(
  benchmark: string,
  result: Readonly<Record<string, number | string | boolean | undefined>>,
): void {
  const entries = Object.entries(result).map(([name, value]) => [name, rounded(value)] as const);
  console.log(JSON.stringify({ benchmark, ...Object.fromEntries(entries) }));
}

function rounded(value: number | string | boolean | undefined) {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(3));
}
