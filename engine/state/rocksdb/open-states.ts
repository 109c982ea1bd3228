// How each kind of state is made of tables, codecs and, with a time to live, stamps. What a state
// is for a snapshot (kind, schema, digest) is the same as on the heap.

import { genericSerializerOf } from '../../stream/serializers/generic-serializer.ts';
import type { SerializerSnapshot, TypeSerializer } from '../../stream/type-serializer.ts';
import { assert } from '../../core/assert.ts';
import type { AccumulatorSlot } from '../fold.ts';
import type { ListState, MapState } from '../keyed-state.ts';
import type { LookupKey } from '../lookup-key.ts';
import type { Merging, Namespaced } from '../state-backend.ts';
import type { ListStateDescriptor, MapStateDescriptor } from '../state-descriptor.ts';
import type { StatePlan } from '../heap/state-plan.ts';
import type { SlotOptions } from '../slot-options.ts';
import { listPlan, mapPlan, slotPlan } from '../heap/state-plan.ts';
import { stampedSerializer, unstamping } from '../ttl/stamped-serializer.ts';
import { TtlListState } from '../ttl/ttl-list-state.ts';
import { TtlMapState } from '../ttl/ttl-map-state.ts';
import type { Stamped, TtlPolicy } from '../ttl/ttl-policy.ts';
import { ttlPolicy } from '../ttl/ttl-policy.ts';
import { TtlValueState } from '../ttl/ttl-value-state.ts';
import { MapTable } from './map-table.ts';
import { RocksDBListState, RocksDBMapState, RocksDBValueState } from './rocksdb-states.ts';
import { SlotTable } from './slot-table.ts';
import type { StatePlace } from './state-place.ts';
import type { ItemSerializers, ValueCodec } from './value-codec.ts';

/** What a declared state is made of before it is looked for in the store. */
export interface RocksDBPlan<S> {
  /** Kind, name, schema and digest; its own way to open a state is the heap's. */
  readonly logical: Omit<StatePlan<unknown>, 'open'>;
  readonly items: ItemSerializers<unknown>;
  /** Of states with a time to live: items are stamped. */
  readonly policy: TtlPolicy | undefined;
  /** User keys, of a map. */
  readonly userKeys: TypeSerializer<unknown> | undefined;
  open(place: StatePlace, codec: ValueCodec<unknown>): S;
}

type ListAccess<N, T> = ListState<T> & Namespaced<N> & Merging<N>;
type MapAccess<N, UK, UV> = MapState<UK, UV> & Namespaced<N>;

/** Between batches the sweep looks for what has expired; an access removes what it finds. */
const NO_CLEAN_UP = (): void => undefined;

export function rocksdbSlot<N, T, S>(options: SlotOptions<N, T, S>): RocksDBPlan<S> {
  const { name, serializer, now, wrap, defaultValue } = options;
  const policy = ttlPolicy(options.ttl, name, now);
  const common = { logical: slotPlan(options), userKeys: undefined };
  const schemaOf = (content: SerializerSnapshot) => content;
  if (policy === undefined) {
    return planOf<T, S>({
      ...common,
      policy,
      items: plainItems(serializer, schemaOf),
      open: (place, codec) =>
        wrap(new RocksDBValueState(new SlotTable(place), codec, defaultValue)),
    });
  }
  return planOf<Stamped<T>, S>({
    ...common,
    policy,
    items: stampedItems(serializer, policy, schemaOf),
    open: (place, codec) => wrap(stampedSlot<N, T>(new SlotTable(place), codec, policy)),
  });
}

function stampedSlot<N, T>(
  table: SlotTable,
  codec: ValueCodec<Stamped<T>>,
  policy: TtlPolicy,
): AccumulatorSlot<N, T> {
  return new TtlValueState(new RocksDBValueState<N, Stamped<T>>(table, codec), policy, NO_CLEAN_UP);
}

