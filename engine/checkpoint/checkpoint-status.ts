// What there is to say about checkpoints under way, for whoever wants to know why they take so
// long: plain data, made when asked for.

import type { CheckpointId, ExecutionAttemptId } from '../core/ids.ts';
import { isSavepoint, isSynchronous } from './checkpoint-properties.ts';
import type { PendingCheckpoint, PendingPhase } from './pending-checkpoint.ts';

/** One checkpoint that is not complete. */
export interface PendingCheckpointStatus {
  readonly checkpoint: CheckpointId;
  readonly phase: PendingPhase;
  readonly isSavepoint: boolean;
  /** The job stops with it. */
  readonly stops: boolean;
  /** Have not answered. */
  readonly awaiting: readonly ExecutionAttemptId[];
}

export interface CheckpointCoordinatorStatus {
  /** Ascending by id. */
  readonly pending: readonly PendingCheckpointStatus[];
  readonly latestCompleted: CheckpointId | undefined;
  /** Requests that wait for their turn. */
  readonly queuedRequests: number;
  /** Checkpoints being deleted: too many of them keep new ones from starting. */
  readonly discarding: number;
  /** Somebody asks for the next one when its time has come. */
  readonly isPeriodic: boolean;
}

/** A barrier handler that waits for the rest of the barriers. */
export interface AlignmentStatus {
  readonly checkpoint: CheckpointId;
  readonly mode: 'aligned' | 'unaligned' | 'at-least-once';
  /** Channels, by index, that count and whose barrier is not in. */
  readonly missing: readonly number[];
}

export function statusOf(pending: PendingCheckpoint): PendingCheckpointStatus {
  const { id, phase, properties } = pending;
  return {
    checkpoint: id,
    phase,
    isSavepoint: isSavepoint(properties),
    stops: isSynchronous(properties),
    awaiting: pending.awaiting(),
  };
}
