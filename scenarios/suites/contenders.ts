// Two JobManagers for one job: whoever leads is stopped, cut off or slow, the other one takes over,
// and the first wakes up in the belief that nothing has happened.

import { type Address, address } from '../../engine/environment/network.ts';
import type { Fault } from '../../simulator/index.ts';
import {
  replacedLeadersDoNoHarm,
  replacedLeadersStepDown,
} from '../checkers/contender-checkers.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { JOB_MANAGER, taskManagersOf } from '../cluster/hosts.ts';
import { STORE_DIRECTORY } from '../cluster/places.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import type { Visit } from '../workloads/visits.ts';
import { CLUSTER_FAULTS, DISK_FAULTS } from './variants.ts';

const STANDBY = address('jm-2');
/** So that the other one leads first. Without it either may be faster. */
const STANDBY_IS_LATE: Fault = { kind: 'pause', host: STANDBY, atMs: 0, forMs: 50 };
/** Longer than a lease lasts, and than the other one needs to get going. */
const LONG_MS = 4_000;
/**
 * Shortly before it wakes. The disk is everybody’s, so before that the other one has to be done.
 */
const WAKES_MS = LONG_MS - 100;

type Definition = ScenarioDefinition<Visit, PageCount>;

function contended(definition: Pick<Definition, 'id' | 'claim'> & Partial<Definition>): Scenario {
  return defineScenario({
    ...countByPage({ records: 200, recordsPerSecond: 25 }),
    backends: ['memory', 'fs', 'rocksdb'],
    tags: ['leadership', 'contenders'],
    cluster: { jobManagers: 2, taskManagers: 3 },
    faults: [],
    checkers: [replacedLeadersDoNoHarm, replacedLeadersStepDown],
    safetyMs: 6_000,
    ...definition,
  });
}

interface Moment {
  readonly name: string;
  readonly mark: string;
  readonly nth: number;
  readonly atMs: number;
}

/** Of the whole life of a checkpoint and of a job; what comes some milliseconds later is drawn. */
const MOMENTS: readonly Moment[] = [
  { name: 'at-a-trigger', mark: 'checkpoint-triggered', nth: 2, atMs: 0 },
  { name: 'while-it-stores', mark: 'keyed-state-snapshotted', nth: 4, atMs: 12 },
  { name: 'at-a-checkpoint', mark: 'checkpoint-completed', nth: 2, atMs: 0 },
  { name: 'after-a-checkpoint', mark: 'checkpoint-completed', nth: 2, atMs: 5 },
  { name: 'at-a-restore', mark: 'job-restoring', nth: 1, atMs: 4 },
  { name: 'at-the-end', mark: 'job-finished', nth: 1, atMs: 0 },
];

function paused({ name, mark, nth, atMs }: Moment): Scenario {
  const after = { mark, nth };
  return contended({
    id: `leadership/paused-${name}`,
    claim: 'A leader that wakes up after it has been replaced does no harm, and steps down.',
    staged: [STANDBY_IS_LATE, { kind: 'pause', host: JOB_MANAGER, atMs, forMs: LONG_MS, after }],
  });
}

/** Every write of the leader takes long, so that it is stopped in the middle of some. */
function pausedWhileSlow({ name, mark, nth, atMs }: Moment): Scenario {
  const after = { mark, nth };
  return contended({
    id: `leadership/slow-and-paused-${name}`,
    claim:
      'What a leader had begun to write when it was stopped has no effect once it is replaced.',
    staged: [
      STANDBY_IS_LATE,
      { kind: 'slow-disk', host: JOB_MANAGER, factor: 8, fromMs: 0, toMs: 400, after },
      { kind: 'pause', host: JOB_MANAGER, atMs: atMs + 40, forMs: LONG_MS, after },
    ],
  });
}

const SECOND = { mark: 'checkpoint-completed', nth: 2 };

/** Nothing but what it finds in the store tells such a leader that it has been replaced. */
const UNTIL_IT_NOTICES = { jobManagers: 2, taskManagers: 3, renewDeadlineMs: 1_000_000 };

function pausedAndTrusting({ name, mark, nth, atMs }: Moment): Scenario {
  const after = { mark, nth };
  return contended({
    id: `leadership/trusting-and-paused-${name}`,
    claim: 'A leader that goes on without a lease does no harm: safety does not rest on clocks.',
    cluster: UNTIL_IT_NOTICES,
    checkers: [replacedLeadersDoNoHarm],
    staged: [
      STANDBY_IS_LATE,
      { kind: 'pause', host: JOB_MANAGER, atMs, forMs: LONG_MS, after },
      { kind: 'slow-disk', host: JOB_MANAGER, factor: 40, fromMs: WAKES_MS, toMs: 5_500, after },
    ],
  });
}

