// Reducing and aggregating states, on any backend: both fold each value into one accumulator per
// key and namespace as it arrives. They need no more of a backend than a place for that
// accumulator.

import { OnceproofError } from '../core/errors.ts';
import type { AppendingState, ValueState } from './keyed-state.ts';
import type { Merging, Namespaced } from './state-backend.ts';
import type { AggregatingStateDescriptor, ReducingStateDescriptor } from './state-descriptor.ts';

/** The place of an accumulator. */
export interface AccumulatorSlot<N, ACC> extends ValueState<ACC>, Namespaced<N> {
  currentNamespace(): N;
  /** Like value(), but never a value that has expired: nothing is folded into those. */
  unexpired(): ACC | undefined;
}

export interface Fold<IN, ACC, OUT> {
  first(value: IN): ACC;
  add(accumulator: ACC, value: IN): ACC;
  merge(target: ACC, source: ACC): ACC;
  result(accumulator: ACC): OUT;
}

export function reducingFold<T>(descriptor: ReducingStateDescriptor<T>): Fold<T, T, T> {
  const { reduce } = descriptor;
  return { first: (value) => value, add: reduce, merge: reduce, result: (value) => value };
}

export function aggregatingFold<IN, ACC, OUT>(
  descriptor: AggregatingStateDescriptor<IN, ACC, OUT>,
): Fold<IN, ACC, OUT> {
  const { aggregate, name } = descriptor;
  return {
    first: (value) => aggregate.add(value, aggregate.createAccumulator()),
    add: (accumulator, value) => aggregate.add(value, accumulator),
    merge(target, source) {
      if (aggregate.merge) return aggregate.merge(target, source);
      throw new OnceproofError('OP-E410', `Cannot merge windows of state "${name}"`, {
        place: `state "${name}"`,
        remedy: 'Give the aggregate function a merge method, or use windows that do not merge',
      });
    },
    result: (accumulator) => aggregate.getResult(accumulator),
  };
}

export class FoldingState<N, IN, ACC, OUT>
  implements AppendingState<IN, OUT>, Namespaced<N>, Merging<N>
{
  readonly #slot: AccumulatorSlot<N, ACC>;
  readonly #fold: Fold<IN, ACC, OUT>;

  constructor(slot: AccumulatorSlot<N, ACC>, fold: Fold<IN, ACC, OUT>) {
    this.#slot = slot;
    this.#fold = fold;
  }

  setCurrentNamespace(namespace: N): void {
    this.#slot.setCurrentNamespace(namespace);
  }

  get(): OUT | undefined {
    const accumulator = this.#slot.value();
    return accumulator === undefined ? undefined : this.#fold.result(accumulator);
  }

  add(value: IN): void {
    const accumulator = this.#slot.unexpired();
    this.#slot.update(
      accumulator === undefined ? this.#fold.first(value) : this.#fold.add(accumulator, value),
    );
  }

  clear(): void {
    this.#slot.clear();
  }

  /** Folds in the order: target, then the sources as given. */
  mergeNamespaces(target: N, sources: readonly N[]): void {
    const current = this.#slot.currentNamespace();
    this.#slot.setCurrentNamespace(target);
    let merged = this.#slot.unexpired();
    for (const source of sources) {
      this.#slot.setCurrentNamespace(source);
      const accumulator = this.#slot.unexpired();
      this.#slot.clear();
      if (accumulator === undefined) continue;
      merged = merged === undefined ? accumulator : this.#fold.merge(merged, accumulator);
    }
    this.#slot.setCurrentNamespace(target);
    if (merged !== undefined) this.#slot.update(merged);
    this.#slot.setCurrentNamespace(current);
  }
}
