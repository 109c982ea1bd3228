// The end of directories on the host's own disk. They belong to one attempt, or one snapshot of it:
// what cannot be removed is in nobody's way, so a failure is no reason to fail anything else. The
// TaskManager tries again.

import { removeTree } from '../../checkpoint/durable-files.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { LocalState } from '../state-backend.ts';

/** Never rejects. */
export async function removeQuietly(
  { filesystem, notRemoved }: Pick<LocalState, 'filesystem' | 'notRemoved'>,
  directory: string,
): Promise<void> {
  try {
    await removeTree(filesystem, directory);
  } catch {
    notRemoved?.(directory);
    sometimes(true, 'a local directory of a RocksDB backend cannot be removed');
  }
}
