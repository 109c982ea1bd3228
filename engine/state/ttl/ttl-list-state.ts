// A list whose elements live and expire one by one, over the list state of any backend.

import type { ListState } from '../keyed-state.ts';
import { checkElement, checkElements } from '../list-rules.ts';
import type { Merging, Namespaced } from '../state-backend.ts';
import type { Stamped, TtlPolicy } from './ttl-policy.ts';
import { isExpired } from './ttl-policy.ts';

type Inner<N, T> = ListState<Stamped<T>> & Namespaced<N> & Merging<N>;

export interface TtlListOptions {
  readonly name: string;
  readonly policy: TtlPolicy;
  /** Runs after every access, so that it cannot remove what is being read. */
  readonly cleanUp: () => void;
}

export class TtlListState<N, T> implements ListState<T>, Namespaced<N>, Merging<N> {
  readonly #inner: Inner<N, T>;
  readonly #options: TtlListOptions;

  constructor(inner: Inner<N, T>, options: TtlListOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  setCurrentNamespace(namespace: N): void {
    this.#inner.setCurrentNamespace(namespace);
  }

  get(): readonly T[] {
    const { policy, cleanUp } = this.#options;
    const all = this.#inner.get();
    const alive = all.filter(({ stamp }) => !isExpired(policy, stamp));
    if (policy.updatesOnRead) for (const stamped of alive) stamped.stamp = policy.now();
    const isChanged = alive.length < all.length || (policy.updatesOnRead && alive.length > 0);
    if (isChanged) this.#inner.update(alive);
    cleanUp();
    return (policy.returnsExpired ? all : alive).map(({ value }) => value);
  }

  add(value: T): void {
    checkElement(value, this.#options.name);
    this.#inner.add({ value, stamp: this.#options.policy.now() });
    this.#options.cleanUp();
  }

  addAll(values: readonly T[]): void {
    checkElements(values, this.#options.name);
    this.#inner.addAll(this.#stamp(values));
    this.#options.cleanUp();
  }

  update(values: readonly T[]): void {
    checkElements(values, this.#options.name);
    this.#inner.update(this.#stamp(values));
    this.#options.cleanUp();
  }

  clear(): void {
    this.#inner.clear();
    this.#options.cleanUp();
  }

  /** Elements keep their stamps. */
  mergeNamespaces(target: N, sources: readonly N[]): void {
    this.#inner.mergeNamespaces(target, sources);
  }

  #stamp(values: readonly T[]): Stamped<T>[] {
    const stamp = this.#options.policy.now();
    return values.map((value) => ({ value, stamp }));
  }
}
