// In-flight data: whatever a barrier overtakes is in the checkpoint once, wherever it waits, and
// comes back before anything new. Consumers are slow and checkpoints frequent, so that data which
// was restored is still waiting when the next barrier overtakes it, and when the next host dies.

import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import { severalExchanges } from '../workloads/several-exchanges.ts';
import { slowSink } from '../workloads/slow-sink.ts';
import type { Visit } from '../workloads/visits.ts';

const TAGS = ['in-flight'];
/** A subtask has two inputs that hold eight elements each: these wait for about a second. */
const PAUSE_MS = 60;
const INTERVAL_MS = 60;

const slow = countByPage({ records: 90, recordsPerSecond: 100 });

/**
 * Mostly hosts that die again and again, because what is looked for takes two failures at least.
 */
const recovered: ScenarioDefinition<Visit, PageCount> = {
  ...slow,
  id: 'in-flight/recovered',
  claim: 'In-flight data that was restored and not processed is in the next checkpoint as well.',
  tags: TAGS,
  checkpoints: { unaligned: true, intervalMs: INTERVAL_MS },
  job: (context) => slow.job({ ...context, sink: () => slowSink(context.sink(), PAUSE_MS) }),
  faults: ['crash', 'kill', 'loss'],
  safetyMs: 4_000,
};

const exchanges: ScenarioDefinition<Visit, PageCount> = {
  ...severalExchanges({ records: 240, recordsPerSecond: 300, pauseMs: 20 }),
  id: 'in-flight/several-exchanges',
  claim: 'Barriers overtake data of many channels, in every stage, and it is processed once.',
  tags: TAGS,
  checkpoints: { unaligned: true, intervalMs: INTERVAL_MS },
  faults: ['crash', 'kill', 'pause', 'latency', 'clog'],
  safetyMs: 4_000,
};

/** In-flight data is bound to its channels: a job with other ones must not be started with it. */
const CHANNELS_CHANGED = ['OP-E512'];

/** The sources change; what they write to does not. */
const oneEnd: ScenarioDefinition<Visit, PageCount> = {
  ...recovered,
  job: ({ source, sink }) => {
    source()
      .map(({ page, id }): PageCount => ({ page, id, count: 1 }))
      .setParallelism(1)
      .uid('settle')
      .sinkTo(slowSink(sink(), PAUSE_MS))
      .setParallelism(1)
      .uid('sink');
  },
  model: (records) => records.map(({ page, id }) => ({ page, id, count: 1 })),
};

/** Barriers of one channel come too late for their checkpoint, and then there are newer ones. */
const expiring: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 300, recordsPerSecond: 60 }),
  id: 'in-flight/expiring',
  claim: 'Barriers of checkpoints that have expired do not pass for those of newer ones.',
  tags: TAGS,
  checkpoints: { unaligned: true, intervalMs: INTERVAL_MS, timeoutMs: 180 },
  faults: ['kill', 'loss'],
  safetyMs: 4_000,
};

/** The sink is slow for the first ones only: they are through long before the data ends. */
const SLOW_RECORDS = 60;
const mixed = countByPage({ records: 400, recordsPerSecond: 100 });

/** Aligned, barriers would wait longer than they may, and one of them is enough to fail the job. */
const inTime: ScenarioDefinition<Visit, PageCount> = {
  ...mixed,
  id: 'in-flight/in-time',
  claim: 'Unaligned checkpoints complete in time, however long records wait for their consumer.',
  tags: TAGS,
  checkpoints: { unaligned: true, timeoutMs: 400 },
  job: (context) => {
    const { env, sink } = context;
    const isSlow = ({ id }: PageCount): boolean => Number(id.slice(1)) < SLOW_RECORDS;
    mixed.job({ ...context, sink: () => slowSink(sink(), PAUSE_MS, isSlow) });
    env.getCheckpointConfig().setTolerableCheckpointFailureNumber(0);
    env.setRestartStrategy({ kind: 'none' });
  },
  faults: [],
  safetyMs: 1,
};

export const inFlightScenarios: readonly Scenario[] = [
  defineScenario(recovered),
  defineScenario({
    ...recovered,
    id: 'in-flight/recovered-aligned-timeout',
    claim: 'In-flight data that was restored survives checkpoints that turn unaligned late.',
    checkpoints: { unaligned: true, alignedTimeoutMs: 40, intervalMs: INTERVAL_MS },
  }),
  defineScenario(exchanges),
  defineScenario({
    ...exchanges,
    id: 'in-flight/several-exchanges-aligned-timeout',
    claim: 'Barriers that wait in many channels begin to overtake, and data is processed once.',
    checkpoints: { unaligned: true, alignedTimeoutMs: 30, intervalMs: INTERVAL_MS },
  }),
  defineScenario({
    ...exchanges,
    id: 'in-flight/several-exchanges-rescaled',
    claim: 'A savepoint among unaligned checkpoints moves a job with many channels to others.',
    cluster: { taskManagers: 3, slots: 2, parallelism: 3 },
    rescale: { afterCheckpoint: 3, parallelism: 2, via: 'savepoint' },
  }),
  defineScenario({
    ...recovered,
    id: 'in-flight/rescaled-by-failover',
    claim: 'In-flight data of channels that are no more is refused, and never lost in silence.',
    cluster: { taskManagers: 2, slots: 2, parallelism: 3 },
    rescale: { afterCheckpoint: 3, parallelism: 2, via: 'failover' },
    refusals: CHANNELS_CHANGED,
    faults: ['kill', 'loss'],
  }),
  defineScenario({
    ...oneEnd,
    id: 'in-flight/one-end-rescaled',
    claim: 'In-flight data is refused where one end only of its channels has changed.',
    cluster: { taskManagers: 2, slots: 2, parallelism: 3 },
    rescale: { afterCheckpoint: 3, parallelism: 2, via: 'failover' },
    refusals: CHANNELS_CHANGED,
    faults: ['kill', 'loss'],
  }),
  defineScenario(expiring),
  defineScenario(inTime),
];
