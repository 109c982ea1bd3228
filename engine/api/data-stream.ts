// The streams a program is written with: DataStream, and what keyBy(), window() and connect()
// make of it. They only describe: nothing runs before execute(). In one file because each makes
// the others.

import type { Sink } from '../connector/sink.ts';
import type { Partitioning } from '../graph/job-graph.ts';
import type { OperatorSettings, Transformation } from '../graph/transformation.ts';
import { FilterOperator } from '../operator/filter-operator.ts';
import { FlatMapOperator } from '../operator/flat-map-operator.ts';
import type {
  BroadcastProcessFunction,
  CoProcessFunction,
  FilterFunction,
  FlatMapFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  KeySelector,
  MapFunction,
  NoState,
  ProcessFunction,
  RichMapFunction,
} from '../operator/functions.ts';
import type { OutputTag } from '../operator/output-tag.ts';
import { ReduceOperator } from '../operator/reduce-operator.ts';
import type { TwoInputKeys } from '../operator/two-input-operator.ts';
import type {
  BroadcastDeclarations,
  KeyedStateDeclarations,
  OperatorStateDeclarations,
} from '../operator/state-declarations.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import { WatermarkOperator } from '../operator/watermark/watermark-operator.ts';
import type { WatermarkStrategy } from '../operator/watermark/watermark-strategy.ts';
import type { WindowAssigner } from '../operator/window/window-assigner.ts';
import type { ProcessWindowFunction } from '../operator/window/window-function.ts';
import type { AggregateFunction, ReduceFunction } from '../state/state-descriptor.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import { BroadcastStream } from './broadcast-stream.ts';
import { type NumericField, numericReduce, pickReduce } from './field-reduce.ts';
import { guardedKeySelector } from './key-selector.ts';
import {
  instantiate,
  keyedProcessFactory,
  mapFactory,
  type OrFactory,
  processFactory,
  type SinkOptions,
  sinkFactory,
} from './operator-factories.ts';
import type { Program } from './program.ts';
import { addOperator, configure, type OperatorOptions, sideOutputOf } from './stream-building.ts';
import { twoInputFactory } from './two-input-factory.ts';
import { WindowBuilder } from './window-builder.ts';

export class DataStream<T> {
  readonly program: Program;
  readonly transformation: Transformation;

  constructor(program: Program, transformation: Transformation) {
    this.program = program;
    this.transformation = transformation;
  }

  /** Shows in plans, reports and errors. Made unique within the job. */
  name(name: string): this {
    return this.#configure('name()', { name });
  }

  /** Names the operator's state for good: give one to every operator that has state. */
  uid(uid: string): this {
    return this.#configure('uid()', { uid });
  }

  setParallelism(parallelism: number): this {
    return this.#configure('setParallelism()', { parallelism });
  }

  /** The number of key groups. Cannot be changed once there is a checkpoint. */
  setMaxParallelism(maxParallelism: number): this {
    return this.#configure('setMaxParallelism()', { maxParallelism });
  }

  disableChaining(): this {
    return this.#configure('disableChaining()', { chaining: 'never' });
  }

  startNewChain(): this {
    return this.#configure('startNewChain()', { chaining: 'head' });
  }

  map<OUT, OS extends OperatorStateDeclarations = NoState>(
    map: MapFunction<T, OUT> | RichMapFunction<T, OUT, OS>,
  ): DataStream<OUT> {
    return this.transform(mapFactory(map));
  }

  filter<S extends T>(filter: (value: T) => value is S): DataStream<S>;
  filter(filter: FilterFunction<T>): DataStream<T>;
  filter(filter: FilterFunction<T>): DataStream<T> {
    const erased = filter as FilterFunction<unknown>;
    return this.transform({ kind: 'filter', create: () => new FilterOperator(erased) });
  }

  /** Collects its results, or returns them as an iterable. */
  flatMap<OUT>(flatMap: FlatMapFunction<T, OUT>): DataStream<OUT> {
    const erased = flatMap as FlatMapFunction<unknown, unknown>;
    return this.transform({ kind: 'flat map', create: () => new FlatMapOperator(erased) });
  }

  process<OUT, OS extends OperatorStateDeclarations = NoState>(
    process: OrFactory<ProcessFunction<T, OUT, OS>>,
  ): DataStream<OUT> {
    return this.transform(processFactory(() => instantiate(process)));
  }

  /** A one-input operator of your own. */
  transform<OUT>(factory: OperatorFactory, options: OperatorOptions = {}): DataStream<OUT> {
    return new DataStream(
      this.program,
      addOperator(this.program, factory, [this.transformation], options),
    );
  }

  /** Records with equal keys go to the same subtask and share their keyed state. */
  keyBy<K>(
    select: KeySelector<T, K>,
    options: { readonly keySerializer?: TypeSerializer<K> } = {},
  ): KeyedStream<T, K> {
    return new KeyedStream(this.program, this.transformation, guardedKeySelector(select), options);
  }

