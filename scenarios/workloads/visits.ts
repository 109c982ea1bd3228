// A workload of visits: numbered events of a few keys, in event-time order but for stragglers.

import type { Random } from '../../engine/environment/random.ts';
import type { Workload } from '../scenario.ts';

export interface Visit {
  readonly id: string;
  readonly page: string;
  readonly amount: number;
  /** Event time in milliseconds. */
  readonly at: number;
}

export interface VisitsOptions {
  readonly records: number;
  readonly pages?: number;
  readonly recordsPerSecond?: number;
  /** Up to so much later than their place in the stream says. */
  readonly disorderMs?: number;
}

/** Event time between two records. */
export const VISIT_STEP_MS = 100;

export function visits(options: VisitsOptions): Workload<Visit> {
  const { records, pages = 7, recordsPerSecond = 60, disorderMs = 0 } = options;
  return {
    records,
    recordsPerSecond,
    timestampOf: ({ at }) => at,
    generate: (index: number, random: Random): Visit => ({
      id: `v${index}`,
      page: `page-${random.below(pages)}`,
      amount: 1 + random.below(100),
      at: index * VISIT_STEP_MS - (disorderMs === 0 ? 0 : random.below(disorderMs)),
    }),
  };
}

const FIXED_PAGES = 11;

/** For sources that hold their records themselves: the same ones for every seed, in order. */
export function fixedVisits(records: number): readonly Visit[] {
  return Array.from({ length: records }, (_, index) => ({
    id: `v${index}`,
    page: `page-${(index * 7) % FIXED_PAGES}`,
    amount: 1 + (index % 100),
    at: index * VISIT_STEP_MS,
  }));
}
