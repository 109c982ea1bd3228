// Pointers to snapshot bytes, and the pieces that make up what one subtask hands over for one
// checkpoint. Plain data: they travel in messages and stand in `_metadata`.

import type { OperatorId } from '../core/ids.ts';

/** Bytes that were stored whole. `checksum` is CRC-32C of exactly `sizeBytes` bytes. */
export type StateHandle =
  | {
      readonly kind: 'inline';
      readonly bytes: Uint8Array;
      readonly sizeBytes: number;
      readonly checksum: number;
    }
  | {
      readonly kind: 'file';
      /** Absolute, or relative to the directory of `_metadata` where it starts with './'. */
      readonly path: string;
      readonly sizeBytes: number;
      readonly checksum: number;
      /** Shared files may serve several checkpoints; the registry decides when they go. */
      readonly scope: 'exclusive' | 'shared';
    };

/** Inclusive at both ends, as Flink's. Empty where last < first. */
export interface KeyGroupRange {
  readonly first: number;
  readonly last: number;
}

/** A keyed snapshot: all states and timers of one operator subtask, in sections by key group. */
export interface KeyedStateHandle {
  readonly kind: 'key-groups';
  /** Which format the bytes have, so that another backend refuses or converts: 'heap', ... */
  readonly format: string;
  readonly range: KeyGroupRange;
  readonly state: StateHandle;
}

/** A snapshot of one operator's non-keyed states; `state` holds the elements of every one. */
export interface OperatorStateHandle {
  readonly kind: 'operator';
  readonly state: StateHandle;
}

/** In-flight data of one channel: batches of an unaligned checkpoint, in channel order. */
export interface ChannelStateHandle {
  readonly kind: 'input-channel' | 'result-subpartition';
  /** JobEdge id. */
  readonly edge: string;
  /** Producing and consuming subtask. */
  readonly from: number;
  readonly to: number;
  readonly state: StateHandle;
}

/** Flink's OperatorSubtaskState. */
export interface OperatorSnapshot {
  readonly operator: OperatorId;
  readonly keyed: readonly KeyedStateHandle[];
  readonly operatorState: readonly OperatorStateHandle[];
}

/** What one subtask hands over for one checkpoint. */
export interface TaskSnapshot {
  readonly operators: readonly OperatorSnapshot[];
  readonly channels: readonly ChannelStateHandle[];
  /** The subtask had processed all its data before the barrier. */
  readonly finished: boolean;
}
