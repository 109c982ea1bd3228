// State: whatever kind it is of and however large, a checkpoint holds it as it was at the barrier,
// and a restore gives it back to whom it belongs.

import { listState, mapState, valueState } from '../../engine/operator/state-descriptors.ts';
import { unionListState } from '../../engine/operator/operator-state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import { VISIT_STEP_MS, type Visit, visits } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

const TAGS = ['state'];

/** Some of these to a subtask are more than a snapshot writes in one go. */
const PADDING = 'x'.repeat(48 * 1024);

interface Padded {
  count: number;
  readonly padding: string;
}

/** Counts change in place while the snapshot of them is being written. */
const largeValues: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 240, pages: 19, recordsPerSecond: 150 }),
  id: 'state/large-values',
  claim: 'Records that come while a large snapshot is written are not in it.',
  tags: TAGS,
  // State inside of messages is written in one go.
  backends: ['fs'],
  backendsOnRequest: ['rocksdb', 'hdfs', 'druid', 's3'],
  job: ({ source, sink }) => {
    source()
      .keyBy(({ page }) => page)
      .process({
        state: { padded: valueState<Padded>('padded') },
        processElement({ page, id }, { state }, out) {
          const padded = state.padded.value() ?? { count: 0, padding: PADDING };
          padded.count++;
          state.padded.update(padded);
          out.collect({ page, id, count: padded.count });
        },
      })
      .uid('count')
      .sinkTo(sink())
      .uid('sink');
  },
  faults: CLUSTER_FAULTS,
};

/** Beyond the event time of all visits: due when the input has ended. */
const AT_THE_END = 1_000_000_000;
const BATCH = 3;

const CollectingCounts = {
  counts: unionListState<readonly [string, number]>('counts'),
  batch: listState<PageCount>('batch'),
};

/**
 * Counts in a union list, of which a subtask takes the highest count of every page, and keeps what
 * it puts out in a split list until there are a few.
 */
const operatorState: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 160, pages: 9 }),
  id: 'state/operator-state',
  claim: 'Every element of a split list goes to one subtask, and all of a union list to each.',
  tags: TAGS,
  job: ({ source, sink }) => {
    source()
      .assignTimestampsAndWatermarks(WatermarkStrategy.forBoundedOutOfOrderness(VISIT_STEP_MS))
      .keyBy(({ page }) => page)
      .process({
        operatorState: CollectingCounts,
        processElement({ page, id }, context, out: { collect(value: PageCount): void }) {
          const { counts, batch } = context.operatorState;
          const highest = new Map<string, number>();
          for (const [known, count] of counts.get()) {
            highest.set(known, Math.max(highest.get(known) ?? 0, count));
          }
          const count = (highest.get(page) ?? 0) + 1;
          counts.update([...highest.set(page, count)]);
          batch.add({ page, id, count });
          context.timerService.registerEventTimeTimer(AT_THE_END);
          if (batch.get().length < BATCH) return;
          for (const one of batch.get()) out.collect(one);
          batch.clear();
        },
        onTimer(_timestamp, { operatorState: { batch } }, out) {
          for (const one of batch.get()) out.collect(one);
          batch.clear();
        },
      })
      .uid('count')
      .sinkTo(sink())
      .uid('sink');
  },
  faults: CLUSTER_FAULTS,
};

interface CopiedCount {
  readonly page: string;
  readonly id: string;
  readonly copy: number;
  readonly count: number;
}

const COPIES = 2;

/** Every subtask counts every record. */
const broadcastState: ScenarioDefinition<Visit, CopiedCount> = {
  id: 'state/broadcast',
  claim: 'Each subtask gets its own copy of a broadcast state back.',
  tags: TAGS,
  workload: visits({ records: 100, pages: 5 }),
  cluster: { parallelism: COPIES },
  checkpoints: { unaligned: true },
  job: ({ source, sink }) => {
    const visited = source();
    const broadcast = visited.broadcast({ counts: mapState<string, number>('counts') });
    visited
      .keyBy(({ page }) => page)
      .connect(broadcast)
      .process<CopiedCount>({
        processElement() {},
        processBroadcastElement({ page, id }, context, out) {
          const { counts } = context.broadcastState;
          const count = (counts.get(page) ?? 0) + 1;
          counts.put(page, count);
          out.collect({ page, id, copy: context.subtaskIndex, count });
        },
      })
      .uid('count')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) => {
    const { model } = countByPage({ records: records.length });
    return Array.from({ length: COPIES }, (_, copy) => copy).flatMap((copy) =>
      model(records).map((counted) => ({ ...counted, copy })),
    );
  },
  project: ({ page, copy, count }) => ({ page, copy, count }),
  accountsFor: ({ id, copy }) => (copy === 0 ? [id] : []),
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

const WAITING = 100;
/** More than can wait in a channel: when the last of them comes, all timers have been due. */
const BEHIND = 300;
const DELAY_MS = 40;

/** Each of the first visits is put out a while later; the rest only keep the input open. */
export const processingTimers: ScenarioDefinition<Visit, Pick<Visit, 'id'>> = {
  id: 'state/processing-timers',
  claim: 'Timers on the clock fire once, at the latest when the task that takes over is there.',
  tags: TAGS,
  workload: visits({ records: WAITING + BEHIND, pages: 6, recordsPerSecond: 150 }),
  job: ({ source, sink }) => {
    source()
      .keyBy(({ page }) => page)
      .process({
        state: { waiting: mapState<number, readonly string[]>('waiting') },
        processElement({ id, at }, context, _out: { collect(value: { id: string }): void }) {
          if (at >= WAITING * VISIT_STEP_MS) return;
          const { waiting } = context.state;
          const due = context.timerService.currentProcessingTime() + DELAY_MS;
          waiting.put(due, [...(waiting.get(due) ?? []), id]);
          context.timerService.registerProcessingTimeTimer(due);
        },
        onTimer(timestamp, { state }, out) {
          for (const id of state.waiting.get(timestamp) ?? []) out.collect({ id });
          state.waiting.remove(timestamp);
        },
      })
      .uid('timers')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) =>
    records.filter(({ at }) => at < WAITING * VISIT_STEP_MS).map(({ id }) => ({ id })),
  // Nothing that holds records up: a timer that is not due when the input ends is dropped, as in
  // Flink, and after a pause all the rest of the input may come at once.
  faults: ['crash', 'kill'],
};

export const stateScenarios: readonly Scenario[] = [
  defineScenario(largeValues),
  defineScenario(operatorState),
  defineScenario({
    ...operatorState,
    id: 'state/operator-state-rescaled',
    claim: 'Lists of elements are dealt out anew to more subtasks, none lost and none twice.',
    rescale: { afterCheckpoint: 3, parallelism: 4, via: 'savepoint' },
  }),
  defineScenario(broadcastState),
  defineScenario(processingTimers),
];
