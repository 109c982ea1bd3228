// The job most scenarios run: a running count per page, one output per record, so that a lost or
// repeated record shows in a count and in the ledger.

import { valueState } from '../../engine/operator/state-descriptors.ts';
import type { JobContext, ScenarioDefinition } from '../scenario.ts';
import { type Visit, visits, type VisitsOptions } from './visits.ts';

export interface PageCount {
  readonly page: string;
  readonly id: string;
  readonly count: number;
}

type Parts = Pick<
  ScenarioDefinition<Visit, PageCount>,
  'workload' | 'job' | 'model' | 'project' | 'accountsFor' | 'idOf'
>;

export function countByPage(options: VisitsOptions): Parts {
  return {
    workload: visits(options),
    job: countJob,
    model: countModel,
    // Which record of a page is counted first is up to the interleaving of the readers.
    project: ({ page, count }) => ({ page, count }),
    accountsFor: ({ id }) => [id],
    idOf: ({ id }) => id,
  };
}

function countJob({ source, sink }: JobContext<Visit, PageCount>): void {
  source()
    .keyBy(({ page }) => page)
    .process({
      state: { count: valueState<number>('count') },
      processElement({ page, id }, { state }, out) {
        const count = (state.count.value() ?? 0) + 1;
        state.count.update(count);
        out.collect({ page, id, count });
      },
    })
    .uid('count')
    .sinkTo(sink())
    .uid('sink');
}

function countModel(records: readonly Visit[]): readonly PageCount[] {
  const counts = new Map<string, number>();
  return records.map(({ page, id }) => {
    const count = (counts.get(page) ?? 0) + 1;
    counts.set(page, count);
    return { page, id, count };
  });
}
