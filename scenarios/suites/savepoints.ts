// Savepoints that a user takes while the job runs. They are the user's: the job neither goes on
// from them nor counts on them, and its own checkpoints stay as they are.

import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import type { Fault } from '../../simulator/index.ts';
import { JOB_MANAGER } from '../cluster/hosts.ts';
import { SAVEPOINT_DIRECTORY } from '../cluster/places.ts';
import { checkpointsNeverPause, sharedFilesAreShared } from '../checkers/sharing-checker.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import type { Visit } from '../workloads/visits.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS, DISK_FAULTS } from './variants.ts';

const TAGS = ['savepoints'];

const amongCheckpoints: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 160 }),
  id: 'savepoints/among-checkpoints',
  claim: 'Savepoints between checkpoints change nothing: not what is kept, nor what is committed.',
  tags: TAGS,
  checkpoints: { intervalMs: 100 },
  savepointsAfter: [1, 2, 4, 5, 8],
  faults: CLUSTER_FAULTS,
};

/** Long enough for checkpoints to be missed. */
const stoppedInVain: ScenarioDefinition<Visit, PageCount> = {
  ...countByPage({ records: 160, recordsPerSecond: 20 }),
  id: 'savepoints/stopped-in-vain',
  claim: 'A stop with a savepoint that fails is as if it had not been asked for.',
  tags: TAGS,
  checkpoints: { intervalMs: 100 },
  stopsAfter: [3],
  // Nothing else: what is late is late because of the savepoint.
  faults: [],
  safetyMs: 1_500,
  checkers: [checkpointsNeverPause],
};

/** By then the directory of the savepoint is there, and no task has written into it. */
const LOCATED_MS = 70;

/** From so long after the moment on at which the savepoint is asked for. */
function brokenDisk(fromMs: number): Fault {
  const after = { mark: 'checkpoint-completed', nth: 3 };
  const common = { host: JOB_MANAGER, pathPrefix: SAVEPOINT_DIRECTORY, oneIn: 1 };
  return { kind: 'no-space', ...common, fromMs, toMs: fromMs + 400, after };
}

export const savepointScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned(amongCheckpoints),
  defineScenario({
    ...amongCheckpoints,
    id: 'savepoints/before-a-crash',
    claim: 'Whoever dies after a savepoint, the job goes on from its own newest checkpoint.',
    // Both of them are there when everything comes back.
    faults: ['crash', 'kill', 'slow-start'],
  }),
  defineScenario({
    ...amongCheckpoints,
    id: 'savepoints/on-a-bad-disk',
    claim: 'Savepoints that fail leave the checkpoints of the job alone.',
    faults: ['crash', ...DISK_FAULTS],
  }),
  defineScenario({
    ...stoppedInVain,
    id: 'savepoints/stop-has-no-directory',
    claim: 'A savepoint that stops a job, and finds no directory, leaves its checkpoints going.',
    staged: [brokenDisk(0)],
  }),
  defineScenario({
    ...stoppedInVain,
    id: 'savepoints/stop-cannot-be-written',
    claim: 'Tasks that stopped for a savepoint which failed are not left waiting.',
    staged: [brokenDisk(LOCATED_MS)],
  }),
  defineScenario({
    ...countByPage({ records: 160, pages: 12 }),
    id: 'savepoints/incremental',
    claim:
      'What a checkpoint has uploaded is not uploaded again, whatever savepoints come between.',
    tags: TAGS,
    // The only one that shares files between checkpoints.
    backends: [],
    backendsOnRequest: ['rocksdb'],
    checkpoints: { intervalMs: 100 },
    savepointsAfter: [2, 5],
    faults: [],
    safetyMs: 1,
    checkers: [sharedFilesAreShared],
  }),
];
