// Running snapshots: they are written slowly, of state that user code changes in place meanwhile.
// None may see a change that came after its barrier.

import type { Collector } from '../../engine/operator/functions.ts';
import { listState, mapState, valueState } from '../../engine/operator/state-descriptors.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import type { Visit } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

/** Some of these to a subtask are more than a snapshot writes in one go. */
const PADDING_BYTES = 64 * 1024;

interface Padded {
  count: number;
  readonly padding: Uint8Array;
}

const states = {
  value: valueState<Padded>('value'),
  list: listState<string>('list'),
  map: mapState<string, { count: number }>('map'),
};

/** The count of a page, kept in three ways that must stay one. */
const inPlace: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 100, pages: 13, recordsPerSecond: 60 }),
  id: 'state/changed-in-place',
  claim: 'Values, lists and maps that change in place are in each snapshot as they were.',
  tags: ['state', 'snapshots'],
  // State inside of messages is written in one go.
  backends: ['fs'],
  backendsOnRequest: ['rocksdb', 'hdfs', 'druid', 's3'],
  job: ({ source, sink }) => {
    source()
      .keyBy(({ page }) => page)
      .process({
        state: states,
        processElement({ page, id }: Visit, { state }, out: Collector<PageCount>) {
          const value = state.value.value() ?? { count: 0, padding: new Uint8Array(PADDING_BYTES) };
          value.count++;
          state.value.update(value);
          state.list.add(id);
          const mapped = state.map.get('count') ?? { count: 0 };
          mapped.count++;
          state.map.put('count', mapped);
          const counts = new Set([value.count, state.list.get().length, mapped.count]);
          out.collect({ page, id, count: counts.size === 1 ? value.count : -1 });
        },
      })
      .uid('count')
      .sinkTo(sink())
      .uid('sink');
  },
  faults: CLUSTER_FAULTS,
  // As long as the job lives.
  safetyMs: 1_200,
};

export const runningSnapshotScenarios: readonly Scenario[] = [defineScenario(inPlace)];
