// One state that the job has asked for: its place in the store, how its bytes are read, and what
// was restored for it in the savepoint format. For checkers it tells entries apart again.

import { assert } from '../../core/assert.ts';
import type { KeyValueEntry } from '../../environment/key-value-store.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { checkGroup } from '../heap/restore-checks.ts';
import type { DecodedEntry, RestoredStates } from '../heap/restored-states.ts';
import type { LogicalDigest } from '../logical-digest.ts';
import type { LookupKey } from '../lookup-key.ts';
import { keyOfLookup, lookupKeyOf } from '../lookup-key.ts';
import type { Stamped } from '../ttl/ttl-policy.ts';
import { isExpired } from '../ttl/ttl-policy.ts';
import type { RocksDBPlan } from './open-states.ts';
import { contentOf } from './open-states.ts';
import { StatePlace } from './state-place.ts';
import type { RegisteredState, StateRegistry } from './state-registry.ts';
import { ValueCodec } from './value-codec.ts';
import type { WorkingSet } from './working-set.ts';

export interface OpenedStateSurroundings {
  readonly working: WorkingSet;
  readonly registry: StateRegistry;
  readonly restored: RestoredStates;
  readonly operatorName: string;
  readonly now: () => number;
}

export class OpenedState {
  readonly state: RegisteredState;
  readonly access: unknown;
  readonly #around: OpenedStateSurroundings;
  readonly #plan: RocksDBPlan<unknown>;
  readonly #namespaces: TypeSerializer<unknown>;
  readonly #codec: ValueCodec<unknown>;

  constructor(
    plan: RocksDBPlan<unknown>,
    namespaces: TypeSerializer<unknown>,
    around: OpenedStateSurroundings,
  ) {
    this.#plan = plan;
    this.#namespaces = namespaces;
    this.#around = around;
    const { kind, name, reading, content } = plan.logical;
    const { items, policy } = plan;
    const blocks = around.restored.take(kind, name);
    this.state = around.registry.open({ kind, name, namespace: namespaces, reading });
    this.#codec = new ValueCodec({
      state: this.state,
      items,
      content: content.snapshot(),
      operatorName: around.operatorName,
      now: around.now,
      hasTimeToLive: policy !== undefined,
    });
    const how = { key: around.working.layout.key, namespace: namespaces, content: reading };
    for (const block of blocks) {
      around.restored.decode(block, how, (entry) => this.#restore(entry));
      if (around.working.synchronous !== undefined) around.working.flushNow();
    }
    this.access = plan.open(new StatePlace(around.working, this.state, namespaces), this.#codec);
  }

  /** The key and namespace of an entry. */
  placeOf(entry: KeyValueEntry): { readonly key: unknown; readonly namespace: LookupKey } {
    const { key, input } = this.#open(entry);
    return { key, namespace: lookupKeyOf(this.#namespaces.deserialize(input)) };
  }

  get hasTimeToLive(): boolean {
    return this.#plan.policy !== undefined;
  }

  /** Nothing of the entry is alive. */
  isExpired(entry: KeyValueEntry): boolean {
    const { policy } = this.#plan;
    if (policy === undefined) return false;
    const { kind } = this.state;
    const content = contentOf(kind, this.#codec, entry.value, undefined);
    const items = content instanceof Map ? [...content.values()] : content;
    const stamped = (Array.isArray(items) ? items : [items]) as readonly Stamped<unknown>[];
    return stamped.every(({ stamp }) => isExpired(policy, stamp));
  }

  digest(entry: KeyValueEntry, digest: LogicalDigest): void {
    const { key, keyGroup, input } = this.#open(entry);
    const namespace = this.#namespaces.deserialize(input);
    const { userKeys, logical } = this.#plan;
    const userKey = userKeys && lookupKeyOf(userKeys.deserialize(input));
    const value = contentOf(logical.kind, this.#codec, entry.value, userKey);
    logical.digest({ value, namespace, key, keyGroup, version: 0, index: 0 }, digest);
  }

  #open(entry: KeyValueEntry) {
    const { layout } = this.#around.working;
    const { key, keyGroup, keyEnd } = layout.read(entry.key);
    const input = new ByteReader(entry.key, `an entry of state "${this.state.name}"`);
    input.seek(keyEnd);
    return { key, keyGroup, input };
  }

  #restore(entry: DecodedEntry<unknown>): void {
    const { working, operatorName } = this.#around;
    const { maxParallelism } = working.context;
    checkGroup(entry, { name: this.state.name, maxParallelism, operatorName });
    const prefix = working.layout.keyPrefix(entry.keyGroup, entry.key);
    const namespace = working.layout.encode(entry.namespace, this.#namespaces);
    const write = (value: Uint8Array, ...userKey: readonly Uint8Array[]) => {
      const key = working.layout.entryKey(this.state.id, prefix, namespace, ...userKey);
      this.#put(lookupKeyOf(entry.key), { key, value });
    };
    const { kind } = this.state;
    if (kind === 'list') write(this.#codec.encodeList(entry.value as unknown[]));
    else if (kind !== 'map') write(this.#codec.encode(entry.value));
    else
      for (const [lookup, value] of entry.value as Map<LookupKey, unknown>) {
        const bytes = this.#codec.encodeMapValue(value, namespace.length);
        write(bytes, this.#userKey(lookup));
      }
  }

  #userKey(lookup: LookupKey): Uint8Array {
    const { userKeys } = this.#plan;
    assert(userKeys !== undefined, `Cannot restore state "${this.state.name}": it is no map`);
    return this.#around.working.layout.encode(keyOfLookup(lookup), userKeys);
  }

  /** A key that was prepared before the state was asked for has to learn of the entry. */
  #put(lookup: LookupKey, entry: KeyValueEntry): void {
    const { working } = this.#around;
    working.write(this.state, entry);
    const cached = working.cache.find(lookup);
    if (cached?.isComplete === true) working.keep(cached, this.state.id, [entry]);
  }
}
