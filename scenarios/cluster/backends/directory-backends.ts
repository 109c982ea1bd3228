// Backends whose checkpoints lie in directories of the shared volume: with the JobManager, or where
// all hosts write them. Working state is on the heap, or on the TaskManagers' own disks.

import { directoryCheckpointStorage } from '../../../engine/checkpoint/store-checkpoint-storage.ts';
import {
  FsStateBackend,
  MemoryStateBackend,
} from '../../../engine/state/hash-map-state-backend.ts';
import type { StateBackend } from '../../../engine/state/state-backend.ts';
import { CHECKPOINT_DIRECTORY, SAVEPOINT_DIRECTORY, STORE_DIRECTORY } from '../places.ts';
import type { BackendProfile, BackendStage, OpenBackend } from './backend-profile.ts';
import { directoryArtefacts } from './directory-artefacts.ts';

/** `stateBackend`: of any job of the run. */
export function inDirectory(
  stateBackend: () => StateBackend,
  { hasLocalDisks }: Pick<BackendProfile, 'hasLocalDisks'>,
): OpenBackend {
  const directories = [CHECKPOINT_DIRECTORY, `${STORE_DIRECTORY}/checkpoints`];
  return ({ disk }: BackendStage) => ({
    stateBackend,
    checkpointStorage: directoryCheckpointStorage(CHECKPOINT_DIRECTORY),
    savepointDirectory: SAVEPOINT_DIRECTORY,
    hasLocalDisks,
    checkpointTimeFactor: 1,
    readyAfterMs: 0,
    services: [],
    artefacts: directoryArtefacts(disk, directories),
  });
}

export const openMemory: OpenBackend = inDirectory(() => new MemoryStateBackend(), {
  hasLocalDisks: false,
});

export const openFs: OpenBackend = inDirectory(() => new FsStateBackend(), {
  hasLocalDisks: false,
});
