// A small file that is replaced again and again, and has to be whole after any crash.

import type { FileSystem } from '../environment/filesystem.ts';
import { parentOf } from './checkpoint-layout.ts';

/**
 * A crash leaves the old bytes or the new ones. Requires that the directory is durable. `token`
 * where others may do the same at the same time.
 */
export async function replaceDurably(
  filesystem: FileSystem,
  path: string,
  bytes: Uint8Array,
  token = '',
): Promise<void> {
  const inProgress = `${path}.inprogress${token}`;
  await filesystem.write(inProgress, bytes);
  await filesystem.sync(inProgress);
  await filesystem.rename(inProgress, path);
  await filesystem.sync(parentOf(path));
}