  /** Order between the streams is not defined. */
  union(...others: readonly DataStream<T>[]): DataStream<T> {
    const inputs = [this.transformation, ...others.map(({ transformation }) => transformation)];
    return new DataStream(this.program, { kind: 'union', inputs });
  }

  connect<T2, B extends BroadcastDeclarations>(
    other: BroadcastStream<T2, B>,
  ): BroadcastConnectedStream<T, T2, B>;
  connect<T2>(other: DataStream<T2>): ConnectedStreams<T, T2>;
  connect(other: DataStream<unknown> | BroadcastStream<unknown, BroadcastDeclarations>): unknown {
    const keys = { first: undefined, second: undefined };
    if (other instanceof BroadcastStream) return twoInputs(this, other, keys);
    return {
      ...twoInputs(this, other, keys),
      keyBy: (first: KeySelector<T, unknown>, second: KeySelector<unknown, unknown>) =>
        this.keyBy(first).connect(other.keyBy(second)),
    };
  }

  getSideOutput<X>(tag: OutputTag<X>): DataStream<X> {
    return new DataStream(this.program, sideOutputOf(this.transformation, tag.id));
  }

  assignTimestampsAndWatermarks(strategy: WatermarkStrategy<T>): DataStream<T> {
    const erased = strategy as WatermarkStrategy<unknown>;
    return this.transform({
      kind: 'timestamps and watermarks',
      create: () => new WatermarkOperator(erased),
    });
  }

  /** Round robin over all subtasks. */
  rebalance(): DataStream<T> {
    return this.#partition({ kind: 'rebalance' });
  }

  /** Round robin over the subtasks that are near: fewer connections. */
  rescale(): DataStream<T> {
    return this.#partition({ kind: 'rescale' });
  }

  /** To the subtask of the same number: the parallelism must be the same. */
  forward(): DataStream<T> {
    return this.#partition({ kind: 'forward' });
  }

  /** All to the first subtask. */
  global(): DataStream<T> {
    return this.#partition({ kind: 'global' });
  }

  /** To every subtask; with declared states, to be connected with another stream. */
  broadcast(): DataStream<T>;
  broadcast<B extends BroadcastDeclarations>(states: B): BroadcastStream<T, B>;
  broadcast(states?: BroadcastDeclarations): unknown {
    const stream = this.#partition({ kind: 'broadcast' });
    return states === undefined ? stream : new BroadcastStream(stream.transformation, states);
  }

  /** The result only takes settings: name, uid, parallelism. */
  sinkTo<C, WS>(sink: Sink<T, C, WS>, options: SinkOptions = {}): DataStream<never> {
    return this.transform<never>(sinkFactory(sink, options), { isSink: true });
  }

  #configure(caller: string, changes: Partial<OperatorSettings>): this {
    configure(this.transformation, caller, changes);
    return this;
  }

  #partition(partitioning: Partitioning): DataStream<T> {
    const input = this.transformation;
    return new DataStream(this.program, { kind: 'partition', input, partitioning });
  }
}

export class KeyedStream<T, K> {
  readonly program: Program;
  readonly transformation: Transformation;
  readonly keySelector: KeySelector<unknown, unknown>;
  readonly options: OperatorOptions;

  constructor(
    program: Program,
    input: Transformation,
    keySelector: KeySelector<unknown, unknown>,
    options: { readonly keySerializer?: TypeSerializer<K> },
  ) {
    const { keySerializer } = options;
    this.program = program;
    this.keySelector = keySelector;
    this.options = {
      keyed: true,
      ...(keySerializer === undefined ? {} : { keySerializer }),
    };
    const partitioning = { kind: 'hash', keySelector } as const;
    this.transformation = { kind: 'partition', input, partitioning };
  }

  /** Annotate `out` with what you collect: `out: Collector<Result>`. */
  process<
    OUT,
    S extends KeyedStateDeclarations = NoState,
    OS extends OperatorStateDeclarations = NoState,
  >(process: OrFactory<KeyedProcessFunction<K, T, OUT, S, OS>>): DataStream<OUT> {
    return this.transform(keyedProcessFactory(() => instantiate(process), this.keySelector));
  }

  /** Emits the running result with every record. Must not change its arguments. */
  reduce(reduce: ReduceFunction<T>): DataStream<T> {
    return this.#reduceAs('reduce', reduce as ReduceFunction<unknown>);
  }