export function rocksdbList<N, T>(
  descriptor: ListStateDescriptor<T>,
  now: () => number,
): RocksDBPlan<ListAccess<N, T>> {
  const { name } = descriptor;
  const element = descriptor.serializer ?? genericSerializerOf<T>();
  const policy = ttlPolicy(descriptor.ttl, name, now);
  const common = { logical: listPlan<N, T>(descriptor, now), userKeys: undefined };
  const schemaOf = (content: SerializerSnapshot) => partOf(content, 0);
  if (policy === undefined) {
    return planOf<T, ListAccess<N, T>>({
      ...common,
      policy,
      items: plainItems(element, schemaOf),
      open: (place, codec) => new RocksDBListState<N, T>(new SlotTable(place), codec, name),
    });
  }
  return planOf<Stamped<T>, ListAccess<N, T>>({
    ...common,
    policy,
    items: stampedItems(element, policy, schemaOf),
    open(place, codec) {
      const inner = new RocksDBListState<N, Stamped<T>>(new SlotTable(place), codec, name);
      return new TtlListState(inner, { name, policy, cleanUp: NO_CLEAN_UP });
    },
  });
}

export function rocksdbMap<N, UK, UV>(
  descriptor: MapStateDescriptor<UK, UV>,
  now: () => number,
): RocksDBPlan<MapAccess<N, UK, UV>> {
  const userKeys = (descriptor.keySerializer ??
    genericSerializerOf<UK>()) as TypeSerializer<unknown>;
  const item = descriptor.valueSerializer ?? genericSerializerOf<UV>();
  const policy = ttlPolicy(descriptor.ttl, descriptor.name, now);
  const common = { logical: mapPlan<N, UK, UV>(descriptor, now), userKeys };
  const schemaOf = (content: SerializerSnapshot) => partOf(content, 1);
  if (policy === undefined) {
    return planOf<UV, MapAccess<N, UK, UV>>({
      ...common,
      policy,
      items: plainItems(item, schemaOf),
      open: (place, codec) => new RocksDBMapState(new MapTable(place, userKeys), codec),
    });
  }
  return planOf<Stamped<UV>, MapAccess<N, UK, UV>>({
    ...common,
    policy,
    items: stampedItems(item, policy, schemaOf),
    open(place, codec) {
      const table = new MapTable(place, userKeys);
      const inner = new RocksDBMapState<N, UK, Stamped<UV>>(table, codec);
      return new TtlMapState(inner, policy, NO_CLEAN_UP);
    },
  });
}

/** The content of one physical entry as the heap would hold it: for the digest. */
export function contentOf(
  kind: string,
  codec: ValueCodec<unknown>,
  bytes: Uint8Array,
  userKey: LookupKey,
): unknown {
  if (kind === 'list') return codec.decodeList(bytes);
  if (kind === 'map') return new Map([[userKey, codec.decodeMapValue(bytes)]]);
  return codec.decode(bytes);
}

interface TypedPlan<V, S> {
  readonly logical: unknown;
  readonly items: ItemSerializers<V>;
  readonly policy: TtlPolicy | undefined;
  readonly userKeys: TypeSerializer<unknown> | undefined;
  open(place: StatePlace, codec: ValueCodec<V>): S;
}

function planOf<V, S>(plan: TypedPlan<V, S>): RocksDBPlan<S> {
  return plan as unknown as RocksDBPlan<S>;
}

function plainItems<T>(
  item: TypeSerializer<T>,
  schemaOf: ItemSerializers<T>['schemaOf'],
): ItemSerializers<T> {
  return { writing: item, reading: () => unstamping(item), schemaOf };
}

function stampedItems<T>(
  item: TypeSerializer<T>,
  policy: TtlPolicy,
  schemaOf: ItemSerializers<Stamped<T>>['schemaOf'],
): ItemSerializers<Stamped<T>> {
  return {
    writing: stampedSerializer(item, policy.now),
    reading: (now) => stampedSerializer(item, now),
    schemaOf,
  };
}

function partOf(content: SerializerSnapshot, index: number): SerializerSnapshot {
  const part = content.elements?.[index];
  assert(part !== undefined, `Cannot read "${content.id}": its schema has no part ${index}`);
  return part;
}
