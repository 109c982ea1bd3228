// What each kind of state is made of on the heap: how its content is written and read, which class
// serves the user, with or without a time to live, and what counts as its logical content.

import type { SlotOptions } from '../slot-options.ts';
import { genericSerializerOf } from '../../stream/serializers/generic-serializer.ts';
import { listOf } from '../../stream/serializers/container-serializers.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { ListState, MapState } from '../keyed-state.ts';
import type { LogicalDigest } from '../logical-digest.ts';
import type { LookupKey } from '../lookup-key.ts';
import { keyOfLookup } from '../lookup-key.ts';
import type { Merging, Namespaced } from '../state-backend.ts';
import type { ListStateDescriptor, MapStateDescriptor } from '../state-descriptor.ts';
import { stampedSerializer, unstamping } from '../ttl/stamped-serializer.ts';
import { TtlListState } from '../ttl/ttl-list-state.ts';
import { TtlMapState } from '../ttl/ttl-map-state.ts';
import type { Stamped, TtlPolicy } from '../ttl/ttl-policy.ts';
import { CLEAN_UP_ENTRIES_PER_ACCESS, isExpired, ttlPolicy } from '../ttl/ttl-policy.ts';
import { TtlValueState } from '../ttl/ttl-value-state.ts';
import { HeapListState, HeapMapState, HeapValueState } from './heap-states.ts';
import type { Entry, HeapTable } from './heap-table.ts';
import { mapContent } from './map-content.ts';
import type { StateKind } from './snapshot-format.ts';

/** A plan whose entries hold something only the plan itself needs to know. */
export type StatePlan<S> = TypedPlan<unknown, S>;

/** `V` is what an entry holds, `S` what the user works with. */
interface TypedPlan<V, S> {
  readonly kind: StateKind;
  readonly name: string;
  readonly content: TypeSerializer<V>;
  /** Reads what `content` reads, and the same content with or without stamps. */
  readonly reading: TypeSerializer<V>;
  open(table: HeapTable<V>): S;
  /** Adds what is alive of an entry. */
  digest(entry: Readonly<Entry<V>>, digest: LogicalDigest): void;
}

type ListAccess<N, T> = ListState<T> & Namespaced<N> & Merging<N>;
type MapAccess<N, UK, UV> = MapState<UK, UV> & Namespaced<N>;
type MapContent<UV> = Map<LookupKey, UV>;

/** Value, reducing and aggregating states: one value per key and namespace. */
export function slotPlan<N, T, S>(options: SlotOptions<N, T, S>): StatePlan<S> {
  const { kind, name, serializer, wrap, now } = options;
  const policy = ttlPolicy(options.ttl, name, now);
  if (policy !== undefined) return stampedSlotPlan(options, policy);
  return erased<T, S>({
    kind,
    name,
    content: serializer,
    reading: unstamping(serializer),
    open: (table) => wrap(new HeapValueState(table, options.defaultValue)),
    digest: ({ namespace, key, value }, digest) =>
      digest.begin('state', name, namespace, key).addValue(value, serializer).end(),
  });
}

function stampedSlotPlan<N, T, S>(options: SlotOptions<N, T, S>, policy: TtlPolicy): StatePlan<S> {
  const { kind, name, serializer, wrap } = options;
  const content = stampedSerializer(serializer, policy.now);
  const keep = (stamped: Stamped<T>) => (isExpired(policy, stamped.stamp) ? undefined : stamped);
  return erased<Stamped<T>, S>({
    kind,
    name,
    content,
    reading: content,
    open: (table) =>
      wrap(new TtlValueState(new HeapValueState(table), policy, cleanUpOf(table, keep))),
    digest({ namespace, key, value: { value, stamp } }, digest) {
      if (isExpired(policy, stamp)) return;
      digest.begin('state', name, namespace, key).addValue(value, serializer).end();
    },
  });
}

