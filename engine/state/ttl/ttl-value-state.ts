// A value with a time to live, over the value state of any backend. A read of an expired value
// clears it first; with 'return-expired-if-not-cleaned-up' that read still gets it, once.

import type { AccumulatorSlot } from '../fold.ts';
import type { Stamped, TtlPolicy } from './ttl-policy.ts';
import { isExpired } from './ttl-policy.ts';

export class TtlValueState<N, T> implements AccumulatorSlot<N, T> {
  readonly #inner: AccumulatorSlot<N, Stamped<T>>;
  readonly #policy: TtlPolicy;
  readonly #cleanUp: () => void;

  /** `cleanUp` runs after every access, so that it cannot remove what is being read. */
  constructor(inner: AccumulatorSlot<N, Stamped<T>>, policy: TtlPolicy, cleanUp: () => void) {
    this.#inner = inner;
    this.#policy = policy;
    this.#cleanUp = cleanUp;
  }

  setCurrentNamespace(namespace: N): void {
    this.#inner.setCurrentNamespace(namespace);
  }

  currentNamespace(): N {
    return this.#inner.currentNamespace();
  }

  value(): T | undefined {
    const stamped = this.#inner.value();
    const value = stamped === undefined ? undefined : this.#read(stamped);
    this.#cleanUp();
    return value;
  }

  unexpired(): T | undefined {
    const stamped = this.#inner.value();
    return stamped === undefined || isExpired(this.#policy, stamped.stamp)
      ? undefined
      : stamped.value;
  }

  update(value: T | undefined): void {
    if (value === undefined) this.#inner.clear();
    else this.#write(value);
    this.#cleanUp();
  }

  clear(): void {
    this.#inner.clear();
    this.#cleanUp();
  }

  #read(stamped: Stamped<T>): T | undefined {
    if (isExpired(this.#policy, stamped.stamp)) {
      this.#inner.clear();
      return this.#policy.returnsExpired ? stamped.value : undefined;
    }
    if (this.#policy.updatesOnRead) {
      stamped.stamp = this.#policy.now();
      this.#inner.update(stamped);
    }
    return stamped.value;
  }

  #write(value: T): void {
    const stamp = this.#policy.now();
    const stamped = this.#inner.value();
    if (stamped === undefined) return this.#inner.update({ value, stamp });
    stamped.value = value;
    stamped.stamp = stamp;
    this.#inner.update(stamped);
  }
}
