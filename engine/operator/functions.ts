// The functions a user writes, and what they are handed: types only. All of them are
// synchronous. The context and collector objects are reused from record to record: use them
// during the call only.

import type { CheckpointId } from '../core/ids.ts';
import type { MapState } from '../state/keyed-state.ts';
import type { OutputTag } from './output-tag.ts';
import type {
  BroadcastDeclarations,
  KeyedStateDeclarations,
  OperatorStateDeclarations,
  OperatorStatesOf,
  StatesOf,
} from './state-declarations.ts';

/** Must answer the same for equal records, wherever it runs. Neither undefined nor null. */
export type KeySelector<T, K> = (value: T) => K;
export type MapFunction<T, OUT> = (value: T) => OUT;
export type FilterFunction<T> = (value: T) => boolean;
/** What it collects, or returns, is emitted in that order. */
export type FlatMapFunction<T, OUT> = (
  value: T,
  out: Collector<OUT>,
) => Iterable<OUT> | undefined | void;

export interface Collector<T> {
  /** Emits with the timestamp of the record, or timer, at hand. */
  collect(value: T): void;
}

/** Flink's RuntimeContext: which part of the job this function runs in. */
export interface FunctionContext<OS extends OperatorStateDeclarations = NoState> {
  readonly operatorName: string;
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly attemptNumber: number;
  readonly restoredCheckpoint: CheckpointId | undefined;
  /** The operator's non-keyed states, restored. */
  readonly operatorState: OperatorStatesOf<OS>;
}

export interface TimeService {
  currentProcessingTime(): number;
  /** NO_TIMESTAMP until a watermark has come; after a restore, too. */
  currentWatermark(): number;
}

/** Timers of the current key. Registering one twice fires it once. Integer milliseconds. */
export interface TimerService extends TimeService {
  registerEventTimeTimer(timestamp: number): void;
  registerProcessingTimeTimer(timestamp: number): void;
  deleteEventTimeTimer(timestamp: number): void;
  deleteProcessingTimeTimer(timestamp: number): void;
}

export interface ProcessContext<OS extends OperatorStateDeclarations = NoState>
  extends FunctionContext<OS> {
  /** Of the record at hand; NO_TIMESTAMP where it has none. */
  readonly timestamp: number;
  readonly timerService: TimeService;
  output<X>(tag: OutputTag<X>, value: X): void;
}

export interface KeyedContext<
  K,
  S extends KeyedStateDeclarations = NoState,
  OS extends OperatorStateDeclarations = NoState,
> extends ProcessContext<OS> {
  readonly key: K;
  /** The declared keyed states, scoped to `key`. */
  readonly state: StatesOf<S>;
  readonly timerService: TimerService;
}

export interface OnTimerContext<
  K,
  S extends KeyedStateDeclarations = NoState,
  OS extends OperatorStateDeclarations = NoState,
> extends KeyedContext<K, S, OS> {
  readonly timeDomain: 'event-time' | 'processing-time';
}

/** No declarations at all. */
export type NoState = Readonly<Record<never, never>>;

interface Lifecycle<OS extends OperatorStateDeclarations> {
  readonly operatorState?: OS;
  open?(context: FunctionContext<OS>): void;
  close?(): void;
}

export interface RichMapFunction<T, OUT, OS extends OperatorStateDeclarations = NoState>
  extends Lifecycle<OS> {
  map(value: T, context: ProcessContext<OS>): OUT;
}

export interface ProcessFunction<T, OUT, OS extends OperatorStateDeclarations = NoState>
  extends Lifecycle<OS> {
  processElement(value: T, context: ProcessContext<OS>, out: Collector<OUT>): void;
}

export interface KeyedProcessFunction<
  K,
  T,
  OUT,
  S extends KeyedStateDeclarations = NoState,
  OS extends OperatorStateDeclarations = NoState,
> extends Lifecycle<OS> {
  readonly state?: S;
  processElement(value: T, context: KeyedContext<K, S, OS>, out: Collector<OUT>): void;
  onTimer?(timestamp: number, context: OnTimerContext<K, S, OS>, out: Collector<OUT>): void;
}

export interface CoProcessFunction<T1, T2, OUT, OS extends OperatorStateDeclarations = NoState>
  extends Lifecycle<OS> {
  processElement1(value: T1, context: ProcessContext<OS>, out: Collector<OUT>): void;
  processElement2(value: T2, context: ProcessContext<OS>, out: Collector<OUT>): void;
}

/** Both inputs are keyed by the same kind of key and share the states. */
export interface KeyedCoProcessFunction<
  K,
  T1,
  T2,
  OUT,
  S extends KeyedStateDeclarations = NoState,
  OS extends OperatorStateDeclarations = NoState,
> extends Lifecycle<OS> {
  readonly state?: S;
  processElement1(value: T1, context: KeyedContext<K, S, OS>, out: Collector<OUT>): void;
  processElement2(value: T2, context: KeyedContext<K, S, OS>, out: Collector<OUT>): void;
  onTimer?(timestamp: number, context: OnTimerContext<K, S, OS>, out: Collector<OUT>): void;
}

export type ReadOnlyMapState<UK, UV> = Pick<
  MapState<UK, UV>,
  'get' | 'contains' | 'entries' | 'keys' | 'values' | 'isEmpty'
>;

export type BroadcastStatesOf<B extends BroadcastDeclarations> = OperatorStatesOf<B>;

export type ReadOnlyBroadcastStatesOf<B extends BroadcastDeclarations> = {
  readonly [N in keyof B]: OperatorStatesOf<B>[N] extends MapState<infer UK, infer UV>
    ? ReadOnlyMapState<UK, UV>
    : never;
};

interface ReadsBroadcast<B extends BroadcastDeclarations> {
  readonly broadcastState: ReadOnlyBroadcastStatesOf<B>;
}

/** The broadcast side alone may write, so that every subtask writes the same. */
export interface BroadcastContext<B extends BroadcastDeclarations> extends ProcessContext {
  readonly broadcastState: BroadcastStatesOf<B>;
}

export interface BroadcastProcessFunction<T, TB, OUT, B extends BroadcastDeclarations>
  extends Lifecycle<NoState> {
  processElement(value: T, context: ProcessContext & ReadsBroadcast<B>, out: Collector<OUT>): void;
  /** Must do the same on every subtask: order between the two inputs is not defined. */
  processBroadcastElement(value: TB, context: BroadcastContext<B>, out: Collector<OUT>): void;
}

export interface KeyedBroadcastProcessFunction<
  K,
  T,
  TB,
  OUT,
  B extends BroadcastDeclarations,
  S extends KeyedStateDeclarations = NoState,
> extends Lifecycle<NoState> {
  readonly state?: S;
  processElement(
    value: T,
    context: KeyedContext<K, S> & ReadsBroadcast<B>,
    out: Collector<OUT>,
  ): void;
  processBroadcastElement(value: TB, context: BroadcastContext<B>, out: Collector<OUT>): void;
  onTimer?(
    timestamp: number,
    context: OnTimerContext<K, S> & ReadsBroadcast<B>,
    out: Collector<OUT>,
  ): void;
}
