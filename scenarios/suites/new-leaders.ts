// New leaders: the JobManager dies in the very moments in which its work is half done, and whoever
// takes over must find out how far it was. Other faults come on top.

import { address } from '../../engine/environment/network.ts';
import type { Fault } from '../../simulator/index.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { JOB_MANAGER } from '../cluster/hosts.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import type { Visit } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

/** Of the moment itself, and of what goes on in the milliseconds behind it. */
const SOON_AFTER_MS = [0, 6];

interface Moment {
  readonly name: string;
  readonly claim: string;
  /** A kind of event of the engine. */
  readonly mark: string;
  readonly nth: number;
}

const MOMENTS: readonly Moment[] = [
  {
    name: 'at-the-end',
    claim: 'A job that has ended is not run again, though its leader died before it cleaned up.',
    mark: 'job-finished',
    nth: 1,
  },
  {
    name: 'at-a-checkpoint',
    claim: 'A leader that dies with a checkpoint just complete is followed from there.',
    mark: 'checkpoint-completed',
    nth: 2,
  },
  {
    name: 'at-a-trigger',
    claim: 'The id of a checkpoint that died with its leader is not used again.',
    mark: 'checkpoint-triggered',
    nth: 3,
  },
  {
    name: 'at-a-restore',
    claim: 'A leader that dies while it restores is followed by one that restores the same.',
    mark: 'job-restoring',
    nth: 2,
  },
];

function dying(moment: Moment, atMs: number): ScenarioDefinition<Visit, PageCount> {
  const { name, claim, mark, nth } = moment;
  return {
    ...countByPage({ records: 100 }),
    id: `leadership/${name}${atMs === 0 ? '' : `-and-${atMs}-ms`}`,
    claim,
    tags: ['leadership'],
    faults: CLUSTER_FAULTS,
    staged: [{ kind: 'crash', host: JOB_MANAGER, atMs, downMs: 20, after: { mark, nth } }],
  };
}

/** For the second checkpoint, by the last task: soon it will only have to be stored. */
const SNAPSHOTTED = { mark: 'keyed-state-snapshotted', nth: 4 };

/** With a slow disk it takes long to store a checkpoint, and a deployment waits until it is. */
const canceledEarly: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 100 }),
  id: 'leadership/canceled-before-deployed',
  claim: 'A task that is to be canceled before its host has heard of it is in nobody’s way.',
  tags: ['leadership', 'failover'],
  cluster: { taskManagers: 3, slots: 1, parallelism: 2 },
  faults: ['reorder', 'duplicate'],
  staged: [
    {
      kind: 'slow-disk',
      host: JOB_MANAGER,
      factor: 60,
      fromMs: 45,
      toMs: 2_000,
      after: SNAPSHOTTED,
    },
    ...[80, 250, 380].map((atMs, index): Fault => {
      const host = address(`tm-${[1, 3, 2][index]}`);
      return { kind: 'kill', host, atMs, downMs: 0, after: SNAPSHOTTED };
    }),
  ],
};

export const newLeaderScenarios: readonly Scenario[] = [
  ...MOMENTS.flatMap((moment) => SOON_AFTER_MS.map((atMs) => defineScenario(dying(moment, atMs)))),
  defineScenario(canceledEarly),
];
