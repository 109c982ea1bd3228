// The end of directories on the host's own disk. They belong to one attempt, or one snapshot of it:
// what cannot be removed is in nobody's way, so a failure is no reason to fail anything else.

import { removeTree } from '../../checkpoint/durable-files.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { FileSystem } from '../../environment/filesystem.ts';

/** Never rejects. */
export async function removeQuietly(filesystem: FileSystem, directory: string): Promise<void> {
  try {
    await removeTree(filesystem, directory);
  } catch {
    sometimes(true, 'a local directory of a RocksDB backend cannot be removed');
  }
}
