// What a function declares of its state, and the states it then gets, by name and fully typed. A
// declaration is plain data: one function object can serve every subtask, each with states of
// its own.

import { unreachable } from '../core/assert.ts';
import type {
  AggregatingState,
  ListState,
  MapState,
  ReducingState,
  ValueState,
} from '../state/keyed-state.ts';
import type {
  KeyedStateBackend,
  Namespaced,
  OperatorStateBackend,
} from '../state/state-backend.ts';
import type {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  ValueStateDescriptor,
} from '../state/state-descriptor.ts';
import {
  VOID_NAMESPACE,
  type VoidNamespace,
  voidNamespaceSerializer,
} from '../stream/serializers/void-namespace.ts';

/** With a default, value() never gives undefined. */
export interface DefaultedValueStateDescriptor<T> extends ValueStateDescriptor<T> {
  readonly defaultValue: T;
}

export interface DefaultedValueState<T> extends ValueState<T> {
  value(): T;
}

/** On restore every subtask gets the concatenation of all. */
export interface UnionListStateDescriptor<T> extends ListStateDescriptor<T> {
  readonly redistribution: 'union';
}

interface Declared {
  readonly name: string;
  readonly kind: 'value' | 'list' | 'map' | 'reducing' | 'aggregating';
}

interface OperatorDeclared {
  readonly name: string;
  readonly kind: 'list' | 'map';
  readonly redistribution?: 'union';
}

interface BroadcastDeclared {
  readonly name: string;
  readonly kind: 'map';
}

export type KeyedStateDeclarations = Readonly<Record<string, Declared>>;
/** Lists are split on rescale, unless declared as union; maps are broadcast state. */
export type OperatorStateDeclarations = Readonly<Record<string, OperatorDeclared>>;
export type BroadcastDeclarations = Readonly<Record<string, BroadcastDeclared>>;

export type StateOf<D> =
  D extends DefaultedValueStateDescriptor<infer T>
    ? DefaultedValueState<T>
    : D extends ValueStateDescriptor<infer T>
      ? ValueState<T>
      : D extends ListStateDescriptor<infer T>
        ? ListState<T>
        : D extends MapStateDescriptor<infer UK, infer UV>
          ? MapState<UK, UV>
          : D extends ReducingStateDescriptor<infer T>
            ? ReducingState<T>
            : D extends AggregatingStateDescriptor<infer IN, infer _ACC, infer OUT>
              ? AggregatingState<IN, OUT>
              : never;

export type StatesOf<S> = { readonly [N in keyof S]: StateOf<S[N]> };
export type OperatorStatesOf<S> = StatesOf<S>;

/** One state a declaration, under the names of the declarations' properties. */
export function createKeyedStates(
  declarations: KeyedStateDeclarations,
  backend: KeyedStateBackend,
): Readonly<Record<string, unknown>> {
  const states = Object.entries(declarations).map(
    ([property, declared]) => [property, keyedState(declared, backend)] as const,
  );
  return Object.fromEntries(states);
}

export function createOperatorStates(
  declarations: OperatorStateDeclarations,
  backend: OperatorStateBackend,
): Readonly<Record<string, unknown>> {
  const states = Object.entries(declarations).map(
    ([property, declared]) => [property, operatorState(declared, backend)] as const,
  );
  return Object.fromEntries(states);
}

function keyedState(declared: Declared, backend: KeyedStateBackend): unknown {
  const state = requestState(declared, backend);
  state.setCurrentNamespace(VOID_NAMESPACE);
  return state;
}

function requestState(declared: Declared, backend: KeyedStateBackend): Namespaced<VoidNamespace> {
  const namespace = voidNamespaceSerializer;
  switch (declared.kind) {
    case 'value':
      return backend.valueState(declared as ValueStateDescriptor<unknown>, namespace);
    case 'list':
      return backend.listState(declared as ListStateDescriptor<unknown>, namespace);
    case 'map':
      return backend.mapState(declared as MapStateDescriptor<unknown, unknown>, namespace);
    case 'reducing':
      return backend.reducingState(declared as ReducingStateDescriptor<unknown>, namespace);
    case 'aggregating':
      return backend.aggregatingState(
        declared as AggregatingStateDescriptor<unknown, unknown, unknown>,
        namespace,
      );
    default:
      return unreachable(declared.kind);
  }
}

function operatorState(declared: OperatorDeclared, backend: OperatorStateBackend): unknown {
  if (declared.kind === 'map') {
    return backend.broadcastState(declared as MapStateDescriptor<unknown, unknown>);
  }
  const descriptor = declared as ListStateDescriptor<unknown>;
  return declared.redistribution === 'union'
    ? backend.unionListState(descriptor)
    : backend.listState(descriptor);
}
