// Asks the processes of a simulated cluster, and its world, for what they know of a stall.

import type { Address } from '../../engine/environment/network.ts';
import type { ActorSystem } from '../../engine/runtime/actor/actor-system.ts';
import type { JobManagerStatus } from '../../engine/runtime/status.ts';
import type { TaskManager } from '../../engine/runtime/task-manager.ts';
import type { World } from '../../simulator/index.ts';
import type { HostSeen, StallEvidence } from './evidence.ts';

/** What runs on a host. */
export interface SeenProcess {
  readonly system: ActorSystem;
  readonly taskManager?: TaskManager;
}

export interface StalledCluster {
  readonly world: World;
  readonly hosts: readonly Address[];
  readonly jobManager: Address;
  /** Undefined where its host is down. */
  readonly leader: JobManagerStatus | undefined;
  /** The last that booted on each host. */
  readonly processes: ReadonlyMap<Address, SeenProcess>;
}

export function gatherEvidence(cluster: StalledCluster): StallEvidence {
  const { world, jobManager, leader, processes } = cluster;
  const hosts = cluster.hosts.map((host): HostSeen => {
    const state = world.stateOf(host);
    const process = state === 'down' ? undefined : processes.get(host);
    return {
      host,
      state,
      connections: process?.system.connections() ?? [],
      taskManager: process?.taskManager?.status(),
    };
  });
  return {
    nowMs: world.nowMs,
    jobManager,
    leader,
    hosts,
    parked: world.parked(),
    links: world.network.links(),
  };
}
