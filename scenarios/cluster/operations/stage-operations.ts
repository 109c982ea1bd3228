// Gives a run somebody who operates its job, where the scenario has operations.

import { restorePointOf } from '../../../engine/checkpoint/restore-place.ts';
import { assert } from '../../../engine/core/assert.ts';
import { faultKindsOf, type World } from '../../../simulator/index.ts';
import type { Scenario } from '../../scenario.ts';
import type { OpenBackend } from '../backends/backend-profile.ts';
import { openBackend } from '../backends/open-backend.ts';
import { SwitchableBackend } from '../backends/switchable-backend.ts';
import type { CommitLog } from '../commit-log.ts';
import type { SimulatedCluster, SimulatedClusterOptions } from '../simulated-cluster.ts';
import { filesOfSnapshot } from './owned-files.ts';
import { type OperatedCluster, Operations } from './operations.ts';

const OPERATIONS = faultKindsOf('operation');

export function hasOperations({ faults, staged }: Pick<Scenario, 'faults' | 'staged'>): boolean {
  const kinds = [...faults, ...staged.map(({ kind }) => kind)];
  return kinds.some((kind) => OPERATIONS.includes(kind));
}

export interface OperationsStage {
  readonly scenario: Scenario;
  readonly world: World;
  readonly commits: CommitLog;
  readonly operable: OperatedBackend;
}

/** `cluster`: made with what this gives. */
export function stageOperations(
  cluster: () => SimulatedCluster,
  { scenario, world, commits, operable }: OperationsStage,
): Operations | undefined {
  if (!hasOperations(scenario)) return undefined;
  return new Operations({
    world,
    versions: scenario.upgrade === undefined ? 1 : 2,
    backend: operable,
    cluster: () => operated(cluster(), commits),
    filesOf: (pointer) => filesOfSnapshot(cluster(), pointer),
  });
}

/** What of a cluster follows from its having somebody who operates it. */
export function operatedBy(
  operations: Operations | undefined,
): Pick<
  SimulatedClusterOptions,
  'restore' | 'snapshotClients' | 'onSuspended' | 'onCanceled' | 'onLeader'
> {
  if (operations === undefined) return {};
  return {
    restore: () => ({ pointer: operations.submitted.submission.pointer }),
    snapshotClients: () => operations.submitted.submission.clients,
    onSuspended: () => operations.suspended(),
    onCanceled: () => operations.canceled(),
    onLeader: () => operations.leaderStarts(),
  };
}

function operated(cluster: SimulatedCluster, commits: CommitLog): OperatedCluster {
  return {
    savepointDirectory: cluster.profile.savepointDirectory,
    isOver: cluster.end !== undefined,
    canBeAsked: cluster.canBeAsked,
    latestCheckpoint: cluster.latestCheckpoint,
    withMaster: (use) => cluster.withMaster(use),
    lookAtCheckpoints: () => cluster.lookAtCheckpoints(),
    rescaleByFailover: (parallelism) => cluster.rescaleByFailover(parallelism),
    submitAgain: (parallelism) => cluster.submitAgain(parallelism),
    submitAnew: (start) => {
      commits.beginJob();
      cluster.submitAnew(start);
    },
  };
}

export interface OperatedBackend {
  readonly open: OpenBackend;
  readonly name: string;
  switchTo(name: string): void;
  placeOf: SwitchableBackend['placeOf'];
}

/** One that may be switched, where the scenario says between which. */
export function operatedBackend(
  backend: string | OpenBackend,
  { stateBackends }: Scenario,
): OperatedBackend {
  if (typeof backend === 'string' && stateBackends.length > 0) {
    const names = new Set([backend, ...stateBackends]);
    return new SwitchableBackend(
      backend,
      new Map([...names].map((one) => [one, openBackend(one)])),
    );
  }
  return {
    open: typeof backend === 'string' ? openBackend(backend) : backend,
    name: typeof backend === 'string' ? backend : 'given',
    switchTo: (name) => assert(false, `Cannot switch to backend "${name}": it is not there`),
    placeOf: (pointer) => restorePointOf(pointer, (path) => path),
  };
}