  sum(this: KeyedStream<number, K>): DataStream<number>;
  sum(field: NumericField<T>): DataStream<T>;
  sum(field?: string): unknown {
    return this.#reduceAs(
      'sum',
      numericReduce(field, (left, right) => left + right),
    );
  }

  /** The least value of the field so far, in the first record of the key. */
  min(field: NumericField<T>): DataStream<T> {
    return this.#reduceAs('min', numericReduce(field, Math.min));
  }

  max(field: NumericField<T>): DataStream<T> {
    return this.#reduceAs('max', numericReduce(field, Math.max));
  }

  /** The record with the least value of the field so far; of equal ones the first. */
  minBy(field: NumericField<T>): DataStream<T> {
    return this.#reduceAs(
      'min by',
      pickReduce(field, (value, kept) => value < kept),
    );
  }

  maxBy(field: NumericField<T>): DataStream<T> {
    return this.#reduceAs(
      'max by',
      pickReduce(field, (value, kept) => value > kept),
    );
  }

  /** A keyed operator of your own. It sets the current key itself. */
  transform<OUT>(factory: OperatorFactory): DataStream<OUT> {
    const operator = addOperator(this.program, factory, [this.transformation], this.options);
    return new DataStream(this.program, operator);
  }

  window(assigner: WindowAssigner): WindowedStream<T, K> {
    const finish = (factory: OperatorFactory) => this.transform<unknown>(factory);
    const builder: unknown = new WindowBuilder({ keySelector: this.keySelector, assigner, finish });
    return builder as WindowedStream<T, K>;
  }

  connect<T2, B extends BroadcastDeclarations>(
    other: BroadcastStream<T2, B>,
  ): KeyedBroadcastConnectedStream<T, T2, K, B>;
  connect<T2>(other: KeyedStream<T2, K>): KeyedConnectedStreams<T, T2, K>;
  connect(
    other: KeyedStream<unknown, K> | BroadcastStream<unknown, BroadcastDeclarations>,
  ): unknown {
    const second = other instanceof BroadcastStream ? undefined : other.keySelector;
    return twoInputs(this, other, { first: this.keySelector, second });
  }

  #reduceAs<R>(kind: string, reduce: ReduceFunction<unknown>): DataStream<R> {
    const { keySelector } = this;
    return this.transform({ kind, create: () => new ReduceOperator(reduce, keySelector) });
  }
}

export interface WindowedStream<T, K> {
  /** How long a window still accepts records after the watermark has passed its end. */
  allowedLateness(allowedLatenessMs: number): this;
  /** Records that come too late even for that; without this they are dropped and counted. */
  sideOutputLateData(tag: OutputTag<T>): this;
  reduce(reduce: ReduceFunction<T>): DataStream<T>;
  reduce<OUT>(
    reduce: ReduceFunction<T>,
    process: ProcessWindowFunction<T, OUT, K>,
  ): DataStream<OUT>;
  aggregate<ACC, R>(aggregate: AggregateFunction<T, ACC, R>): DataStream<R>;
  aggregate<ACC, R, OUT>(
    aggregate: AggregateFunction<T, ACC, R>,
    process: ProcessWindowFunction<R, OUT, K>,
  ): DataStream<OUT>;
  /** Keeps all records of a window until its end. */
  process<OUT>(process: ProcessWindowFunction<T, OUT, K>): DataStream<OUT>;
}

/** Order between the two inputs is not defined. */
export interface ConnectedStreams<T1, T2> {
  keyBy<K>(first: KeySelector<T1, K>, second: KeySelector<T2, K>): KeyedConnectedStreams<T1, T2, K>;
  process<OUT, OS extends OperatorStateDeclarations = NoState>(
    process: OrFactory<CoProcessFunction<T1, T2, OUT, OS>>,
  ): DataStream<OUT>;
}

export interface KeyedConnectedStreams<T1, T2, K> {
  process<
    OUT,
    S extends KeyedStateDeclarations = NoState,
    OS extends OperatorStateDeclarations = NoState,
  >(process: OrFactory<KeyedCoProcessFunction<K, T1, T2, OUT, S, OS>>): DataStream<OUT>;
}

export interface BroadcastConnectedStream<T, TB, B extends BroadcastDeclarations> {
  process<OUT>(process: OrFactory<BroadcastProcessFunction<T, TB, OUT, B>>): DataStream<OUT>;
}

export interface KeyedBroadcastConnectedStream<T, TB, K, B extends BroadcastDeclarations> {
  process<OUT, S extends KeyedStateDeclarations = NoState>(
    process: OrFactory<KeyedBroadcastProcessFunction<K, T, TB, OUT, B, S>>,
  ): DataStream<OUT>;
}

/** What the two inputs of an operator have in common, whatever kind of stream they are. */
interface Connectable {
  readonly program: Program;
  readonly transformation: Transformation;
  readonly options?: OperatorOptions;
}

function twoInputs(
  first: Connectable,
  second: Pick<Connectable, 'transformation'> & { readonly states?: BroadcastDeclarations },
  keys: TwoInputKeys,
): { process(process: OrFactory<object>): DataStream<unknown> } {
  const inputs = [first.transformation, second.transformation];
  return {
    process(process) {
      const factory = twoInputFactory(() => instantiate(process), keys, second.states);
      const operator = addOperator(first.program, factory, inputs, first.options);
      return new DataStream(first.program, operator);
    },
  };
}
