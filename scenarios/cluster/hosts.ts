// The hosts of a simulated cluster, by name.

import { type Address, address } from '../../engine/environment/network.ts';

export const JOB_MANAGER: Address = address('jm');

export function taskManagersOf(count: number): readonly Address[] {
  return Array.from({ length: count }, (_, index) => address(`tm-${index + 1}`));
}
