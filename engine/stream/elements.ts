// What travels on a channel between two subtasks: batches of records, and events between batches.
// Records are immutable once emitted: inside a process a batch is handed over, not copied.

import type { CheckpointId } from '../core/ids.ts';

/** Smaller than every event time: a record without a timestamp, an input without a watermark. */
export const NO_TIMESTAMP: number = Number.MIN_SAFE_INTEGER;
/** The watermark at the end of all data. */
export const MAX_WATERMARK: number = Number.MAX_SAFE_INTEGER;

/** Two parallel arrays of equal length: no object is spent per record. */
export interface RecordBatch {
  readonly kind: 'records';
  readonly values: unknown[];
  readonly timestamps: number[];
}

export type AlignmentType = 'at-least-once' | 'aligned' | 'unaligned' | 'forced-aligned';

/** Travels with the barrier. Flink's CheckpointOptions. */
export interface CheckpointOptions {
  readonly alignment: AlignmentType;
  /** Switch to unaligned once the barrier is this old; undefined = never. */
  readonly alignedTimeoutMs: number | undefined;
  readonly type: 'checkpoint' | 'savepoint';
  /** Stop-with-savepoint: 'suspend' keeps windows open, 'drain' emits MAX_WATERMARK first. */
  readonly stop: 'no' | 'suspend' | 'drain';
  /** Where the snapshots of a savepoint go; undefined = the job's checkpoint directory. */
  readonly targetDirectory: string | undefined;
}

export interface CheckpointBarrier {
  readonly kind: 'barrier';
  readonly checkpoint: CheckpointId;
  /** When the JobManager triggered it, by the JobManager's wall clock. */
  readonly timestampMs: number;
  readonly options: CheckpointOptions;
  /**
   * Complete when this one was triggered, and kept until it ends: its snapshots may refer to the
   * files of that one, and of no older one, though the task has not been notified of it yet.
   */
  readonly latestCompleted?: CheckpointId;
}

export type ChannelEvent =
  | { readonly kind: 'watermark'; readonly timestamp: number }
  | { readonly kind: 'watermark-status'; readonly idle: boolean }
  | CheckpointBarrier
  /** Channels aligned for this checkpoint may go on: it was aborted. */
  | { readonly kind: 'cancel-checkpoint'; readonly checkpoint: CheckpointId }
  /** No more records; checkpoints still flow. With `drain`, operators finish. */
  | { readonly kind: 'end-of-data'; readonly drain: boolean }
  | { readonly kind: 'end-of-partition' };

export type ChannelElement = RecordBatch | ChannelEvent;
