// What a job that is over has left in its checkpoint storage, once whoever may still be at it has
// had the time to be done.

import type { World } from '../../simulator/index.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/**
 * A task that was cut off from a service goes on storing when it reaches it again, long after the
 * end; then it finds that its attempt is over, and removes what it has stored.
 */
const LOOKS_MAX = 8;
const LOOK_AGAIN_MS = 10_000;
/** How long an answer may take. */
const ANSWER_MS = 3_000;
/** Stands for whatever may be left where that cannot be seen: nobody may take it for nothing. */
const UNKNOWN = ['(the storage of checkpoints did not say what it holds)'];

/** What is left of checkpoints of a job that has ended at `endMs`. */
export async function artefactsLeft(
  world: World,
  cluster: SimulatedCluster,
  endMs: number,
): Promise<readonly string[]> {
  const looks = cluster.profile.services.length === 0 ? 1 : LOOKS_MAX;
  let left: readonly string[] | undefined;
  for (let look = 1; look <= looks; look++) {
    left = await artefactsNow(world, cluster, endMs);
    if (left?.length === 0) return left;
    const deadlineMs = world.nowMs + LOOK_AGAIN_MS;
    if (look < looks) await world.run({ until: () => false, deadlineMs });
  }
  return left ?? UNKNOWN;
}

/** Undefined if whoever keeps them, and may be asked over the network, does not answer. */
async function artefactsNow(
  world: World,
  cluster: SimulatedCluster,
  endMs: number,
): Promise<readonly string[] | undefined> {
  let paths: readonly string[] | undefined;
  let isAnswered = false;
  cluster.profile.artefacts.readAll((all) => {
    isAnswered = true;
    paths = all === undefined ? undefined : [...all.keys()];
  });
  if (!isAnswered) {
    const deadlineMs = world.nowMs + ANSWER_MS;
    await world.run({ until: () => isAnswered, deadlineMs });
  }
  // Stored by a process that was dead, for a job that was over: nobody is left to remove it.
  const posthumous = world.network.posthumous.filter(({ atMs }) => atMs >= endMs);
  return paths?.filter((path) => !posthumous.some(({ text }) => text.includes(path)));
}
