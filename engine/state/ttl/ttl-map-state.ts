// A map whose entries live and expire one by one, over the map state of any backend. Whatever
// looks at an entry counts as a read of it: get, contains and iteration.

import type { MapState } from '../keyed-state.ts';
import type { Namespaced } from '../state-backend.ts';
import type { Stamped, TtlPolicy } from './ttl-policy.ts';
import { isExpired } from './ttl-policy.ts';

type Inner<N, UK, UV> = MapState<UK, Stamped<UV>> & Namespaced<N>;

export class TtlMapState<N, UK, UV> implements MapState<UK, UV>, Namespaced<N> {
  readonly #inner: Inner<N, UK, UV>;
  readonly #policy: TtlPolicy;
  readonly #cleanUp: () => void;

  constructor(inner: Inner<N, UK, UV>, policy: TtlPolicy, cleanUp: () => void) {
    this.#inner = inner;
    this.#policy = policy;
    this.#cleanUp = cleanUp;
  }

  setCurrentNamespace(namespace: N): void {
    this.#inner.setCurrentNamespace(namespace);
  }

  get(key: UK): UV | undefined {
    const found = this.#look(key, this.#inner.get(key));
    this.#cleanUp();
    return found?.value;
  }

  put(key: UK, value: UV): void {
    this.#inner.put(key, { value, stamp: this.#policy.now() });
    this.#cleanUp();
  }

  putAll(entries: Iterable<readonly [UK, UV]>): void {
    for (const [key, value] of entries) this.put(key, value);
  }

  remove(key: UK): void {
    this.#inner.remove(key);
    this.#cleanUp();
  }

  contains(key: UK): boolean {
    const found = this.#look(key, this.#inner.get(key));
    this.#cleanUp();
    return found !== undefined;
  }

  entries(): Iterable<readonly [UK, UV]> {
    const seen: (readonly [UK, UV])[] = [];
    for (const [key, stamped] of this.#inner.entries()) {
      const found = this.#look(key, stamped);
      if (found !== undefined) seen.push([key, found.value]);
    }
    this.#cleanUp();
    return seen;
  }

  keys(): Iterable<UK> {
    return Array.from(this.entries(), ([key]) => key);
  }

  values(): Iterable<UV> {
    return Array.from(this.entries(), ([, value]) => value);
  }

  isEmpty(): boolean {
    for (const [key, stamped] of this.#inner.entries()) {
      if (this.#look(key, stamped) !== undefined) return false;
    }
    return true;
  }

  clear(): void {
    this.#inner.clear();
    this.#cleanUp();
  }

  /** What a reader gets to see of an entry, having removed or refreshed it. */
  #look(key: UK, stamped: Stamped<UV> | undefined): Stamped<UV> | undefined {
    if (stamped === undefined) return undefined;
    if (isExpired(this.#policy, stamped.stamp)) {
      this.#inner.remove(key);
      return this.#policy.returnsExpired ? stamped : undefined;
    }
    if (this.#policy.updatesOnRead) {
      stamped.stamp = this.#policy.now();
      this.#inner.put(key, stamped);
    }
    return stamped;
  }
}
