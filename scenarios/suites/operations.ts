// Operations: what somebody does to a job that runs, at any moment and while everything else goes
// wrong, neither loses nor repeats anything, whichever life of the job has put it out.

import type { FaultKind } from '../../simulator/index.ts';
import { JOB_MANAGER, taskManagersOf } from '../cluster/hosts.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { type PageTotal, versionedTotal } from '../workloads/versioned-total.ts';
import { type Visit, visits } from '../workloads/visits.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS } from './variants.ts';
import { sessionWindows, type WindowResult } from './windows.ts';

/** That any job can stand. */
const OF_ANY_JOB = ['savepoint', 'stop-with-savepoint', 'rescale', 'cancel'] as const;
const ALL = [...OF_ANY_JOB, 'upgrade', 'switch-backend'] as const;

/** Those that share one storage. */
const STATE_BACKENDS = ['memory', 'fs', 'rocksdb'] as const;

/** Slow, so that there is still a job when the last of them comes. */
const PACE = { records: 180, recordsPerSecond: 25 };

const totals: ScenarioDefinition<Visit, PageTotal> = {
  ...versionedTotal({ ...PACE, pages: 11 }),
  id: 'operations/everything',
  claim:
    'Savepoints, stops, rescales, cancellations, upgrades and other backends, in any order, ' +
    'count every record once.',
  tags: ['operations'],
  checkpoints: { intervalMs: 150 },
  backends: ['memory', 'fs'],
  backendsOnRequest: ['rocksdb'],
  stateBackends: STATE_BACKENDS,
  faults: [...ALL, ...CLUSTER_FAULTS],
  safetyMs: 3_000,
};

const CLAIMS: Readonly<Record<(typeof ALL)[number], string>> = {
  savepoint: 'Savepoints at any moment change nothing, and stay what they were.',
  'stop-with-savepoint': 'A job that is stopped with a savepoint goes on where it was.',
  rescale: 'A job may get another parallelism at any moment.',
  cancel: 'A job goes on from what the canceled one before it has left.',
  upgrade: 'Another version of the job, with another state schema, goes on where it was.',
  'switch-backend': 'A job goes on with its state in another backend.',
};

const windowed: ScenarioDefinition<Visit, WindowResult> = {
  ...sessionWindows,
  id: 'operations/windows',
  claim: 'Sessions that were open when the job stopped are gone on with.',
  tags: ['operations', 'windows'],
  workload: visits({ ...PACE, records: 160, pages: 4, disorderMs: 800 }),
  checkpoints: { intervalMs: 150 },
  backends: ['memory', 'fs'],
  backendsOnRequest: ['rocksdb'],
  stateBackends: STATE_BACKENDS,
  faults: [...OF_ANY_JOB, 'switch-backend', ...CLUSTER_FAULTS],
  safetyMs: 3_000,
};

const passThrough: ScenarioDefinition<Visit, Visit> = {
  id: 'operations/two-phase-commit',
  claim: 'What one life of a job has sealed, and its checkpoint holds, the next one commits.',
  tags: ['operations', 'two-phase-commit'],
  workload: visits(PACE),
  checkpoints: { intervalMs: 100 },
  backendsOnRequest: ['rocksdb', 's3'],
  job: ({ source, sink }) => {
    source().sinkTo(sink()).uid('sink');
  },
  model: (records) => records,
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  faults: [...OF_ANY_JOB, ...CLUSTER_FAULTS],
  safetyMs: 3_000,
};

/** By then tasks have taken their part of the savepoint, and it is being stored. */
const STORED_AFTER_MS = [70, 85, 100, 115];

const failsWhileItStops: ScenarioDefinition<Visit, PageTotal> = {
  ...totals,
  id: 'operations/fails-while-it-stops',
  claim: 'A job that fails once its last savepoint is being stored does not run on.',
  stateBackends: [],
  faults: ['upgrade'],
  staged: STORED_AFTER_MS.flatMap((afterMs, index) => {
    const after = { mark: 'checkpoint-completed', nth: 1 + 4 * index };
    const [host = JOB_MANAGER] = taskManagersOf(1);
    return [
      { kind: 'upgrade', atMs: 0, after },
      { kind: 'kill', host, atMs: afterMs, downMs: 0, after },
    ] as const;
  }),
};

/** By then some tasks have stopped, and others may have. */
const STOPPED_AFTER_MS = [6, 10, 14, 18, 24, 32];

/** No shuffle: what dies is a region of its own, and need not take the others along. */
const halfOfItFails: ScenarioDefinition<Visit, Visit> = {
  ...passThrough,
  id: 'operations/half-of-it-fails-while-it-stops',
  claim: 'Tasks that have stopped for a savepoint go on when others fail and it is given up.',
  backendsOnRequest: ['rocksdb'],
  cluster: { taskManagers: 2, slots: 1, parallelism: 2 },
  faults: ['latency'],
  staged: STOPPED_AFTER_MS.flatMap((afterMs, index) => {
    const after = { mark: 'checkpoint-completed', nth: 2 + 5 * index };
    const [host = JOB_MANAGER] = taskManagersOf(1);
    return [
      { kind: 'stop-with-savepoint', atMs: 0, after },
      { kind: 'kill', host, atMs: afterMs, downMs: 0, after },
    ] as const;
  }),
};

/** So long a barrier and its answer are on their way: a stop takes at least twice as long. */
const SLOW_MS = 400;

/** Between the two barriers every source gives a watermark, for which sessions end. */
const savepointBehindAStop: ScenarioDefinition<Visit, WindowResult> = {
  ...windowed,
  id: 'operations/savepoint-behind-a-stop',
  claim: 'What comes after the savepoint that stops a job neither counts nor keeps it from ending.',
  stateBackends: [],
  faults: ['latency'],
  staged: [1, 4, 7].flatMap((nth) => {
    const after = { mark: 'checkpoint-completed', nth };
    return [
      { kind: 'latency', host: JOB_MANAGER, addMs: SLOW_MS, fromMs: 0, toMs: 1_600, after },
      { kind: 'stop-with-savepoint', atMs: 1, after },
      { kind: 'savepoint', atMs: 260, after },
    ] as const;
  }),
};

function alone(kind: (typeof ALL)[number]): Scenario {
  const faults: readonly FaultKind[] = [kind, ...CLUSTER_FAULTS];
  const { stateBackends: _, ...common } = totals;
  return defineScenario({
    ...(kind === 'switch-backend' ? totals : common),
    id: `operations/${kind}`,
    claim: CLAIMS[kind],
    faults,
  });
}

export const operationScenarios: readonly Scenario[] = [
  ...ALL.map(alone),
  ...alignedAndUnaligned(totals),
  ...alignedAndUnaligned(windowed),
  defineScenario(passThrough),
  defineScenario(failsWhileItStops),
  defineScenario(halfOfItFails),
  defineScenario(savepointBehindAStop),
];
