// Timers in RocksDB: what holds for timers on the heap holds when they lie in the store and hardly
// any of them fit into memory.

import { valueState } from '../../engine/operator/state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import { smallRocksDB } from '../cluster/backends/rocksdb-backend.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { VISIT_STEP_MS, type Visit, visits } from '../workloads/visits.ts';
import { eventTimers } from './checkpointing.ts';
import { everyKind } from './equality.ts';
import { processingTimers } from './state.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS } from './variants.ts';
import { sessionWindows, tumblingWindows } from './windows.ts';

function stored<IN, OUT>(
  definition: ScenarioDefinition<IN, OUT>,
  name: string,
): ScenarioDefinition<IN, OUT> {
  return {
    ...definition,
    id: `stored-timers/${name}`,
    claim: `${definition.claim} With timers in RocksDB.`,
    tags: [...(definition.tags ?? []), 'timers'],
    backends: [],
    backendsOnRequest: ['rocksdb'],
    // The reference of a comparison keeps its own.
    stateBackend: (backend) => (backend.name === 'rocksdb' ? smallRocksDB('rocksdb') : backend),
  };
}

interface Rung {
  readonly id: string;
  readonly at: number;
}

/** Many are due at one time, far more than are held in memory. */
const BELL_MS = 40 * VISIT_STEP_MS;
/** Beyond all events: set with each of them, and moved by each. */
const FAR_MS = 10_000_000;

/** One key for each visit; all keys of a while ring together. */
const bells: ScenarioDefinition<Visit, Rung> = {
  id: 'bells',
  claim: 'Timers of many keys at one time fire once each, and a timer that was moved fires last.',
  tags: ['checkpointing'],
  workload: visits({ records: 160 }),
  job: ({ source, sink }) => {
    source()
      .assignTimestampsAndWatermarks(WatermarkStrategy.forBoundedOutOfOrderness(VISIT_STEP_MS))
      .keyBy(({ id }) => id)
      .process({
        state: { name: valueState<string>('name', { defaultValue: '' }) },
        processElement({ id, at }, { state, timerService }, out: { collect(value: Rung): void }) {
          state.name.update(id);
          const due = at - (at % BELL_MS) + BELL_MS;
          timerService.registerEventTimeTimer(FAR_MS);
          timerService.registerEventTimeTimer(FAR_MS + 1 + at);
          timerService.deleteEventTimeTimer(FAR_MS);
          if (due > timerService.currentWatermark()) timerService.registerEventTimeTimer(due);
          else out.collect({ id, at: due });
        },
        onTimer(timestamp, { state }, out) {
          out.collect({ id: state.name.value(), at: timestamp });
        },
      })
      .uid('bells')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) =>
    records.flatMap(({ id, at }) => [
      { id, at: at - (at % BELL_MS) + BELL_MS },
      { id, at: FAR_MS + 1 + at },
    ]),
  accountsFor: ({ id, at }) => (at < FAR_MS ? [id] : []),
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

export const storedTimerScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned(stored(eventTimers, 'event-timers')),
  defineScenario({
    ...stored(eventTimers, 'event-timers-rescaled'),
    rescale: { afterCheckpoint: 2, parallelism: 3, via: 'failover' },
  }),
  ...alignedAndUnaligned(stored(bells, 'bells')),
  defineScenario({
    ...stored(bells, 'bells-rescaled'),
    rescale: { afterCheckpoint: 2, parallelism: 3, via: 'savepoint' },
  }),
  defineScenario(stored(processingTimers, 'processing-timers')),
  defineScenario(stored(tumblingWindows, 'tumbling-windows')),
  defineScenario(stored(sessionWindows, 'session-windows')),
  defineScenario(stored(everyKind, 'every-kind-of-state')),
];
