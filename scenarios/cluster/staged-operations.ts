// What users do to the job of a scenario, in every run of it and after the same checkpoints; what
// is drawn is in operations/.

import type { World } from '../../simulator/index.ts';
import type { Scenario } from '../scenario.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

export function stageRescale({ rescale }: Scenario, world: World, cluster: SimulatedCluster): void {
  if (rescale === undefined) return;
  world.onMark('checkpoint-completed', rescale.afterCheckpoint, () => {
    world.at(world.nowMs, `rescale to ${rescale.parallelism}`, () => {
      if (rescale.via === 'savepoint') cluster.rescaleBySavepoint(rescale.parallelism);
      else cluster.rescaleByFailover(rescale.parallelism);
    });
  });
}

export function stageSavepoints(scenario: Scenario, world: World, cluster: SimulatedCluster): void {
  const stage = (nth: number, take: () => void): void => {
    const soon = (): void => world.at(world.nowMs, 'take a savepoint', take);
    world.onMark('checkpoint-completed', nth, soon);
  };
  for (const nth of scenario.savepointsAfter) stage(nth, () => cluster.takeSavepoint());
  for (const nth of scenario.stopsAfter) stage(nth, () => cluster.stopWithSavepoint());
}
