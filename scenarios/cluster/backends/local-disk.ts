// The part of the simulated volume that stands for the TaskManagers' own disks: a directory for
// each host, which no other looks into.

import type { Address } from '../../../engine/environment/network.ts';

export const LOCAL_DIRECTORY = '/local';

export function localDirectoryOf(host: Address): string {
  return `${LOCAL_DIRECTORY}/${host}`;
}
