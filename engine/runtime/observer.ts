// What the runtime tells whoever watches: metrics, progress displays and, in the harness, checkers.
// Events describe what has happened; an observer must not throw and cannot influence anything.

import type { CheckpointId, ExecutionAttemptId, JobVertexId, OperatorId } from '../core/ids.ts';

export type EngineEvent =
  /** Revoked: it does nothing for the job any more, because another one leads or may. */
  | { readonly kind: 'leader-elected' | 'leadership-revoked'; readonly leaderEpoch: number }
  | {
      readonly kind: 'job-restoring';
      readonly checkpoint: CheckpointId | undefined;
      readonly attempts: readonly ExecutionAttemptId[];
    }
  | { readonly kind: 'job-running' }
  | { readonly kind: 'job-failing'; readonly cause: string; readonly code: string | undefined }
  | { readonly kind: 'job-restarting'; readonly delayMs: number }
  | { readonly kind: 'job-finished' }
  | { readonly kind: 'job-canceled' }
  | { readonly kind: 'job-failed'; readonly cause: string; readonly code: string | undefined }
  | { readonly kind: 'checkpoint-triggered'; readonly checkpoint: CheckpointId }
  | {
      readonly kind: 'checkpoint-completed';
      readonly checkpoint: CheckpointId;
      readonly durationMs: number;
      readonly savepoint: boolean;
      readonly pointer: string;
      /** Of all state it holds, shared files included. */
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'checkpoint-aborted';
      readonly checkpoint: CheckpointId | undefined;
      readonly reason: string;
    }
  | { readonly kind: 'task-deployed'; readonly attempt: ExecutionAttemptId }
  | {
      readonly kind: 'task-state';
      readonly attempt: ExecutionAttemptId;
      readonly vertex: JobVertexId;
      readonly subtask: number;
      readonly state: string;
      readonly cause: string | undefined;
    }
  /** Hash of an operator's keyed state, as snapshotted and as restored. */
  | {
      readonly kind: 'keyed-state-snapshotted' | 'keyed-state-restored';
      readonly checkpoint: CheckpointId;
      readonly operator: OperatorId;
      readonly subtask: number;
      readonly attempt: ExecutionAttemptId;
      readonly parallelism: number;
      readonly digest: string;
    }
  /** The elements of an operator's lists: handed over with a snapshot, or taken from one. */
  | {
      readonly kind: 'operator-state-snapshotted' | 'operator-state-restored';
      readonly checkpoint: CheckpointId;
      readonly operator: OperatorId;
      readonly subtask: number;
      readonly attempt: ExecutionAttemptId;
      readonly parallelism: number;
      readonly lists: readonly ObservedList[];
    }
  /** What had passed the channels of a task when it took its snapshot. */
  | {
      readonly kind: 'channels-at-barrier';
      readonly checkpoint: CheckpointId;
      readonly attempt: ExecutionAttemptId;
      readonly mode: 'aligned' | 'at-least-once' | 'unaligned';
      readonly inputs: readonly ObservedInput[];
      readonly outputs: readonly ObservedOutput[];
    }
  /** What an unaligned snapshot holds of the channels into a task, once that is complete. */
  | {
      readonly kind: 'channels-recorded';
      readonly checkpoint: CheckpointId;
      readonly attempt: ExecutionAttemptId;
      readonly inputs: readonly ObservedChannel[];
    }
  /** A task has heard how a checkpoint ended. */
  | {
      readonly kind: 'checkpoint-notified';
      readonly checkpoint: CheckpointId;
      readonly attempt: ExecutionAttemptId;
      readonly outcome: 'completed' | 'aborted';
    }
  | {
      readonly kind: 'watermark';
      readonly attempt: ExecutionAttemptId;
      readonly timestamp: number;
    }
  | {
      readonly kind: 'committed';
      readonly operator: OperatorId;
      readonly subtask: number;
      readonly checkpoint: number;
      readonly committables: number;
    }
  /** What one attempt has done so far: taken from its inputs or source, handed to other tasks. */
  | {
      readonly kind: 'records';
      readonly attempt: ExecutionAttemptId;
      readonly count: number;
      readonly emitted: number;
    };

export interface ObservedList {
  readonly name: string;
  /** What a rescale does with it: each element to one subtask, all to each, or a copy for each. */
  readonly mode: 'split' | 'union' | 'broadcast';
  /** A hash of each element's bytes. */
  readonly elements: readonly string[];
}

/** Records of one channel: JobEdge id, producing and consuming subtask. */
export interface ObservedChannel {
  readonly edge: string;
  readonly from: number;
  readonly to: number;
  readonly records: number;
}

export interface ObservedInput extends ObservedChannel {
  /** Of `records`, or to come: in-flight data that a restore put there. */
  readonly restored: number;
  /** Hash over what the producer sent, in its order. */
  readonly order: number;
}

export interface ObservedOutput extends ObservedChannel {
  /** Of `records`: overtaken by the barrier, so that the snapshot holds them. */
  readonly overtaken: number;
  readonly order: number;
}

export interface Observer {
  readonly observe: (event: EngineEvent) => void;
  /**
   * Digests and counts of what is in a snapshot cost a pass over the state: only where a checker
   * asks for them.
   */
  readonly stateDigests: boolean;
  /** The error itself, with its stack, where the task runs in the observer's process. */
  readonly taskFailed?: (attempt: ExecutionAttemptId, error: unknown) => void;
}

export const NO_OBSERVER: Observer = { observe: () => {}, stateDigests: false };
