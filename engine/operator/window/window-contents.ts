// What a window keeps of its records: all of them, or their running reduction or aggregate. One
// state behind one small interface, so that the window operator need not know which.

import type { AppendingState, ListState } from '../../state/keyed-state.ts';
import type { KeyedStateBackend, Merging, Namespaced } from '../../state/state-backend.ts';
import type { AggregateFunction, ReduceFunction } from '../../state/state-descriptor.ts';
import { refusePromise } from '../user-code.ts';
import type { WindowNamespace } from './time-window.ts';
import { windowNamespaceSerializer } from './window-namespace.ts';

/** Works on the current key and the window that was set last. */
export interface WindowContents {
  setWindow(window: WindowNamespace): void;
  /** False if there was something in the window already: its timers are set then. */
  add(value: unknown): boolean;
  /** All elements, or the one result; empty where nothing was added. */
  elements(): readonly unknown[];
  clear(): void;
  merge(target: WindowNamespace, sources: readonly WindowNamespace[]): void;
}

export type WindowContentsKind =
  | { readonly kind: 'elements' }
  | { readonly kind: 'reduce'; readonly reduce: ReduceFunction<unknown> }
  | {
      readonly kind: 'aggregate';
      readonly aggregate: AggregateFunction<unknown, unknown, unknown>;
    };

const STATE_NAME = 'window-contents';

export function openWindowContents(
  contents: WindowContentsKind,
  backend: KeyedStateBackend,
  operatorName: string,
): WindowContents {
  const name = STATE_NAME;
  const namespace = windowNamespaceSerializer;
  if (contents.kind === 'elements') {
    return elementContents(
      backend.listState<WindowNamespace, unknown>({ kind: 'list', name }, namespace),
    );
  }
  if (contents.kind === 'reduce') {
    const reduce = (left: unknown, right: unknown): unknown =>
      synchronous(operatorName, contents.reduce(left, right));
    const state = backend.reducingState({ kind: 'reducing', name, reduce }, namespace);
    return foldedContents(state, (reduced) => reduced);
  }
  // The state gives the accumulator itself, so that a look at it runs no function of the user's.
  const aggregate = { ...guarded(contents.aggregate, operatorName), getResult: identity };
  const state = backend.aggregatingState({ kind: 'aggregating', name, aggregate }, namespace);
  return foldedContents(state, (accumulator) =>
    synchronous(operatorName, contents.aggregate.getResult(accumulator)),
  );
}

type FoldedState = AppendingState<unknown, unknown> &
  Namespaced<WindowNamespace> &
  Merging<WindowNamespace>;

function foldedContents(
  state: FoldedState,
  resultOf: (accumulator: unknown) => unknown,
): WindowContents {
  return {
    setWindow: (window) => state.setCurrentNamespace(window),
    add(value) {
      const isFirst = state.get() === undefined;
      state.add(value);
      return isFirst;
    },
    elements() {
      const accumulator = state.get();
      return accumulator === undefined ? [] : [resultOf(accumulator)];
    },
    clear: () => state.clear(),
    merge: (target, sources) => state.mergeNamespaces(target, sources),
  };
}

type ElementState = ListState<unknown> & Namespaced<WindowNamespace> & Merging<WindowNamespace>;

function elementContents(state: ElementState): WindowContents {
  return {
    setWindow: (window) => state.setCurrentNamespace(window),
    add(value) {
      state.add(value);
      // Asking a list whether it is empty costs more than setting its timers again.
      return true;
    },
    elements: () => state.get(),
    clear: () => state.clear(),
    merge: (target, sources) => state.mergeNamespaces(target, sources),
  };
}

/** The methods are called on the user's own object, so that `this` works in them. */
function guarded(
  aggregate: AggregateFunction<unknown, unknown, unknown>,
  operatorName: string,
): Omit<AggregateFunction<unknown, unknown, unknown>, 'getResult'> {
  return {
    createAccumulator: () => aggregate.createAccumulator(),
    add: (value, accumulator) => synchronous(operatorName, aggregate.add(value, accumulator)),
    ...(aggregate.merge === undefined
      ? {}
      : { merge: (left: unknown, right: unknown) => aggregate.merge?.(left, right) }),
  };
}

function synchronous(operatorName: string, result: unknown): unknown {
  if (result instanceof Promise) refusePromise(operatorName, result);
  return result;
}

function identity(accumulator: unknown): unknown {
  return accumulator;
}
