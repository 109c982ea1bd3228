// Checkpointing: what a checkpoint holds is a consistent cut, whatever the shape of the job and the
// way its barriers travel.

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import { valueState, mapState } from '../../engine/operator/state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { undisturbed } from '../checkers/checkpoint-checkers.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import { slowSink } from '../workloads/slow-sink.ts';
import { VISIT_STEP_MS, type Visit, visits } from '../workloads/visits.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS, DISK_FAULTS } from './variants.ts';

const TAGS = ['checkpointing'];
/** The input takes 1.4 s, with a checkpoint every 0.2 s; then comes one more. */
const UNDISTURBED = { withinMs: 2_500, checkpointsMin: 5 };

interface Matched {
  readonly page: string;
  readonly left: number;
  readonly right: number;
  readonly id: string;
}

/** Two inputs that share state: odd and even amounts of a page are summed apart. */
const twoInputs: ScenarioDefinition<Visit, Matched> = {
  id: 'checkpointing/two-inputs',
  claim: 'Barriers of two inputs are aligned: state that both change is cut consistently.',
  tags: TAGS,
  workload: visits({ records: 140, pages: 5 }),
  job: ({ source, sink }) => {
    const visited = source();
    const odd = visited.filter(({ amount }) => amount % 2 === 1);
    const even = visited.filter(({ amount }) => amount % 2 === 0);
    odd
      .keyBy(({ page }) => page)
      .connect(even.keyBy(({ page }) => page))
      .process({
        state: { left: valueState<number>('left'), right: valueState<number>('right') },
        processElement1({ page, id }, { state }, out) {
          state.left.update((state.left.value() ?? 0) + 1);
          out.collect({ page, id, left: state.left.value() ?? 0, right: -1 });
        },
        processElement2({ page, id }, { state }, out) {
          state.right.update((state.right.value() ?? 0) + 1);
          out.collect({ page, id, left: -1, right: state.right.value() ?? 0 });
        },
      })
      .uid('match')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) => {
    const counts = new Map<string, number>();
    return records.map(({ page, id, amount }) => {
      const isOdd = amount % 2 === 1;
      const key = `${page}/${isOdd}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { page, id, left: isOdd ? count : -1, right: isOdd ? -1 : count };
    });
  },
  project: ({ page, left, right }) => ({ page, left, right }),
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

export interface Fired {
  readonly id: string;
}

/** A timer for every record; each must fire once. */
export const eventTimers: ScenarioDefinition<Visit, Fired> = {
  id: 'checkpointing/event-timers',
  claim: 'Timers are state: after any failure each fires exactly once.',
  tags: TAGS,
  workload: visits({ records: 140, pages: 6 }),
  job: ({ source, sink }) => {
    source()
      .assignTimestampsAndWatermarks(WatermarkStrategy.forBoundedOutOfOrderness(VISIT_STEP_MS))
      .keyBy(({ page }) => page)
      .process({
        state: { waiting: mapState<number, readonly string[]>('waiting') },
        processElement({ id, at }, context, out: { collect(value: Fired): void }) {
          const due = at + 5 * VISIT_STEP_MS;
          if (due <= context.timerService.currentWatermark()) return out.collect({ id });
          const { waiting } = context.state;
          waiting.put(due, [...(waiting.get(due) ?? []), id]);
          context.timerService.registerEventTimeTimer(due);
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
  model: (records) => records.map(({ id }) => ({ id })),
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

const counted = countByPage({ records: 160 });
/**
 * Less than the sources give: two records come in about 17 ms, and the sink takes a batch in 30.
 */
const PAUSE_MS = 30;

/** Every place where records can wait has some, so that barriers have something to overtake. */
const backpressure: ScenarioDefinition<Visit, PageCount> = {
  ...counted,
  id: 'checkpointing/backpressure',
  claim: 'Records that wait in front of a slow sink are in the checkpoint once, or come again.',
  tags: TAGS,
  workload: { ...counted.workload, recordsPerSecond: 150 },
  job: (context) => counted.job({ ...context, sink: () => slowSink(context.sink(), PAUSE_MS) }),
  faults: CLUSTER_FAULTS,
};

/** Barriers of one channel come late, often too late, and nobody dies of it. */
const expiring: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 100, recordsPerSecond: 25 }),
  id: 'checkpointing/expiring',
  claim: 'Checkpoints that expire while they are aligned leave no channel blocked.',
  tags: TAGS,
  cluster: { taskManagers: 3, slots: 1, parallelism: 3 },
  checkpoints: { intervalMs: 60, timeoutMs: 120 },
  faults: ['latency', 'clog', 'reorder'],
  safetyMs: 2_000,
};

/** Nothing happens to it, so nothing may be late: what a timeout would mend is seen. */
const quiet: ScenarioDefinition<Visit, PageCount> = {
  ...counted,
  id: 'checkpointing/undisturbed',
  claim: 'Where nothing fails no checkpoint fails, and the job ends with its data.',
  tags: TAGS,
  faults: [],
  safetyMs: 1,
  checkers: [undisturbed(UNDISTURBED)],
};

/** Nothing but the end of the data makes a checkpoint, however often it fails. */
const finalOnly: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 80 }),
  id: 'checkpointing/final-only',
  claim: 'A job whose interval is an hour ends with its data, and commits all of it.',
  tags: TAGS,
  checkpoints: { intervalMs: 3_600_000, timeoutMs: 500 },
  faults: [...CLUSTER_FAULTS, ...DISK_FAULTS],
};

/** Read in a tenth of the time of the rest. */
const EARLY: readonly Visit[] = Array.from({ length: 12 }, (_, index) => ({
  id: `early-${index}`,
  page: `page-${index % 3}`,
  amount: 1,
  at: index * VISIT_STEP_MS,
}));

/** After a restore, what has ended sends nothing more, and must not be waited for. */
const earlyEnd: ScenarioDefinition<Visit, Fired> = {
  ...eventTimers,
  id: 'checkpointing/early-end',
  claim: 'Timers fire once, though one of two sources ended, for good, before the restored cut.',
  job: ({ env, source, sink }) => {
    const early = new CollectionSource({
      elements: EARLY,
      recordsPerSecond: 60,
      timestampOf: ({ at }) => at,
    });
    const timed = env.fromSource(early).uid('early').union(source());
    eventTimers.job({ env, source: () => timed, sink });
  },
  model: (records) => [...EARLY, ...records].map(({ id }) => ({ id })),
  accountsFor: ({ id }) => (id.startsWith('early-') ? [] : [id]),
};

export const checkpointingScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned({
    id: 'checkpointing/keyed-count',
    claim: 'Checkpoints that follow each other closely, and expire early, are consistent cuts.',
    tags: TAGS,
    ...countByPage({ records: 160 }),
    checkpoints: { intervalMs: 60, timeoutMs: 400 },
    faults: CLUSTER_FAULTS,
  }),
  defineScenario({
    id: 'checkpointing/aligned-timeout',
    claim: 'A barrier that waits too long overtakes, and the cut is consistent all the same.',
    tags: TAGS,
    ...countByPage({ records: 160 }),
    checkpoints: { unaligned: true, alignedTimeoutMs: 40 },
    faults: CLUSTER_FAULTS,
  }),
  defineScenario({
    id: 'checkpointing/concurrent',
    claim: 'Up to three checkpoints under way at once do not get into each other.',
    tags: TAGS,
    ...countByPage({ records: 160 }),
    checkpoints: { intervalMs: 40, maxConcurrent: 3, retained: 2 },
    faults: CLUSTER_FAULTS,
  }),
  defineScenario({
    id: 'checkpointing/at-least-once',
    claim: 'Without alignment nothing is lost, though some may be repeated.',
    tags: TAGS,
    ...countByPage({ records: 160 }),
    // Repeated records push the counts of later ones up: only the ledger binds.
    project: ({ page }) => ({ page }),
    guarantee: 'at-least-once',
    faults: CLUSTER_FAULTS,
  }),
  ...alignedAndUnaligned(twoInputs),
  ...alignedAndUnaligned(eventTimers),
  defineScenario({
    ...eventTimers,
    id: 'checkpointing/event-timers-rescaled',
    claim: 'Timers move with their keys: after a change of parallelism each fires exactly once.',
    rescale: { afterCheckpoint: 2, parallelism: 3, via: 'failover' },
  }),
  ...alignedAndUnaligned(backpressure),
  defineScenario({
    ...backpressure,
    id: 'checkpointing/backpressure-aligned-timeout',
    claim: 'Barriers that wait behind records begin to overtake them, and the cut is consistent.',
    checkpoints: { unaligned: true, alignedTimeoutMs: 60 },
  }),
  defineScenario(expiring),
  defineScenario(finalOnly),
  ...alignedAndUnaligned(earlyEnd),
  ...alignedAndUnaligned(quiet),
];
