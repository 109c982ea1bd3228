// Stores the metadata of a checkpoint and says what is known of the outcome. An error that does not
// rule out that readers will find it is `unknown`: its files then have to stay until it is settled.

import { describeError, OnceproofError } from '../core/errors.ts';
import type { JobId } from '../core/ids.ts';
import type { MetadataResult, MetadataToStore } from './checkpoint-effects.ts';
import type { CheckpointCoordinatorStorage } from './checkpoint-storage.ts';

/** May be called again with the same metadata, to settle what was `unknown`. Never throws. */
export async function publishCheckpoint(
  storage: CheckpointCoordinatorStorage,
  job: JobId,
  metadata: MetadataToStore,
): Promise<MetadataResult> {
  const { checkpoint, directory, bytes, retainedBytes } = metadata;
  let isFirstStored = false;
  try {
    const pointer = await storage.storeMetadata({ job, checkpoint, directory, bytes });
    isFirstStored = true;
    if (retainedBytes === undefined) return { kind: 'stored', pointer };
    const retained = { job, checkpoint, directory: undefined, bytes: retainedBytes };
    await storage.storeMetadata(retained);
    return { kind: 'stored', pointer };
  } catch (error) {
    // The savepoint can be read already, though the job does not count on it.
    const isCertain = !isFirstStored && isCertainlyNotPublished(error);
    return { kind: isCertain ? 'failed' : 'unknown', cause: describeError(error) };
  }
}

function isCertainlyNotPublished(error: unknown): boolean {
  return error instanceof OnceproofError && error.code === 'OP-E507';
}
