// The hosts of a simulated cluster, by name.

import { type Address, address } from '../../engine/environment/network.ts';
import type { ScenarioCluster } from '../scenario.ts';

export const JOB_MANAGER: Address = address('jm');

export function taskManagersOf(count: number): readonly Address[] {
  return Array.from({ length: count }, (_, index) => address(`tm-${index + 1}`));
}

/** All that may lead; where there is one, it leads alone. */
export function jobManagersOf({ jobManagers = 1 }: ScenarioCluster): readonly Address[] {
  const others = Array.from({ length: jobManagers - 1 }, (_, index) => address(`jm-${index + 2}`));
  return [JOB_MANAGER, ...others];
}
