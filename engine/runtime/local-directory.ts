// The working directory of a TaskManager on its host's own disk. Nothing in it is needed once the
// process is gone, so nothing is synced, and what is found there is removed.

import { namesIn, removeTree } from '../checkpoint/durable-files.ts';
import { hashHex } from '../core/hash.ts';
import type { Environment } from '../environment/environment.ts';
import type { FileSystem } from '../environment/filesystem.ts';

/** Leaves the directory itself, if there is one. */
export async function removeLeftovers(filesystem: FileSystem, directory: string): Promise<void> {
  for (const name of await namesIn(filesystem, directory)) {
    await removeTree(filesystem, `${directory}/${name}`);
  }
}

/** With the directory itself. What cannot be removed stays: it is in nobody's way. */
export async function removeLocalDirectory(
  filesystem: FileSystem,
  directory: string,
): Promise<void> {
  try {
    await removeTree(filesystem, directory);
  } catch {
    // Nothing depends on it.
  }
}

/**
 * For one run of a job in the user's process. `leased`: what names the job where no other process
 * can be running it; its next run then finds, and removes, what a killed one has left.
 */
export function embeddedDirectory(
  base: string,
  leased: string | undefined,
  { random, clock }: Pick<Environment, 'random' | 'clock'>,
): string {
  if (leased !== undefined) return `${base}/job-${hashHex(leased)}`;
  const chance = random.fork('local-directory').below(2 ** 32);
  return `${base}/run-${clock.wallTime()}-${chance}`;
}
