// What a user says of a state: its name, its kind, how its values are written, how long they live.

import type { TypeSerializer } from '../stream/type-serializer.ts';

export type TtlUpdateType = 'disabled' | 'on-create-and-write' | 'on-read-and-write';
export type TtlVisibility = 'never-return-expired' | 'return-expired-if-not-cleaned-up';

/** Flink's StateTtlConfig. Time is processing time, in milliseconds. Not part of a checkpoint. */
export interface StateTtlConfig {
  readonly ttlMs: number;
  /** Default 'on-create-and-write'. */
  readonly updateType?: TtlUpdateType;
  /** Default 'never-return-expired'. */
  readonly visibility?: TtlVisibility;
}

export interface ReduceFunction<T> {
  (accumulated: T, value: T): T;
}

/** Flink's AggregateFunction. `merge` is needed for merging windows. */
export interface AggregateFunction<IN, ACC, OUT> {
  createAccumulator(): ACC;
  add(value: IN, accumulator: ACC): ACC;
  getResult(accumulator: ACC): OUT;
  merge?(left: ACC, right: ACC): ACC;
}

interface Named {
  /** Unique per operator. */
  readonly name: string;
  readonly ttl?: StateTtlConfig;
}

export interface ValueStateDescriptor<T> extends Named {
  readonly kind: 'value';
  readonly serializer?: TypeSerializer<T>;
  /** What value() gives where nothing was stored; without it, undefined. Not with a TTL. */
  readonly defaultValue?: T;
}
export interface ListStateDescriptor<T> extends Named {
  readonly kind: 'list';
  readonly serializer?: TypeSerializer<T>;
}
export interface MapStateDescriptor<UK, UV> extends Named {
  readonly kind: 'map';
  readonly keySerializer?: TypeSerializer<UK>;
  readonly valueSerializer?: TypeSerializer<UV>;
}
export interface ReducingStateDescriptor<T> extends Named {
  readonly kind: 'reducing';
  readonly reduce: ReduceFunction<T>;
  readonly serializer?: TypeSerializer<T>;
}
export interface AggregatingStateDescriptor<IN, ACC, OUT> extends Named {
  readonly kind: 'aggregating';
  readonly aggregate: AggregateFunction<IN, ACC, OUT>;
  readonly serializer?: TypeSerializer<ACC>;
}