export function listPlan<N, T>(
  descriptor: ListStateDescriptor<T>,
  now: () => number,
): StatePlan<ListAccess<N, T>> {
  const { name } = descriptor;
  const element = descriptor.serializer ?? genericSerializerOf<T>();
  const policy = ttlPolicy(descriptor.ttl, name, now);
  if (policy !== undefined) return stampedListPlan(name, element, policy);
  return erased<T[], ListAccess<N, T>>({
    kind: 'list',
    name,
    content: listOf(element),
    reading: listOf(unstamping(element)),
    open: (table) => new HeapListState<N, T>(table, name),
    digest: ({ namespace, key, value }, digest) =>
      digest.begin('state', name, namespace, key).addValue(value, listOf(element)).end(),
  });
}

function stampedListPlan<N, T>(
  name: string,
  element: TypeSerializer<T>,
  policy: TtlPolicy,
): StatePlan<ListAccess<N, T>> {
  const content = listOf(stampedSerializer(element, policy.now));
  const isAlive = ({ stamp }: Stamped<T>) => !isExpired(policy, stamp);
  const keep = (list: Stamped<T>[]) => {
    if (list.every(isAlive)) return list;
    const alive = list.filter(isAlive);
    return alive.length === 0 ? undefined : alive;
  };
  return erased<Stamped<T>[], ListAccess<N, T>>({
    kind: 'list',
    name,
    content,
    reading: content,
    open(table) {
      const inner = new HeapListState<N, Stamped<T>>(table, name);
      return new TtlListState(inner, { name, policy, cleanUp: cleanUpOf(table, keep) });
    },
    digest({ namespace, key, value }, digest) {
      const alive = value.filter(isAlive).map((stamped) => stamped.value);
      if (alive.length === 0) return;
      digest.begin('state', name, namespace, key).addValue(alive, listOf(element)).end();
    },
  });
}

export function mapPlan<N, UK, UV>(
  descriptor: MapStateDescriptor<UK, UV>,
  now: () => number,
): StatePlan<MapAccess<N, UK, UV>> {
  const { name } = descriptor;
  const key = descriptor.keySerializer ?? genericSerializerOf<UK>();
  const item = descriptor.valueSerializer ?? genericSerializerOf<UV>();
  const policy = ttlPolicy(descriptor.ttl, name, now);
  if (policy !== undefined) return stampedMapPlan(name, { key, item }, policy);
  return erased<MapContent<UV>, MapAccess<N, UK, UV>>({
    kind: 'map',
    name,
    content: mapContent(key, item),
    reading: mapContent(key, unstamping(item)),
    open: (table) => new HeapMapState<N, UK, UV>(table),
    digest(entry, digest) {
      for (const [lookup, value] of entry.value) {
        digest.begin('state', name, entry.namespace, entry.key).addKey(keyOfLookup(lookup));
        digest.addValue(value, item).end();
      }
    },
  });
}

function stampedMapPlan<N, UK, UV>(
  name: string,
  { key, item }: { readonly key: TypeSerializer<UK>; readonly item: TypeSerializer<UV> },
  policy: TtlPolicy,
): StatePlan<MapAccess<N, UK, UV>> {
  const content = mapContent(key, stampedSerializer(item, policy.now));
  const keep = (map: MapContent<Stamped<UV>>) => {
    const alive = [...map].filter(([, { stamp }]) => !isExpired(policy, stamp));
    if (alive.length === map.size) return map;
    return alive.length === 0 ? undefined : new Map(alive);
  };
  return erased<MapContent<Stamped<UV>>, MapAccess<N, UK, UV>>({
    kind: 'map',
    name,
    content,
    reading: content,
    open(table) {
      const inner = new HeapMapState<N, UK, Stamped<UV>>(table);
      return new TtlMapState(inner, policy, cleanUpOf(table, keep));
    },
    digest(entry, digest) {
      for (const [lookup, { value, stamp }] of entry.value) {
        if (isExpired(policy, stamp)) continue;
        digest.begin('state', name, entry.namespace, entry.key).addKey(keyOfLookup(lookup));
        digest.addValue(value, item).end();
      }
    },
  });
}

function erased<V, S>(plan: TypedPlan<V, S>): StatePlan<S> {
  return plan as unknown as StatePlan<S>;
}

function cleanUpOf<V>(table: HeapTable<V>, keep: (value: V) => V | undefined): () => void {
  return () => table.cleanUp(CLEAN_UP_ENTRIES_PER_ACCESS, keep);
}
