// What a suite is going to run, in the order in which its results are written. Equal plans give
// equal logs, however many workers carry them out and in which order they finish.

import { hashText } from '../../../simulator/hash.ts';
import { formatRunId, runSeedOf } from '../../seeds.ts';
import type { RunRequest } from '../worker/messages.ts';
import type { Case } from './select.ts';

export interface Plan {
  readonly cases: readonly Case[];
  readonly root: string;
  /** Of each case; infinite if only the time is limited. */
  readonly seeds: number;
  /** So many seeds of a case in a row, then the next case has its turn. */
  readonly seedsInARow: number;
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  readonly determinismShare: number;
  readonly record: RunRequest['record'];
}

export interface PlannedRun extends RunRequest {
  readonly run: string;
  readonly case: Case;
  /** Which seed of its case, from 0. */
  readonly index: number;
}

/** With a limit in time every case soon has its turn; without, cases are finished one by one. */
export const SEEDS_IN_A_ROW = 10;

export function* planRuns(plan: Plan): Generator<PlannedRun, void> {
  const { shard } = plan;
  let number = 0;
  let sequence = 0;
  for (const [one, index] of draws(plan)) {
    const isOurs = shard === undefined || number % shard.count === shard.index - 1;
    number += 1;
    if (!isOurs) continue;
    yield plannedRun(plan, { one, index, sequence });
    sequence += 1;
  }
}

/** Every case with every index, in the order of the plan, whatever the shard. */
function* draws({ cases, seeds, seedsInARow }: Plan): Generator<readonly [Case, number], void> {
  for (let first = 0; first < seeds && cases.length > 0; first += seedsInARow) {
    const end = Math.min(seeds, first + seedsInARow);
    for (const one of cases) {
      for (let index = first; index < end; index += 1) yield [one, index];
    }
  }
}

/** How many runs a plan has; undefined if only the time limits it. */
export function countRuns({ cases, seeds, shard }: Plan): number | undefined {
  if (!Number.isFinite(seeds)) return undefined;
  const all = cases.length * seeds;
  if (shard === undefined) return all;
  return Math.ceil((all - (shard.index - 1)) / shard.count);
}

function plannedRun(
  plan: Plan,
  { one, index, sequence }: { one: Case; index: number; sequence: number },
): PlannedRun {
  const seed = runSeedOf(plan.root, one.id, index);
  const { id } = one.entry.scenario;
  // The seed decides, so that a run is repeated or not wherever and whenever it happens.
  const isRepeated = (hashText(seed) >>> 0) / 2 ** 32 < plan.determinismShare;
  return {
    sequence,
    scenario: id,
    backend: one.backend,
    seed,
    isRepeated,
    record: plan.record,
    run: formatRunId({ scenario: id, backend: one.backend, seed }),
    case: one,
    index,
  };
}
