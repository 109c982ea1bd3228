// One value per key and namespace, as value, reducing and aggregating states keep it: what a
// backend has to know of such a state to open it. The same on every backend.

import { genericSerializerOf } from '../stream/serializers/generic-serializer.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import { type AccumulatorSlot, aggregatingFold, FoldingState, reducingFold } from './fold.ts';
import type { ValueState } from './keyed-state.ts';
import type { Namespaced } from './state-backend.ts';
import type { StateKind } from './heap/snapshot-format.ts';
import type {
  AggregatingStateDescriptor,
  ReducingStateDescriptor,
  StateTtlConfig,
  ValueStateDescriptor,
} from './state-descriptor.ts';

export interface SlotOptions<N, T, S> {
  readonly kind: StateKind;
  readonly name: string;
  readonly serializer: TypeSerializer<T>;
  readonly ttl: StateTtlConfig | undefined;
  readonly defaultValue: (() => T) | undefined;
  readonly now: () => number;
  readonly wrap: (slot: AccumulatorSlot<N, T>) => S;
}

export function valueSlot<N, T>(
  descriptor: ValueStateDescriptor<T>,
  now: () => number,
): SlotOptions<N, T, ValueState<T> & Namespaced<N>> {
  const { name, ttl, defaultValue } = descriptor;
  const serializer = descriptor.serializer ?? genericSerializerOf<T>();
  return {
    kind: 'value',
    name,
    serializer,
    ttl,
    defaultValue: defaultValue === undefined ? undefined : () => serializer.copy(defaultValue),
    now,
    wrap: (slot) => slot,
  };
}

export function reducingSlot<N, T>(
  descriptor: ReducingStateDescriptor<T>,
  now: () => number,
): SlotOptions<N, T, FoldingState<N, T, T, T>> {
  const fold = reducingFold(descriptor);
  return {
    kind: 'reducing',
    name: descriptor.name,
    serializer: descriptor.serializer ?? genericSerializerOf<T>(),
    ttl: descriptor.ttl,
    defaultValue: undefined,
    now,
    wrap: (slot) => new FoldingState(slot, fold),
  };
}

export function aggregatingSlot<N, IN, ACC, OUT>(
  descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
  now: () => number,
): SlotOptions<N, ACC, FoldingState<N, IN, ACC, OUT>> {
  const fold = aggregatingFold(descriptor);
  return {
    kind: 'aggregating',
    name: descriptor.name,
    serializer: descriptor.serializer ?? genericSerializerOf<ACC>(),
    ttl: descriptor.ttl,
    defaultValue: undefined,
    now,
    wrap: (slot) => new FoldingState(slot, fold),
  };
}
