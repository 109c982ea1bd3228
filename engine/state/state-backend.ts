// Where working state lives. One KeyedStateBackend serves one operator subtask and owns the key
// groups of its range. Access is synchronous; snapshots have a short synchronous part, done when
// snapshot() returns, and an asynchronous one that later writes cannot disturb.

import type { CheckpointPlace } from '../checkpoint/checkpoint-place.ts';
import type { CheckpointStreamFactory } from '../checkpoint/checkpoint-storage.ts';
import type { CheckpointId } from '../core/ids.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { KeyValueStores } from '../environment/key-value-store.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { AppendingState, ListState, MapState, ValueState } from './keyed-state.ts';
import type { EntryListener } from './logical-digest.ts';
import type {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  ValueStateDescriptor,
} from './state-descriptor.ts';
import type {
  KeyedStateHandle,
  KeyGroupRange,
  OperatorStateHandle,
  StateHandle,
} from './state-handle.ts';

/** State inside a window: the namespace is the window; VOID_NAMESPACE elsewhere. */
export interface Namespaced<N> {
  setCurrentNamespace(namespace: N): void;
}

/** Moves the content of `sources` into `target` for the current key (merging windows). */
export interface Merging<N> {
  mergeNamespaces(target: N, sources: readonly N[]): void;
}

/** A timer fires once per (timestamp, key, namespace), whatever the number of registrations. */
export interface InternalTimer<N> {
  readonly timestamp: number;
  readonly key: unknown;
  readonly namespace: N;
}

/** A priority queue by timestamp, deduplicated, snapshotted with the keyed state. Ties: unordered
 * for users, but deterministic. On the heap: by (timestamp, order of insertion). */
export interface TimerQueue<N> {
  /** True if the head changed. */
  add(timer: InternalTimer<N>): boolean;
  /** True if the head changed. */
  remove(timer: InternalTimer<N>): boolean;
  /** Undefined where there is none, or where prepareTimers() has to fetch it first. */
  peek(): InternalTimer<N> | undefined;
  /** No timer comes before this; mostly one is due then. Undefined: there is none. */
  readonly earliest: number | undefined;
  /**
   * Keys of the first timers up to and including `timestamp`, in the order of the timers, of
   * `limit` timers at most; a key may come more than once. Only of those that need not be fetched.
   */
  keysUpTo(timestamp: number, limit: number): readonly unknown[];
  /** As peek(). */
  poll(): InternalTimer<N> | undefined;
  /** Undefined where nobody knows: some are in a store, unread. */
  readonly size: number | undefined;
}

/** States are created on first request and found again by name; a different kind is OP-E404. */
export interface KeyedStateBackend {
  readonly range: KeyGroupRange;
  readonly maxParallelism: number;
  /** Asserts that the key's group is in the range. Cheap for primitives. */
  setCurrentKey(key: unknown): void;
  readonly currentKey: unknown;
  valueState<N, T>(
    descriptor: ValueStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): ValueState<T> & Namespaced<N>;
  listState<N, T>(
    descriptor: ListStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): ListState<T> & Namespaced<N> & Merging<N>;
  mapState<N, UK, UV>(
    descriptor: MapStateDescriptor<UK, UV>,
    namespace: TypeSerializer<N>,
  ): MapState<UK, UV> & Namespaced<N>;
  reducingState<N, T>(
    descriptor: ReducingStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): AppendingState<T, T> & Namespaced<N> & Merging<N>;
  aggregatingState<N, IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
    namespace: TypeSerializer<N>,
  ): AppendingState<IN, OUT> & Namespaced<N> & Merging<N>;
  timerQueue<N>(name: string, namespace: TypeSerializer<N>): TimerQueue<N>;
  /**
   * Makes all state of these keys readable, until the next call of prepare() or prepareTimers().
   * Undefined: it is readable already. While a promise is pending nothing else may be asked of the
   * backend. Absent where everything is always readable.
   */
  prepare?(keys: readonly unknown[]): Promise<void> | undefined;
  /**
   * The same for the timers of a queue up to `timestamp`, and for the state of their keys. After a
   * promise there may be more of them than were fetched: poll those whose keys are prepared, and
   * ask again. Each time there is at least one, unless none is due.
   */
  prepareTimers?(queue: string, timestamp: number): Promise<void> | undefined;
  /** Whether all state of the key is readable. Absent: of each key that was asked for it is. */
  isPrepared?(key: unknown): boolean;
  /** All keys with an entry in this state and namespace, in insertion order. */
  keys<N>(stateName: string, namespace: N): Iterable<unknown>;
  /** The synchronous part is over when this returns. Undefined where there is no state at all. */
  snapshot(
    checkpoint: CheckpointId,
    streams: CheckpointStreamFactory,
  ): Promise<KeyedStateHandle | undefined>;
  notifyCheckpointComplete(checkpoint: CheckpointId): void;
  notifyCheckpointAborted(checkpoint: CheckpointId): void;
  /** Order-independent hash of all live entries (state, namespace, key, value) and timers: equal
   * on every backend for the same logical content. For checkers; whoever wants to read the entries
   * is told each of them. */
  logicalDigest(onEntry?: EntryListener): string;
  /**
   * A promise where something is still to be closed; it never rejects. May be called while
   * prepare() or a snapshot is under way: these may then fail, or never end.
   */
  dispose(): Promise<void> | undefined;
}

