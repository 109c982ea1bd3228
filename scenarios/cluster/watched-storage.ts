// A checkpoint storage as it is; what is written, published and deleted through it is told to a
// watcher. Deletions are told when they are asked for, stores once they are done.

import type {
  CheckpointCoordinatorStorage,
  CheckpointOutput,
  CheckpointStorage,
  CheckpointStreamFactory,
  CheckpointWorkerStorage,
} from '../../engine/checkpoint/checkpoint-storage.ts';
import { handlesOf } from '../../engine/checkpoint/metadata.ts';
import { decodeCheckpointMetadata } from '../../engine/checkpoint/metadata-format.ts';
import type { StateHandle } from '../../engine/state/state-handle.ts';
import { noting } from './noting.ts';

export interface StorageWatcher {
  /** The artefact of a checkpoint is durable. Not told of state that lies in messages. */
  written(path: string, checkpoint: number, scope: 'exclusive' | 'shared'): void;
  /** Of a checkpoint of the job's own; what a plain savepoint refers to is its user's. */
  publishing(checkpoint: number, references: readonly string[]): void;
  published(checkpoint: number, pointer: string): void;
  discarding(paths: readonly string[]): void;
  discardingCheckpoint(checkpoint: number): void;
  sweeping(retained: readonly number[], shared: ReadonlySet<string>, begun: number): void;
  removingJob(): void;
}

export function watchedStorage(
  storage: CheckpointStorage,
  watcher: StorageWatcher,
): CheckpointStorage {
  return noting(storage, {
    open(context) {
      const { coordinator, worker } = storage.open(context);
      return {
        coordinator: watchedCoordinator(coordinator, watcher),
        worker: watchedWorker(worker, watcher),
      };
    },
  });
}

function watchedCoordinator(
  storage: CheckpointCoordinatorStorage,
  watcher: StorageWatcher,
): CheckpointCoordinatorStorage {
  return noting(storage, {
    async storeMetadata(options) {
      const { checkpoint, directory, bytes } = options;
      const isOwn = directory === undefined;
      if (isOwn) watcher.publishing(checkpoint, referencesOf(bytes, checkpoint));
      const pointer = await storage.storeMetadata(options);
      if (isOwn) watcher.published(checkpoint, pointer);
      return pointer;
    },
    discard(handles) {
      watcher.discarding(handles.flatMap((handle) => pathOf(handle) ?? []));
      return storage.discard(handles);
    },
    discardCheckpoint(job, checkpoint) {
      watcher.discardingCheckpoint(checkpoint);
      return storage.discardCheckpoint(job, checkpoint);
    },
    sweep(job, retained, shared, begun) {
      watcher.sweeping(retained, shared, begun);
      return storage.sweep(job, retained, shared, begun);
    },
    removeJob(job) {
      watcher.removingJob();
      return storage.removeJob(job);
    },
  });
}

function watchedWorker(
  storage: CheckpointWorkerStorage,
  watcher: StorageWatcher,
): CheckpointWorkerStorage {
  return noting(storage, {
    streamsFor(checkpoint, directory) {
      return watchedStreams(storage.streamsFor(checkpoint, directory), checkpoint, watcher);
    },
  });
}

function watchedStreams(
  streams: CheckpointStreamFactory,
  checkpoint: number,
  watcher: StorageWatcher,
): CheckpointStreamFactory {
  const open: CheckpointStreamFactory['open'] = (scope, hint) => {
    const output: CheckpointOutput = streams.open(scope, hint);
    let stored: string | undefined;
    return noting(output, {
      async close() {
        const handle = await output.close();
        stored = pathOf(handle);
        if (handle.kind === 'file') watcher.written(handle.path, checkpoint, handle.scope);
        return handle;
      },
      discard() {
        if (stored !== undefined) watcher.discarding([stored]);
        return output.discard();
      },
    });
  };
  if (streams.ofOperator === undefined) return noting(streams, { open });
  return noting(streams, {
    open,
    ofOperator: (operator) =>
      watchedStreams(streams.ofOperator?.(operator) ?? streams, checkpoint, watcher),
  });
}

function referencesOf(bytes: Uint8Array, checkpoint: number): readonly string[] {
  const metadata = decodeCheckpointMetadata(bytes, `metadata of checkpoint ${checkpoint}`);
  return [...new Set(handlesOf(metadata).flatMap((handle) => pathOf(handle) ?? []))];
}

function pathOf(handle: StateHandle): string | undefined {
  return handle.kind === 'file' ? handle.path : undefined;
}
