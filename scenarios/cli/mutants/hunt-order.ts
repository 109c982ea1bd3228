// The runs of a hunt, in order. The scenarios that a mutant is about come first, then every case
// has its turn, seed by seed, because nobody knows which one notices. Which seeds a case is run
// with is what every other suite of that root runs it with.

import { type PlannedRun, planRuns } from '../suite/plan.ts';
import type { Case } from '../suite/select.ts';

export interface HuntOrder {
  readonly cases: readonly Case[];
  /** Of `cases`, the ones with the mutant's tag. */
  readonly first: readonly Case[];
  readonly root: string;
  /** Of each case. */
  readonly seeds: number;
  /** Of all together. */
  readonly budget: number;
}

/** So many seeds of the scenarios that a mutant is about, before the others have a turn. */
const FIRST_SEEDS = 8;

export function* huntRuns(order: HuntOrder): Generator<PlannedRun, void> {
  let sequence = 0;
  for (const run of candidates(order)) {
    if (sequence >= order.budget) return;
    yield { ...run, sequence };
    sequence += 1;
  }
}

function* candidates({ cases, first, root, seeds }: HuntOrder): Generator<PlannedRun, void> {
  const plan = {
    root,
    seedsInARow: 1,
    shard: undefined,
    determinismShare: 0,
    record: 'never' as const,
  };
  const firstSeeds = Math.min(FIRST_SEEDS, seeds);
  yield* planRuns({ ...plan, cases: first, seeds: firstSeeds });
  const hadTheirTurn = new Set(first);
  for (const run of planRuns({ ...plan, cases, seeds })) {
    if (run.index >= firstSeeds || !hadTheirTurn.has(run.case)) yield run;
  }
}
