// A count behind several exchanges of different kinds, so that data waits in many channels at once:
// spread evenly, by key, and spread again in front of the sink. What a barrier overtakes is then in
// outputs and inputs of every stage, of channels that connect all subtasks.

import { valueState } from '../../engine/operator/state-descriptors.ts';
import type { JobContext, ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from './count-by-page.ts';
import { slowSink } from './slow-sink.ts';
import type { Visit, VisitsOptions } from './visits.ts';

export interface SeveralExchangesOptions extends VisitsOptions {
  /** How long the sink takes for each batch that comes. */
  readonly pauseMs: number;
}

type Parts = Pick<
  ScenarioDefinition<Visit, PageCount>,
  'workload' | 'job' | 'model' | 'project' | 'accountsFor' | 'idOf'
>;

export function severalExchanges(options: SeveralExchangesOptions): Parts {
  return { ...countByPage(options), job: (context) => job(context, options) };
}

function job(
  { source, sink }: JobContext<Visit, PageCount>,
  { pauseMs }: SeveralExchangesOptions,
): void {
  source()
    .rebalance()
    .map((visit) => ({ ...visit }))
    .uid('spread')
    .keyBy(({ page }) => page)
    .process({
      state: { count: valueState<number>('count') },
      processElement({ page, id }, { state }, out: { collect(value: PageCount): void }) {
        const count = (state.count.value() ?? 0) + 1;
        state.count.update(count);
        out.collect({ page, id, count });
      },
    })
    .uid('count')
    .rebalance()
    .map((count) => ({ ...count }))
    .uid('settle')
    .sinkTo(slowSink(sink(), pauseMs))
    .uid('sink');
}
