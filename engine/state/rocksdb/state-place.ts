// Where a state's entries are looked for: the current namespace, as value, as what a Map finds and
// as bytes. Shared by the tables of all kinds.

import { VOID_NAMESPACE } from '../../stream/serializers/void-namespace.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { LookupKey } from '../lookup-key.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { RegisteredState } from './state-registry.ts';
import type { WorkingSet } from './working-set.ts';

const NOTHING = new Uint8Array(0);

export class StatePlace {
  readonly working: WorkingSet;
  readonly state: RegisteredState;
  readonly namespaces: TypeSerializer<unknown>;
  namespace: unknown = VOID_NAMESPACE;
  lookup: LookupKey = VOID_NAMESPACE;
  #bytes: Uint8Array | undefined = NOTHING;

  constructor(working: WorkingSet, state: RegisteredState, namespaces: TypeSerializer<unknown>) {
    this.working = working;
    this.state = state;
    this.namespaces = namespaces;
  }

  /** True if it is another one than before. */
  set(namespace: unknown): boolean {
    if (namespace === this.namespace && typeof namespace !== 'object') return false;
    const lookup = lookupKeyOf(namespace);
    if (lookup === this.lookup) return false;
    this.namespace = namespace;
    this.lookup = lookup;
    this.#bytes = undefined;
    return true;
  }

  /** As it stands in entry keys; nothing outside of windows. */
  get bytes(): Uint8Array {
    this.#bytes ??= this.working.layout.encode(this.namespace, this.namespaces);
    return this.#bytes;
  }
}
