// What stands between the input gate of a task and its snapshots: told of barriers, it says which
// channels wait, when the snapshot is taken and what of the in-flight data belongs to it. Pure and
// synchronous; channels are named by index.

import type { CheckpointId } from '../../core/ids.ts';
import type { CheckpointBarrier } from '../../stream/elements.ts';
import type { CheckpointFailureReason } from '../checkpoint-failure-reason.ts';
import type { AlignmentStatus } from '../checkpoint-status.ts';

/** How the snapshot of a checkpoint relates to the data in flight. */
export type SnapshotMode =
  | {
      /** All channels have delivered everything before their barriers, and nothing after. */
      readonly kind: 'aligned';
      readonly alignmentMs: number;
    }
  | {
      /** All channels have delivered everything before their barriers, and maybe more. */
      readonly kind: 'at-least-once';
      readonly alignmentMs: number;
    }
  | {
      /**
       * The barrier overtakes. `persist`: channels whose data ahead of the barrier is part of the
       * snapshot: what is queued now, and what arrives until `channelFinished`.
       */
      readonly kind: 'unaligned';
      readonly persist: readonly number[];
    };

export interface BarrierEffects {
  /** The channel is not polled until `resume`. */
  block(channel: number): void;
  resume(channel: number): void;
  /** Takes the snapshot now, before anything else is polled. At most once per checkpoint. */
  trigger(barrier: CheckpointBarrier, mode: SnapshotMode): void;
  /**
   * Unaligned, after `trigger`: the barrier of this channel is there, nothing more is persisted.
   */
  channelFinished(channel: number, checkpoint: CheckpointId): void;
  /** After `trigger`: all barriers are in, so an unaligned snapshot has its in-flight data. */
  allBarriersIn(checkpoint: CheckpointId): void;
  /** Decline it and tell downstream. May follow `trigger` while unaligned. */
  abort(checkpoint: CheckpointId, reason: CheckpointFailureReason): void;
  /** Answered by `onAlignmentTimeout`. A timer for an older checkpoint may be dropped. */
  scheduleAlignmentTimeout(checkpoint: CheckpointId, delayMs: number): void;
}

export interface BarrierHandler {
  /** The barrier is queued behind other data of its channel. Comes before `onBarrier`. */
  onBarrierArrived(channel: number, barrier: CheckpointBarrier): void;
  /** The barrier was polled: everything before it on this channel has been processed. */
  onBarrier(channel: number, barrier: CheckpointBarrier): void;
  /** A cancel marker was polled. */
  onCancel(channel: number, checkpoint: CheckpointId): void;
  /** The end was polled: this channel delivers no more barriers. */
  onEndOfPartition(channel: number): void;
  onAlignmentTimeout(checkpoint: CheckpointId): void;
  /** The JobManager gave it up. Nobody is told; the channels go on. */
  abort(checkpoint: CheckpointId): void;
  /** The highest id seen; undefined before the first. */
  readonly latestCheckpoint: CheckpointId | undefined;
  readonly isPending: boolean;
  /** What it waits for; undefined where no checkpoint is pending. */
  alignment(): AlignmentStatus | undefined;
}

export interface BarrierHandlerOptions {
  readonly channels: number;
  readonly effects: BarrierEffects;
  /** Wall-clock time of this host: barriers carry the JobManager's. */
  readonly now: () => number;
  /** False: a channel that ends while a checkpoint is pending aborts it. Default true. */
  readonly checkpointsAfterTasksFinish?: boolean;
}
