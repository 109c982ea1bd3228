// Files of snapshots that belong to whoever asked for them, as a loss of power would leave them.

import { hashBytes, type SimulatedDisk } from '../../../simulator/index.ts';
import type { OwnedFile } from '../../checkers/observations.ts';
import type { SimulatedCluster } from '../simulated-cluster.ts';

const SHARED = '/shared/';
/** A second name of a file that is being published. */
const IN_PROGRESS = /\.inprogress[^/]*$/;
const CHECKPOINT = /\/chk-([0-9]+)$/;

export function ownedFiles(
  disk: SimulatedDisk,
  isOwned: (path: string) => boolean,
): readonly OwnedFile[] {
  return [...disk.snapshotView().readDurable(SHARED)]
    .filter(([path]) => isOwned(path) && !IN_PROGRESS.test(path))
    .map(([path, bytes]) => ({ path, digest: String(hashBytes(bytes) >>> 0) }));
}

/** What lies in its directory and, of a checkpoint, what that shares with others. */
export function filesOfSnapshot(
  { disk, watch }: SimulatedCluster,
  pointer: string,
): readonly OwnedFile[] {
  const checkpoint = CHECKPOINT.exec(pointer)?.[1];
  const shared = checkpoint === undefined ? [] : watch.referencesOf(Number(checkpoint));
  return ownedFiles(disk, (path) => path.startsWith(`${pointer}/`) || shared.includes(path));
}
