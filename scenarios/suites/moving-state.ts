// Moving state: few key groups, so that every range has keys at both of its ends, and state of
// every kind in them. And a source of which one subtask is over when the job is rescaled.

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import { type Known, movingState } from '../workloads/moving-state.ts';
import { VISIT_STEP_MS, type Visit } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

const TAGS = ['rescaling', 'state'];
const KEY_GROUPS = 8;

interface Move {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly via: 'savepoint' | 'failover';
}

const MOVES: readonly Move[] = [
  { name: 'up-by-savepoint', from: 2, to: 3, via: 'savepoint' },
  { name: 'down-by-savepoint', from: 4, to: 3, via: 'savepoint' },
  { name: 'up-by-failover', from: 2, to: 3, via: 'failover' },
  { name: 'down-by-failover', from: 3, to: 2, via: 'failover' },
];

function moving({ name, from, to, via }: Move): ScenarioDefinition<Visit, Known> {
  return {
    id: `rescaling/every-kind-${name}`,
    claim: `Values, lists, maps and timers of ${KEY_GROUPS} key groups move from ${from} to ${to}.`,
    tags: TAGS,
    ...movingState({ records: 160, pages: 30, recordsPerSecond: 45, keyGroups: KEY_GROUPS }),
    cluster: { taskManagers: 2, slots: 2, parallelism: from },
    rescale: { afterCheckpoint: 2, parallelism: to, via },
    faults: CLUSTER_FAULTS,
  };
}

const counted = countByPage({ records: 60 });

/** All of one split: of two readers one has nothing to do, and is over at once. */
const UNEVEN: readonly Visit[] = Array.from({ length: 70 }, (_, index) => ({
  id: `uneven-${index}`,
  page: `page-${index % 7}`,
  amount: 1,
  at: index * VISIT_STEP_MS,
}));

const partlyFinished: ScenarioDefinition<Visit, PageCount> = {
  ...counted,
  id: 'rescaling/partly-finished',
  claim: 'A source of which one subtask is over goes on with the rest of its data.',
  tags: TAGS,
  cluster: { taskManagers: 2, slots: 2, parallelism: 2 },
  rescale: { afterCheckpoint: 2, parallelism: 3, via: 'failover' },
  job: ({ env, source, sink }) => {
    const uneven = new CollectionSource({ elements: UNEVEN, splits: 1, recordsPerSecond: 40 });
    const both = env.fromSource(uneven).uid('uneven').union(source());
    counted.job({ env, source: () => both, sink });
  },
  model: (records) => counted.model([...UNEVEN, ...records]),
  accountsFor: ({ id }) => (id.startsWith('uneven-') ? [] : [id]),
  faults: CLUSTER_FAULTS,
};

export const movingStateScenarios: readonly Scenario[] = [
  ...MOVES.map((move) => defineScenario(moving(move))),
  defineScenario(partlyFinished),
];
