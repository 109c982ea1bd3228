// Sinks: what was sealed is committed once, though the service refuses, fails, forgets to answer or
// takes its time, and whoever it falls to after a change of parallelism.

import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage } from '../workloads/count-by-page.ts';
import { slowDiskSink, unreliableSink } from '../workloads/unreliable-sink.ts';
import { type Visit, visits } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

const passThrough: ScenarioDefinition<Visit, Visit> = {
  id: 'sinks/unreliable-service',
  claim: 'Output is committed once by a service that refuses, fails and forgets to answer.',
  tags: ['two-phase-commit', 'sinks'],
  workload: visits({ records: 100, recordsPerSecond: 50 }),
  checkpoints: { intervalMs: 100 },
  job: ({ source, sink }) => {
    source().sinkTo(unreliableSink(sink())).uid('sink');
  },
  model: (records) => records,
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  faults: ['kill', 'loss', 'latency'],
};

const counted = countByPage({ records: 100, recordsPerSecond: 50 });

export const sinkScenarios: readonly Scenario[] = [
  defineScenario(passThrough),
  defineScenario({
    ...passThrough,
    id: 'sinks/slow-disk',
    claim: 'A checkpoint waits for what it seals, and is not complete before that is durable.',
    job: ({ source, sink }) => {
      source()
        .sinkTo(slowDiskSink(sink(), { looks: 150 }))
        .uid('sink');
    },
    faults: ['crash', 'kill', 'pause', 'loss'],
  }),
  defineScenario({
    ...counted,
    id: 'sinks/slow-disk-counted',
    claim: 'State is in a checkpoint as it was at the barrier, however long its output takes.',
    tags: ['two-phase-commit', 'sinks'],
    checkpoints: { intervalMs: 100 },
    job: (context) =>
      counted.job({ ...context, sink: () => slowDiskSink(context.sink(), { looks: 150 }) }),
    faults: ['crash', 'kill', 'pause', 'loss'],
  }),
  defineScenario({
    ...passThrough,
    id: 'sinks/failing-syncs',
    claim: 'Output whose directory could not be synced is committed again until it is durable.',
    job: ({ source, sink }) => {
      source().sinkTo(sink()).uid('sink');
    },
    // The last commit is what counts: behind it no other sync makes up for one that failed.
    cluster: { taskManagers: 1, slots: 1, parallelism: 1 },
    workload: visits({ records: 40, recordsPerSecond: 40 }),
    checkpoints: { intervalMs: 500 },
    faults: ['sync-failure'],
    safetyMs: 2_500,
  }),
  defineScenario({
    ...passThrough,
    id: 'sinks/nothing-to-commit',
    claim: 'Checkpoints for which a sink has nothing to commit complete like any other.',
    workload: visits({ records: 16, recordsPerSecond: 5 }),
    checkpoints: { intervalMs: 80 },
    job: ({ env, source, sink }) => {
      source().sinkTo(sink()).uid('sink');
      // Nothing may fail, not once.
      env.setRestartStrategy({ kind: 'none' });
    },
    faults: [],
    safetyMs: 1,
  }),
  defineScenario({
    ...passThrough,
    id: 'sinks/rescaled-by-failover',
    claim: 'Output that was sealed and not committed is committed by whoever gets it.',
    job: ({ source, sink }) => {
      source().sinkTo(sink()).uid('sink');
    },
    cluster: { taskManagers: 2, slots: 2, parallelism: 3 },
    rescale: { afterCheckpoint: 3, parallelism: 2, via: 'failover' },
    faults: CLUSTER_FAULTS,
  }),
];
