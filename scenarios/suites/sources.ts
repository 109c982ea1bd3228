// Sources: a split is with the enumerator, on its way, or in a reader, and in one of these only,
// whatever fails while it changes hands.

import type { DataStream } from '../../engine/api/data-stream.ts';
import type { StreamExecutionEnvironment } from '../../engine/api/stream-execution-environment.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import { RequestedSplitsSource } from '../workloads/requested-splits.ts';
import { fixedVisits, type Visit } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

const TAGS = ['sources'];
const RECORDS = 160;
/** Of eight records each: a split is handed over every few hundred milliseconds. */
const SPLITS = 20;
const RECORDS_PER_SECOND = 30;

const VISITS = fixedVisits(RECORDS);

const workload: ScenarioDefinition<Visit, unknown>['workload'] = {
  records: RECORDS,
  recordsPerSecond: RECORDS_PER_SECOND,
  generate: (index) => VISITS[index] as Visit,
};

function requestedVisits(env: StreamExecutionEnvironment, splits = SPLITS): DataStream<Visit> {
  const source = new RequestedSplitsSource({
    elements: VISITS,
    splits,
    recordsPerSecond: RECORDS_PER_SECOND,
  });
  return env.fromSource(source).uid('requested');
}

/** No shuffle: every subtask is a region of its own and fails alone, with its splits. */
const passedOn: ScenarioDefinition<Visit, Visit> = {
  id: 'sources/requested-splits',
  claim: 'Splits that are handed out one by one are read once, though readers fail alone.',
  tags: TAGS,
  workload,
  cluster: { taskManagers: 3, slots: 1, parallelism: 3 },
  checkpoints: { intervalMs: 100 },
  job: ({ env, sink }) => {
    requestedVisits(env).sinkTo(sink()).uid('sink');
  },
  model: (records) => records,
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  // Few kinds, and while the job runs: what is looked for takes a host that dies in between.
  faults: ['crash', 'kill', 'pause', 'loss'],
  safetyMs: 2_500,
};

/** Of two records each: between two checkpoints that are under way some are handed out. */
const SMALL_SPLITS = 80;

const overlapping: ScenarioDefinition<Visit, Visit> = {
  ...passedOn,
  id: 'sources/requested-splits-overlapping',
  claim: 'A split that only a checkpoint under way holds comes back when a reader fails before.',
  checkpoints: { intervalMs: 30, maxConcurrent: 4 },
  job: ({ env, sink }) => {
    requestedVisits(env, SMALL_SPLITS).sinkTo(sink()).uid('sink');
  },
  // Slow enough for checkpoints to be under way in numbers when a host dies.
  faults: ['crash', 'kill', 'slow-disk', 'latency'],
};

const base = countByPage({ records: RECORDS });

const counted: ScenarioDefinition<Visit, PageCount> = {
  ...base,
  id: 'sources/requested-splits-counted',
  claim: 'Splits that are handed out one by one are counted once, though all restart together.',
  tags: TAGS,
  workload,
  checkpoints: { intervalMs: 100 },
  job: (context) => base.job({ ...context, source: () => requestedVisits(context.env) }),
  faults: CLUSTER_FAULTS,
};

export const sourceScenarios: readonly Scenario[] = [
  defineScenario(passedOn),
  defineScenario(overlapping),
  defineScenario(counted),
  defineScenario({
    ...counted,
    id: 'sources/requested-splits-rescaled',
    claim: 'Splits with the enumerator and half-read ones are dealt out anew to more readers.',
    rescale: { afterCheckpoint: 3, parallelism: 4, via: 'failover' },
  }),
];
