// What the runtime tells whoever watches: metrics, progress displays and, in the harness, checkers.
// Events describe what has happened; an observer must not throw and cannot influence anything.

import type { CheckpointId, ExecutionAttemptId, JobVertexId, OperatorId } from '../core/ids.ts';

export type EngineEvent =
  | { readonly kind: 'leader-elected'; readonly leaderEpoch: number }
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

export interface Observer {
  readonly observe: (event: EngineEvent) => void;
  /** Keyed-state digests cost a pass over the state: only where a checker asks for them. */
  readonly stateDigests: boolean;
  /** The error itself, with its stack, where the task runs in the observer's process. */
  readonly taskFailed?: (attempt: ExecutionAttemptId, error: unknown) => void;
}

export const NO_OBSERVER: Observer = { observe: () => {}, stateDigests: false };
