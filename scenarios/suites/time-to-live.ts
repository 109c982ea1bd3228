// Time to live: state that has outlived its time is not seen again, whatever has failed since it
// was written. Nobody can say that it is still seen before: a recovery may take longer than it
// lives.

import type { Collector } from '../../engine/operator/functions.ts';
import { listState, mapState, valueState } from '../../engine/operator/state-descriptors.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { VISIT_STEP_MS, type Visit, visits } from '../workloads/visits.ts';

const WATCHED = 100;
/** More than can wait in a channel: when the last of them comes, all timers have been due. */
const BEHIND = 300;
const TTL_MS = 60;
const ttl = { ttlMs: TTL_MS };

const states = {
  value: valueState<string>('value', { ttl }),
  list: listState<string>('list', { ttl }),
  map: mapState<string, string>('map', { ttl }),
};

interface Look {
  readonly id: string;
  /** What was still there when its time was over. */
  readonly found: readonly string[];
}

const outlived: ScenarioDefinition<Visit, Look> = {
  id: 'state/outlived',
  claim: 'Whoever looks for state in the very moment when its time is over finds nothing.',
  tags: ['state', 'ttl'],
  workload: visits({ records: WATCHED + BEHIND, recordsPerSecond: 150 }),
  job: ({ source, sink }) => {
    source()
      .keyBy(({ id }) => id)
      .process({
        state: states,
        processElement({ id, at }: Visit, { state, timerService }, _out: Collector<Look>) {
          if (at >= WATCHED * VISIT_STEP_MS) return;
          state.value.update(id);
          state.list.add(id);
          state.map.put(id, id);
          timerService.registerProcessingTimeTimer(timerService.currentProcessingTime() + TTL_MS);
        },
        onTimer(_time, { key: id, state: { value, list, map } }, out) {
          const found = [
            ...(value.value() === undefined ? [] : ['value']),
            ...(list.get().length === 0 ? [] : ['list']),
            ...(map.get(id) === undefined ? [] : ['map']),
          ];
          out.collect({ id, found });
        },
      })
      .uid('look')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) =>
    records.filter(({ at }) => at < WATCHED * VISIT_STEP_MS).map(({ id }) => ({ id, found: [] })),
  stateExpires: true,
  // Clocks that are set back make state live again, and a timer that is not due when the input ends
  // is dropped, as in Flink: nothing that holds records up.
  faults: ['crash', 'kill'],
};

export const timeToLiveScenarios: readonly Scenario[] = [defineScenario(outlived)];
