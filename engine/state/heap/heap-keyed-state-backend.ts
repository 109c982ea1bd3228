// Keyed state on the JavaScript heap: the working state of the backends `memory` and `fs`. Reads
// and writes are plain method calls on native Maps; a snapshot pauses the task for one copy of the
// pointers. It knows nothing of where snapshots go.

import { assert } from '../../core/assert.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { CheckpointStreamFactory } from '../../checkpoint/checkpoint-storage.ts';
import type { CheckpointId } from '../../core/ids.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { aggregatingSlot, reducingSlot, valueSlot } from '../slot-options.ts';
import type { AppendingState, ListState, MapState, ValueState } from '../keyed-state.ts';
import { type EntryListener, LogicalDigest } from '../logical-digest.ts';
import type {
  KeyedStateBackend,
  KeyedStateBackendOptions,
  Merging,
  Namespaced,
  TimerQueue,
} from '../state-backend.ts';
import type {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  ValueStateDescriptor,
} from '../state-descriptor.ts';
import type { KeyedStateHandle, KeyGroupRange } from '../state-handle.ts';
import { HeapTable } from './heap-table.ts';
import { HeapTimerQueues } from './heap-timer-queues.ts';
import { KeyContext } from './key-context.ts';
import { checkGroup, otherKind } from './restore-checks.ts';
import type { RestoredStates } from './restored-states.ts';
import type { StateKind, StateMeta } from './snapshot-format.ts';
import type { CapturedBackend, CapturedState } from './snapshot-writer.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import type { StatePlan } from './state-plan.ts';
import { listPlan, mapPlan, slotPlan } from './state-plan.ts';

interface OpenState {
  readonly plan: StatePlan<unknown>;
  readonly table: HeapTable<unknown>;
  readonly access: unknown;
  readonly namespace: TypeSerializer<unknown>;
}
interface RunningSnapshot {
  readonly checkpoint: CheckpointId;
  stopReason: string | undefined;
}

export class HeapKeyedStateBackend implements KeyedStateBackend {
  readonly range: KeyGroupRange;
  readonly maxParallelism: number;
  readonly #operatorName: string;
  readonly #now: () => number;
  readonly #key: TypeSerializer<unknown>;
  readonly #context: KeyContext;
  readonly #restored: RestoredStates;
  readonly #states = new Map<string, OpenState>();
  readonly #timers: HeapTimerQueues;
  readonly #running = new Set<RunningSnapshot>();
  #isDisposed = false;

