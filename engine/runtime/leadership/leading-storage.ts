// Deletions are for the leader: before each it looks whether another one leads. That one may come
// at any moment after the look; what follows from that is in docs/decisions/0016.

import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { JobStore } from '../job/job-store.ts';

/** As it is where nobody else can lead. */
export function leadingStorage(
  storage: CheckpointCoordinatorStorage,
  store: JobStore,
): CheckpointCoordinatorStorage {
  if (!store.isContended) return storage;
  return {
    initializeBase: (job) => storage.initializeBase(job),
    initializeCheckpoint: (job, checkpoint) => storage.initializeCheckpoint(job, checkpoint),
    initializeSavepoint: (job, target, random) => storage.initializeSavepoint(job, target, random),
    storeMetadata: (options) => storage.storeMetadata(options),
    pathOf: (place) => storage.pathOf(place),
    metadataPlace: (job, checkpoint) => storage.metadataPlace(job, checkpoint),
    listCheckpoints: (job) => storage.listCheckpoints(job),
    confirm: (job, checkpoint) => storage.confirm(job, checkpoint),
    readMetadata: (pointer) => storage.readMetadata(pointer),
    discardCheckpoint: (job, checkpoint) =>
      store.whileLeading(() => storage.discardCheckpoint(job, checkpoint)),
    discard: (handles) => store.whileLeading(() => storage.discard(handles)),
    sweep: (job, retained, shared, begun) =>
      store.whileLeading(() => storage.sweep(job, retained, shared, begun)),
    removeJob: (job) => store.whileLeading(() => storage.removeJob(job)),
  };
}
