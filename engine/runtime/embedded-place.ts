// Where one run of a job in the user's process keeps what must outlive it: checkpoints, savepoints
// and what is the JobManager's own.

import type { ExecutionSettings } from '../api/job-executor.ts';
import type { CheckpointPlace } from '../checkpoint/checkpoint-place.ts';
import { checkpointStorageAt, schemeOf } from '../checkpoint/storage-at.ts';
import type { CheckpointStorage } from '../checkpoint/checkpoint-storage.ts';
import type { StateBackend } from '../state/state-backend.ts';

export interface EmbeddedPlace {
  readonly checkpointStorage: CheckpointStorage | undefined;
  /** Undefined: in memory, for this run alone. */
  readonly storeDirectory: string | undefined;
  /** Where savepoints go that say no place of their own. */
  readonly savepoints: string | undefined;
}

/** In the working directory, where checkpoints go to another machine. */
const DEFAULT_STORE_DIRECTORY = '.onceproof-jobs';

/** `resolvePath`: from a path as the user wrote it to an absolute one. */
export function embeddedPlaceOf(
  backend: StateBackend,
  settings: Pick<ExecutionSettings, 'checkpointStorage' | 'highAvailabilityDirectory'>,
  resolvePath: (path: string) => string,
): EmbeddedPlace {
  const place = settings.checkpointStorage ?? backend.checkpointStorage;
  const storage = place === undefined ? undefined : checkpointStorageAt(place, resolvePath);
  const own = settings.highAvailabilityDirectory;
  return {
    checkpointStorage: storage,
    storeDirectory: own === undefined ? storeIn(place, backend, resolvePath) : resolvePath(own),
    savepoints: storage?.savepointDirectory,
  };
}

function storeIn(
  place: CheckpointPlace | undefined,
  { ownsStorage }: StateBackend,
  resolvePath: (path: string) => string,
): string | undefined {
  const named = typeof place === 'object' && 'place' in place ? place.place : place;
  const isDirectory = typeof named === 'string' && schemeOf(named) === undefined;
  if (isDirectory) return `${resolvePath(named)}/job-manager`;
  if (place === undefined || ownsStorage === true) return undefined;
  return resolvePath(DEFAULT_STORE_DIRECTORY);
}