  constructor(options: KeyedStateBackendOptions, restored: RestoredStates) {
    this.range = options.range;
    this.maxParallelism = options.maxParallelism;
    this.#operatorName = options.operatorName;
    this.#now = options.now;
    this.#key = options.keySerializer ?? genericSerializer;
    this.#context = new KeyContext(options.range, options.maxParallelism);
    this.#restored = restored;
    this.#timers = new HeapTimerQueues({
      context: this.#context,
      key: this.#key,
      restored,
      operatorName: options.operatorName,
    });
  }

  get currentKey(): unknown {
    return this.#context.key;
  }

  setCurrentKey(key: unknown): void {
    this.#context.set(key);
  }

  valueState<N, T>(
    descriptor: ValueStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): ValueState<T> & Namespaced<N> {
    return this.#open(slotPlan(valueSlot<N, T>(descriptor, this.#now)), namespace);
  }

  listState<N, T>(
    descriptor: ListStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): ListState<T> & Namespaced<N> & Merging<N> {
    return this.#open(listPlan<N, T>(descriptor, this.#now), namespace);
  }

  mapState<N, UK, UV>(
    descriptor: MapStateDescriptor<UK, UV>,
    namespace: TypeSerializer<N>,
  ): MapState<UK, UV> & Namespaced<N> {
    return this.#open(mapPlan<N, UK, UV>(descriptor, this.#now), namespace);
  }

  reducingState<N, T>(
    descriptor: ReducingStateDescriptor<T>,
    namespace: TypeSerializer<N>,
  ): AppendingState<T, T> & Namespaced<N> & Merging<N> {
    return this.#open(slotPlan(reducingSlot<N, T>(descriptor, this.#now)), namespace);
  }

  aggregatingState<N, IN, ACC, OUT>(
    descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
    namespace: TypeSerializer<N>,
  ): AppendingState<IN, OUT> & Namespaced<N> & Merging<N> {
    const slot = aggregatingSlot<N, IN, ACC, OUT>(descriptor, this.#now);
    return this.#open(slotPlan(slot), namespace);
  }

  timerQueue<N>(name: string, namespace: TypeSerializer<N>): TimerQueue<N> {
    this.#assertUsable('open timers');
    return this.#timers.open(name, namespace);
  }

  keys<N>(stateName: string, namespace: N): Iterable<unknown> {
    return this.#states.get(stateName)?.table.keys(namespace) ?? [];
  }

  snapshot(
    checkpoint: CheckpointId,
    streams: CheckpointStreamFactory,
  ): Promise<KeyedStateHandle | undefined> {
    this.#assertUsable('take a snapshot');
    const captured = this.#capture();
    if (captured === undefined) return Promise.resolve(undefined);
    const running: RunningSnapshot = { checkpoint, stopReason: undefined };
    sometimes(this.#running.size > 0, 'a heap snapshot starts while another one is running');
    this.#running.add(running);
    return this.#write(captured, running, streams);
  }

  notifyCheckpointComplete(_checkpoint: CheckpointId): void {
    // Nothing on the heap is kept for a checkpoint.
  }

  /** Nobody will ask for this snapshot any more: it stops at the next chunk. */
  notifyCheckpointAborted(checkpoint: CheckpointId): void {
    for (const running of this.#running) {
      if (running.checkpoint !== checkpoint) continue;
      running.stopReason = `checkpoint ${checkpoint} was aborted`;
      sometimes(true, 'a heap snapshot is given up because its checkpoint was aborted');
    }
  }

  logicalDigest(onEntry?: EntryListener): string {
    const digest = new LogicalDigest(onEntry);
    for (const state of this.#states.values()) {
      state.table.forEach((entry) => state.plan.digest(entry, digest));
    }
    this.#timers.digest(digest);
    return digest.toString();
  }

  /** Running snapshots stop at their next chunk and reject. */
  dispose(): undefined {
    this.#isDisposed = true;
    for (const running of this.#running) running.stopReason = 'the state backend was disposed of';
    this.#states.clear();
    this.#timers.clear();
    return undefined;
  }

  #assertUsable(action: string): void {
    assert(!this.#isDisposed, `Cannot ${action}: the state backend was disposed of`);
  }

  #open<N, S>(plan: StatePlan<S>, namespace: TypeSerializer<N>): S {
    this.#assertUsable('open a state');
    const { kind, name, content } = plan;
    const open = this.#states.get(name);
    if (open !== undefined) {
      if (open.plan.kind !== kind)
        throw otherKind(name, this.#operatorName, [open.plan.kind, kind]);
      return open.access as S;
    }
    const table = new HeapTable<unknown>(this.#context, (value) => content.copy(value));
    const state: OpenState = {
      plan,
      table,
      access: plan.open(table),
      namespace: erased(namespace),
    };
    this.#restoreInto(state);
    this.#states.set(name, state);
    return state.access as S;
  }

  #restoreInto({ plan, table, namespace }: OpenState): void {
    const { maxParallelism } = this;
    const operatorName = this.#operatorName;
    const how = { key: this.#key, namespace, content: plan.reading };
    for (const block of this.#restored.take(plan.kind, plan.name)) {
      this.#restored.decode(block, how, (entry) => {
        checkGroup(entry, { name: plan.name, maxParallelism, operatorName });
        table.restore(entry);
      });
    }
  }

  /** The synchronous part. Undefined where there is nothing to write. */
  #capture(): CapturedBackend | undefined {
    const metas: StateMeta[] = [];
    const states: CapturedState[] = [];
    for (const { plan, table, namespace } of this.#states.values()) {
      if (table.size === 0) continue;
      const { kind, name, content } = plan;
      const meta = metas.push(metaOf(kind, name, namespace, content)) - 1;
      states.push({ meta, name, namespace, content, table: table.capture() });
    }
    const timers = this.#timers.capture(metas, this.range);
    const untouched = this.#restored.captureUntouched(metas);
    if (metas.length === 0) return undefined;
    const { range, maxParallelism } = this;
    const header = { maxParallelism, range, key: this.#key.snapshot(), metas };
    const operatorName = this.#operatorName;
    return { operatorName, header, key: this.#key, states, timers, untouched };
  }

  async #write(
    captured: CapturedBackend,
    running: RunningSnapshot,
    streams: CheckpointStreamFactory,
  ): Promise<KeyedStateHandle> {
    try {
      const output = streams.open('exclusive', 'keyed');
      const stopReason = () => running.stopReason;
      const state = await new SnapshotWriter(captured, { output, stopReason }).write();
      return { kind: 'key-groups', format: 'heap', range: this.range, state };
    } finally {
      this.#running.delete(running);
      for (const { name, table } of captured.states) this.#states.get(name)?.table.release(table);
    }
  }
}

function metaOf(
  kind: StateKind,
  name: string,
  namespace: TypeSerializer<unknown>,
  content: TypeSerializer<unknown>,
): StateMeta {
  return { kind, name, namespace: namespace.snapshot(), content: content.snapshot() };
}

function erased<T>(serializer: TypeSerializer<T>): TypeSerializer<unknown> {
  return serializer;
}
