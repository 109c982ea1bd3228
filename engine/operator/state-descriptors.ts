// Short forms for state declarations: `valueState<number>('count', { defaultValue: 0 })`.

import type {
  AggregateFunction,
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReduceFunction,
  ReducingStateDescriptor,
  StateTtlConfig,
  ValueStateDescriptor,
} from '../state/state-descriptor.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { DefaultedValueStateDescriptor } from './state-declarations.ts';

export interface StateOptions<T> {
  readonly ttl?: StateTtlConfig;
  readonly serializer?: TypeSerializer<T>;
}

export interface MapStateOptions<UK, UV> {
  readonly ttl?: StateTtlConfig;
  readonly keySerializer?: TypeSerializer<UK>;
  readonly valueSerializer?: TypeSerializer<UV>;
}

export function valueState<T>(
  name: string,
  options: { readonly defaultValue: T; readonly serializer?: TypeSerializer<T> },
): DefaultedValueStateDescriptor<T>;
export function valueState<T>(name: string, options?: StateOptions<T>): ValueStateDescriptor<T>;
export function valueState<T>(name: string, options: StateOptions<T> = {}) {
  return { kind: 'value', name, ...options };
}

export function listState<T>(name: string, options: StateOptions<T> = {}): ListStateDescriptor<T> {
  return { kind: 'list', name, ...options };
}

export function mapState<UK, UV>(
  name: string,
  options: MapStateOptions<UK, UV> = {},
): MapStateDescriptor<UK, UV> {
  return { kind: 'map', name, ...options };
}

export function reducingState<T>(
  name: string,
  reduce: ReduceFunction<T>,
  options: StateOptions<T> = {},
): ReducingStateDescriptor<T> {
  return { kind: 'reducing', name, reduce, ...options };
}

export function aggregatingState<IN, ACC, OUT>(
  name: string,
  aggregate: AggregateFunction<IN, ACC, OUT>,
  options: StateOptions<ACC> = {},
): AggregatingStateDescriptor<IN, ACC, OUT> {
  return { kind: 'aggregating', name, aggregate, ...options };
}