/** Its successor dies shortly before it wakes, and TaskManagers look for whoever answers. */
const FOUND_AGAIN: readonly Fault[] = [
  STANDBY_IS_LATE,
  { kind: 'pause', host: JOB_MANAGER, atMs: 60, forMs: 4_740, after: SECOND },
  { kind: 'slow-disk', host: JOB_MANAGER, factor: 60, fromMs: 4_600, toMs: 6_500, after: SECOND },
  { kind: 'kill', host: STANDBY, atMs: 2_600, downMs: 6_000, after: SECOND },
];

const SNAPSHOTTED = { mark: 'keyed-state-snapshotted', nth: 4 };

/** It is stopped while it publishes, goes on once the next one has restored, which dies at once. */
const PUBLISHED_LATE: readonly Fault[] = [
  STANDBY_IS_LATE,
  { kind: 'slow-disk', host: JOB_MANAGER, factor: 8, fromMs: 0, toMs: 400, after: SNAPSHOTTED },
  { kind: 'pause', host: JOB_MANAGER, atMs: 320, forMs: 3_000, after: SNAPSHOTTED },
  { kind: 'crash', host: STANDBY, atMs: 30, downMs: 6_000, after: { mark: 'job-running', nth: 2 } },
];

function cutOff(name: string, claim: string, staged: readonly Fault[]): Scenario {
  return contended({
    id: `leadership/cut-off-from-${name}`,
    claim,
    staged: [STANDBY_IS_LATE, ...staged],
  });
}

function apart(host: Address): Fault {
  const between = { from: JOB_MANAGER, to: host, twoWay: true } as const;
  return { kind: 'partition', ...between, atMs: 0, healMs: LONG_MS, after: SECOND };
}

/** Of whichever leads: both go, one after the other, several times. */
const ROLLING: readonly Fault[] = [1, 2, 3, 4].flatMap((nth): readonly Fault[] =>
  [JOB_MANAGER, STANDBY].map((host, index) => ({
    kind: nth % 2 === 0 ? 'kill' : 'crash',
    host,
    atMs: 150 + 450 * index,
    downMs: 50,
    after: { mark: 'job-running', nth },
  })),
);

export const contenderScenarios: readonly Scenario[] = [
  contended({
    id: 'leadership/two-contenders',
    claim: 'Of two JobManagers one leads at a time, whatever befalls them and their cluster.',
    faults: CLUSTER_FAULTS,
  }),
  contended({
    id: 'leadership/two-contenders-on-a-bad-disk',
    claim: 'A store that fails now and then gives a job no second leader.',
    faults: [...DISK_FAULTS, 'crash', 'pause', 'kill'],
  }),
  contended({
    id: 'leadership/two-contenders-at-once',
    claim: 'Of two JobManagers that start at the same moment exactly one leads.',
    faults: ['slow-disk'],
  }),
  contended({
    id: 'leadership/two-contenders-paused',
    claim: 'Whenever the leader stands still, and for how long, only one leads.',
    faults: ['pause', 'slow-disk'],
  }),
  contended({
    id: 'leadership/rolling-crashes',
    claim: 'Leaders that die one after the other hand on all that the next one must know.',
    staged: ROLLING,
  }),
  ...MOMENTS.map(paused),
  ...MOMENTS.map(pausedWhileSlow),
  ...MOMENTS.map(pausedAndTrusting),
  contended({
    id: 'leadership/trusting-and-found-again',
    claim: 'A TaskManager that has known a newer leader does not follow the older one again.',
    cluster: UNTIL_IT_NOTICES,
    checkers: [replacedLeadersDoNoHarm],
    staged: FOUND_AGAIN,
  }),
  contended({
    id: 'leadership/published-too-late',
    claim: 'A checkpoint that a replaced leader publishes is nobody’s to go on from.',
    staged: PUBLISHED_LATE,
  }),
  cutOff('its-store', 'A leader that cannot reach the store steps down, and another one leads.', [
    {
      kind: 'io-error',
      host: JOB_MANAGER,
      pathPrefix: STORE_DIRECTORY,
      oneIn: 1,
      fromMs: 0,
      toMs: LONG_MS,
      after: SECOND,
    },
  ]),
  cutOff(
    'task-managers',
    'A leader that no TaskManager reaches keeps the job until they do.',
    taskManagersOf(3).map(apart),
  ),
  cutOff('its-standby', 'A standby that does not hear of its leader does not take over.', [
    apart(STANDBY),
  ]),
];
