// Keyed state in an embedded RocksDB on the host's disk: as much state as the disk holds. The
// working directory is disposable; only what a snapshot took to checkpoint storage is kept. Reads
// and writes of user code are plain calls on bytes in memory; the store is reached between batches.

import type { CheckpointStreamFactory } from '../../checkpoint/checkpoint-storage.ts';
import { assert } from '../../core/assert.ts';
import type { CheckpointId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { aggregatingSlot, reducingSlot, valueSlot } from '../slot-options.ts';
import { otherKind } from '../heap/restore-checks.ts';
import type { StateMeta } from '../heap/snapshot-format.ts';
import type { AppendingState, ListState, MapState, ValueState } from '../keyed-state.ts';
import { type EntryListener, LogicalDigest } from '../logical-digest.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { KeyedStateBackend, Merging, Namespaced, TimerQueue } from '../state-backend.ts';
import type {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  ValueStateDescriptor,
} from '../state-descriptor.ts';
import type { KeyedStateHandle, KeyGroupRange } from '../state-handle.ts';
import type { RocksDBBackendParts } from './backend-parts.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { removeQuietly } from './local-directory.ts';
import type { RocksDBPlan } from './open-states.ts';
import { rocksdbList, rocksdbMap, rocksdbSlot } from './open-states.ts';
import { OpenedState } from './opened-state.ts';
import { prepareKeys } from './prepare-keys.ts';
import { SnapshotStrategy } from './snapshot-strategy.ts';
import type { CapturedStore } from './store-snapshot.ts';
import type { TimerQueues } from './timers/timer-queues.ts';
import { prepareDueTimers } from './timers/timer-queues.ts';

export class RocksDBKeyedStateBackend implements KeyedStateBackend {
  readonly range: KeyGroupRange;
  readonly maxParallelism: number;
  readonly #parts: RocksDBBackendParts;
  readonly #states = new Map<string, OpenedState>();
  readonly #timers: TimerQueues;
  readonly #snapshots: SnapshotStrategy;
  readonly #sweep: ExpirySweep;
  #isDisposed = false;

  constructor(parts: RocksDBBackendParts) {
    const { working, timers } = parts;
    this.range = working.context.range;
    this.maxParallelism = working.context.maxParallelism;
    this.#parts = parts;
    this.#timers = timers;
    this.#snapshots = new SnapshotStrategy(parts);
    this.#sweep = new ExpirySweep(working);
  }

  get currentKey(): unknown {
    return this.#parts.working.context.key;
  }

  setCurrentKey(key: unknown): void {
    this.#parts.working.context.set(key);
  }

  valueState<N, T>(
    descriptor: ValueStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): ValueState<T> & Namespaced<N> {
    const slot = valueSlot<N, T>(descriptor, this.#parts.now);
    return this.#open(rocksdbSlot(slot), namespace);
  }

  listState<N, T>(
    descriptor: ListStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): ListState<T> & Namespaced<N> & Merging<N> {
    return this.#open(rocksdbList<N, T>(descriptor, this.#parts.now), namespace);
  }

  mapState<N, UK, UV>(
    descriptor: MapStateDescriptor<UK, UV>,
    namespace: TypeSerializer<N>,
  ): MapState<UK, UV> & Namespaced<N> {
    return this.#open(rocksdbMap<N, UK, UV>(descriptor, this.#parts.now), namespace);
  }

  reducingState<N, T>(
    descriptor: ReducingStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): AppendingState<T, T> & Namespaced<N> & Merging<N> {
    return this.#open(rocksdbSlot(reducingSlot<N, T>(descriptor, this.#parts.now)), namespace);
  }

  aggregatingState<N, IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
    namespace: TypeSerializer<N>,
  ): AppendingState<IN, OUT> & Namespaced<N> & Merging<N> {
    const slot = aggregatingSlot<N, IN, ACC, OUT>(descriptor, this.#parts.now);
    return this.#open(rocksdbSlot(slot), namespace);
  }

  timerQueue<N>(name: string, namespace: TypeSerializer<N>): TimerQueue<N> {
    this.#assertUsable('open timers');
    return this.#timers.open(name, namespace);
  }

  prepare(keys: readonly unknown[]): Promise<void> | undefined {
    this.#assertUsable('prepare keys');
    const { working, registry } = this.#parts;
    if (working.failure !== undefined) return Promise.reject(working.failure);
    const sweep = this.#sweep;
    if (working.synchronous === undefined) return prepareKeys(working, { registry, sweep }, keys);
    working.trim();
    sweep.runNow();
    return undefined;
  }

  prepareTimers(queue: string, timestamp: number): Promise<void> | undefined {
    const timers = this.#timers.find(queue);
    const { synchronous, failure } = this.#parts.working;
    if (timers === undefined || synchronous !== undefined) return this.prepare([]);
    this.#assertUsable('prepare timers');
    if (failure !== undefined) return Promise.reject(failure);
    return prepareDueTimers(timers, timestamp, (keys) =>
      this.#isDisposed ? undefined : this.prepare(keys),
    );
  }

  isPrepared(key: unknown): boolean {
    const { synchronous, cache } = this.#parts.working;
    return synchronous !== undefined || cache.find(lookupKeyOf(key))?.isComplete === true;
  }

  /** Where the store answers only asynchronously: while digests are tracked. In no order. */
  keys<N>(stateName: string, namespace: N): Iterable<unknown> {
    const opened = this.#states.get(stateName);
    if (opened === undefined) return [];
    const lookup = lookupKeyOf(namespace);
    const keys = new Map<unknown, unknown>();
    for (const entry of this.#parts.working.entriesOf(opened.state.id)) {
      const place = opened.placeOf(entry);
      if (place.namespace === lookup) keys.set(lookupKeyOf(place.key), place.key);
    }
    return [...keys.values()];
  }

  snapshot(
    checkpoint: CheckpointId,
    streams: CheckpointStreamFactory,
  ): Promise<KeyedStateHandle | undefined> {
    this.#assertUsable('take a snapshot');
    return this.#snapshots.take(checkpoint, streams, this.#capture());
  }

  notifyCheckpointComplete(checkpoint: CheckpointId): void {
    this.#parts.uploaded.complete(checkpoint);
  }

  notifyCheckpointAborted(checkpoint: CheckpointId): void {
    this.#parts.uploaded.abort(checkpoint);
    this.#snapshots.stop(checkpoint, `checkpoint ${checkpoint} was aborted`);
  }

  /** As keys(): needs a synchronous store, or digests that are tracked. */
  logicalDigest(onEntry?: EntryListener): string {
    const digest = new LogicalDigest(onEntry);
    for (const opened of this.#states.values()) {
      for (const entry of this.#parts.working.entriesOf(opened.state.id))
        opened.digest(entry, digest);
    }
    this.#timers.digest(digest);
    return digest.toString();
  }

  /** Running snapshots stop at their next chunk and reject; the working directory goes. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#snapshots.stop(undefined, 'the state backend was disposed of');
    this.#states.clear();
    this.#timers.clear();
    const { working, local, directory } = this.#parts;
    try {
      await working.store.close();
    } catch {
      sometimes(true, 'the store of a disposed RocksDB backend cannot be closed');
    }
    await removeQuietly(local, directory);
  }

  #assertUsable(action: string): void {
    assert(!this.#isDisposed, `Cannot ${action}: the state backend was disposed of`);
  }

  #open<N, S>(plan: RocksDBPlan<S>, namespace: TypeSerializer<N>): S {
    this.#assertUsable('open a state');
    const { kind, name } = plan.logical;
    const open = this.#states.get(name);
    if (open === undefined) {
      const opened = new OpenedState(plan, namespace, this.#parts);
      this.#states.set(name, opened);
      this.#sweep.add(opened);
      return opened.access as S;
    }
    if (open.state.kind === kind) return open.access as S;
    throw otherKind(name, this.#parts.operatorName, [open.state.kind, kind]);
  }

  /** What a snapshot has to know of this moment. */
  #capture(): CapturedStore {
    const { operatorName, working, registry, restored, uploaded, directory } = this.#parts;
    const { range, maxParallelism } = this;
    const metas: StateMeta[] = [];
    const timers = this.#timers.capture(metas, range);
    const untouched = restored.captureUntouched(metas);
    return {
      operatorName,
      maxParallelism,
      range,
      key: working.layout.key,
      storeId: directory.split('/').slice(-2).join('/'),
      states: registry.describe(),
      metas,
      timers,
      untouched,
      base: uploaded.base,
    };
  }
}
