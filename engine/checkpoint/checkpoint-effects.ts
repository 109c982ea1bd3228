// What the CheckpointCoordinator asks of the JobManager, and what it is told. The coordinator only
// decides; everything with an outside effect, and every piece of waiting, is behind this interface.
// No method may call back into the coordinator before it has returned.

import type { CheckpointId, ExecutionAttemptId, JobVertexId, OperatorId } from '../core/ids.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { CheckpointBarrier } from '../stream/elements.ts';
import type { CheckpointFailureReason } from './checkpoint-failure-reason.ts';
import type { CompletedCheckpoint } from './completed-checkpoint.ts';

export interface PlannedSubtask {
  readonly vertex: JobVertexId;
  readonly subtaskIndex: number;
}

export interface PlannedTask extends PlannedSubtask {
  readonly attempt: ExecutionAttemptId;
}

export type CheckpointPlan =
  | {
      readonly kind: 'ready';
      /** Running tasks that get no barrier from upstream: sources, and those whose inputs ended. */
      readonly tasksToTrigger: readonly ExecutionAttemptId[];
      /** Every running task. */
      readonly tasksToAcknowledge: readonly PlannedTask[];
      /** Subtasks that are over; together with the running ones they are all of the job. */
      readonly finishedTasks: readonly PlannedSubtask[];
    }
  | { readonly kind: 'not-running'; readonly reason: string };

/** Enumerators are user code, so they may fail; that must not leave triggering stuck. */
export type EnumeratorSnapshot =
  | { readonly kind: 'taken'; readonly states: ReadonlyMap<OperatorId, Uint8Array> }
  | { readonly kind: 'failed'; readonly cause: string };

export type LocationResult =
  /** `directory`: of a savepoint, its own one; undefined for the job's checkpoint directory. */
  | { readonly kind: 'initialized'; readonly directory: string | undefined }
  | { readonly kind: 'failed'; readonly cause: string };

export type MetadataResult =
  | { readonly kind: 'stored'; readonly pointer: string }
  /** Certain: no reader will ever find it. */
  | { readonly kind: 'failed'; readonly cause: string }
  /** Maybe written. Nothing it refers to may be deleted until it is settled. */
  | { readonly kind: 'unknown'; readonly cause: string };

export interface MetadataToStore {
  readonly checkpoint: CheckpointId;
  /** A savepoint's own directory; undefined for the job's checkpoint directory. */
  readonly directory: string | undefined;
  readonly bytes: Uint8Array;
  /**
   * Of a stop-with-savepoint: has to be stored in the job's checkpoint directory as well, after
   * the savepoint's own. Its commits follow, so the next JobManager must not miss it.
   */
  readonly retainedBytes: Uint8Array | undefined;
}

export interface CheckpointFailure {
  readonly kind: 'failed';
  /** Undefined if it failed before it had an id. */
  readonly checkpoint: CheckpointId | undefined;
  readonly reason: CheckpointFailureReason;
  readonly cause: string | undefined;
}

export type CheckpointOutcome =
  | { readonly kind: 'completed'; readonly checkpoint: CompletedCheckpoint }
  | CheckpointFailure;

/**
 * What an acknowledgement turned out to mean. `duplicate`: known already, also if the checkpoint
 * is complete; `unknown`: not a task of this checkpoint; `late`: the checkpoint is gone.
 */
export type AcknowledgeResult = 'waiting' | 'complete' | 'duplicate' | 'unknown' | 'late';

export interface CheckpointEffects {
  planCheckpoint(): CheckpointPlan;
  /** Taken before any task is triggered: a split assigned later belongs to the next checkpoint. */
  snapshotEnumerators(checkpoint: CheckpointId): EnumeratorSnapshot;
  triggerTask(attempt: ExecutionAttemptId, barrier: CheckpointBarrier): void;
  /** Answered by `locationInitialized`. `target` is given for savepoints. */
  initializeLocation(checkpoint: CheckpointId, target: string | undefined): void;
  /** Answered by `metadataStored`. `publishCheckpoint` does it. */
  storeMetadata(metadata: MetadataToStore): void;
  /** Best effort. The enumerators are told too. */
  notifyComplete(attempts: readonly ExecutionAttemptId[], checkpoint: CheckpointId): void;
  /** Best effort. The enumerators are told too. */
  notifyAborted(attempts: readonly ExecutionAttemptId[], checkpoint: CheckpointId): void;
  /** Best effort. */
  discardHandles(handles: readonly StateHandle[]): void;
  /**
   * Best effort: the directory of an aborted checkpoint, with what is left in it. A savepoint's, if
   * `directory` is given, may stay: its artefacts are discarded apart from it.
   */
  discardLocation(checkpoint: CheckpointId, directory: string | undefined): void;
  /** Answered by `checkpointDiscarded`, whether it worked or not. */
  discardCheckpoint(checkpoint: CompletedCheckpoint): void;
  failJob(cause: string): void;
  /** Observer: it has an id; its tasks are triggered once its directory is there. */
  triggered(checkpoint: CheckpointId): void;
  /** Observer: durable, retained and about to be announced. Also of plain savepoints. */
  completed(checkpoint: CompletedCheckpoint): void;
  /** Observer: a request was turned away or a pending checkpoint aborted. */
  failed(failure: CheckpointFailure): void;
}
