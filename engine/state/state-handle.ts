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
      /** Absolute; `_metadata` of a savepoint has it relative to its own directory. */
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

/** A keyed snapshot: all states and timers of one operator subtask. */
export type KeyedStateHandle = KeyGroupsStateHandle | IncrementalStateHandle;

/** In sections by key group, in a format that every backend reads: also the one of savepoints. */
export interface KeyGroupsStateHandle {
  readonly kind: 'key-groups';
  /** Which format the bytes have, so that another version refuses or converts: 'heap'. */
  readonly format: string;
  readonly range: KeyGroupRange;
  readonly state: StateHandle;
}

/** Files of an embedded store: Flink's IncrementalRemoteKeyedStateHandle. */
export interface IncrementalStateHandle {
  readonly kind: 'incremental';
  /** Only backends of this kind read it: 'rocksdb'. */
  readonly format: string;
  readonly range: KeyGroupRange;
  /** Names the store that made the files: only together with it do file names mean anything. */
  readonly storeId: string;
  /** Immutable tables, which other checkpoints may use too. */
  readonly shared: readonly StoreFile[];
  /** Files of this checkpoint alone: manifest and the like. */
  readonly exclusive: readonly StoreFile[];
  /** What is no file of the store: descriptions of the states, timers on the heap. */
  readonly meta: StateHandle;
}

export interface StoreFile {
  readonly name: string;
  readonly state: StateHandle;
}

/** Every artefact of a keyed snapshot. */
export function artefactsOf(handle: KeyedStateHandle): readonly StateHandle[] {
  if (handle.kind === 'key-groups') return [handle.state];
  const { meta, shared, exclusive } = handle;
  return [meta, ...exclusive.map(({ state }) => state), ...shared.map(({ state }) => state)];
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
