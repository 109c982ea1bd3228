// From a user's two-input function, of any of the four kinds, to the factory of the operator
// that runs it.

import type { OperatorStateDeclarations } from '../operator/state-declarations.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import {
  type TwoInputFunction,
  type TwoInputKeys,
  TwoInputOperator,
} from '../operator/two-input-operator.ts';

/** What a user's two-input function may look like, types erased. */
interface ErasedTwoInput {
  readonly state?: TwoInputFunction['state'];
  readonly operatorState?: TwoInputFunction['operatorState'];
  readonly processElement1?: TwoInputFunction['first'];
  readonly processElement2?: TwoInputFunction['second'];
  readonly processElement?: TwoInputFunction['first'];
  readonly processBroadcastElement?: TwoInputFunction['second'];
  onTimer?: NonNullable<TwoInputFunction['onTimer']>;
  open?: NonNullable<TwoInputFunction['open']>;
  close?: NonNullable<TwoInputFunction['close']>;
}

export function twoInputFactory(
  create: () => unknown,
  keys: TwoInputKeys,
  broadcastState: OperatorStateDeclarations | undefined,
): OperatorFactory {
  const states = broadcastState ?? {};
  return {
    kind: broadcastState === undefined ? 'co-process' : 'broadcast process',
    create: () => new TwoInputOperator(asTwoInput(create() as ErasedTwoInput, states), keys),
  };
}

/** The methods are called on the user's own object, so that `this` works in them. */
function asTwoInput(
  of: ErasedTwoInput,
  broadcastState: OperatorStateDeclarations,
): TwoInputFunction {
  const isBroadcast = of.processBroadcastElement !== undefined;
  return {
    first: isBroadcast
      ? (value, context, out) => of.processElement?.(value, context, out)
      : (value, context, out) => of.processElement1?.(value, context, out),
    second: isBroadcast
      ? (value, context, out) => of.processBroadcastElement?.(value, context, out)
      : (value, context, out) => of.processElement2?.(value, context, out),
    onTimer: (timestamp, context, out) => of.onTimer?.(timestamp, context, out),
    open: (context) => of.open?.(context),
    close: () => of.close?.(),
    state: of.state ?? {},
    operatorState: of.operatorState ?? {},
    broadcastState,
  };
}