export interface OperatorStateBackend {
  /** Flink's getListState: on rescale the concatenation is split evenly. */
  listState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  /** On restore every subtask gets the concatenation of all. */
  unionListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  broadcastState<UK, UV>(descriptor: MapStateDescriptor<UK, UV>): MapState<UK, UV>;
  /** The content is copied before this returns. Undefined where there is no state at all. */
  snapshot(
    checkpoint: CheckpointId,
    streams: CheckpointStreamFactory,
  ): Promise<OperatorStateHandle | undefined>;
  /** For checkers: what a snapshot would hold now, by the bytes of each element. */
  describe(): readonly OperatorStateDescription[];
}

export interface OperatorStateDescription {
  readonly name: string;
  readonly mode: 'split' | 'union' | 'broadcast';
  readonly elements: readonly Uint8Array[];
}

export interface KeyedStateBackendOptions {
  readonly operatorName: string;
  readonly maxParallelism: number;
  readonly range: KeyGroupRange;
  /** Default: the generic serializer. */
  readonly keySerializer?: TypeSerializer<unknown>;
  /** Processing time in milliseconds, for TTL. */
  readonly now: () => number;
  /** Handles whose ranges may reach beyond this range: only the intersection is taken. */
  readonly restore: readonly KeyedStateHandle[];
  readonly read: (handle: StateHandle) => Promise<Uint8Array>;
  /**
   * Whether later checkpoints may refer to this artefact of a restored one: it lies in the job's
   * own directory. Absent: none.
   */
  readonly mayReuse?: (handle: StateHandle) => boolean;
  /** logicalDigest() will be asked for: where it is costly, it is to be kept up to date. */
  readonly trackDigest?: boolean;
  /** Absent where a host offers no local disk: enough for backends on the heap. */
  readonly local?: LocalState;
}

/** What a backend that keeps its state on the host's disk works with. */
export interface LocalState {
  readonly filesystem: FileSystem;
  readonly stores: KeyValueStores;
  /** For this backend of this attempt alone; not there yet. The backend removes it at the end. */
  readonly directory: string;
  /** Told of a directory that could not be removed, so that it is removed later. */
  readonly notRemoved?: (directory: string) => void;
}

export interface StateBackend {
  /** 'memory', 'fs', ...: how users name it and reports label it. */
  readonly name: string;
  /** Where its checkpoints go unless the job says otherwise: Flink's presets bring their own. */
  readonly checkpointStorage?: CheckpointPlace;
  /** Its own storage is the only one it works with, as that of `memory` is. */
  readonly ownsStorage?: boolean;
  createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend>;
}
