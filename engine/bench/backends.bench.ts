// Read-modify-write and iteration of keyed state, each backend against what is below it, in the
// same run on the same keys: a bare Map, or the bare binding that reads and writes whole batches.
// The bindings get encoded keys, each once a batch; the backend gets records. Read the ratios: the
// share of the bare throughput that is left.

import { join } from 'node:path';

import { HashMapStateBackend } from '../state/hash-map-state-backend.ts';
import { keyGroupOf } from '../state/key-groups.ts';
import { KeyLayout, rangeOf } from '../state/rocksdb/key-layout.ts';
import { RocksDBStateBackend } from '../state/rocksdb/rocksdb-state-backend.ts';
import type { KeyedStateBackend } from '../state/state-backend.ts';
import { bytesSerializer } from '../stream/serializers/bytes-serializer.ts';
import { stringSerializer } from '../stream/serializers/primitive-serializers.ts';
import { voidNamespaceSerializer } from '../stream/serializers/void-namespace.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { BareDriver, BareStore } from './support/bare-bindings.ts';
import { openBare } from './support/bare-bindings.ts';
import { BenchDisk, MAX_PARALLELISM } from './support/bench-disk.ts';
import type { Distribution, DrawnBatch } from './support/drawn-keys.ts';
import { drawBatches } from './support/drawn-keys.ts';
import { alternate, type Cost, report } from './support/measure.ts';

const KEYS = 100_000;
const RECORDS = 10_000;
const BATCH = 1_000;
const ROUNDS = 15;
/** Of a row: some counters and a text. */
const VALUE_BYTES = 100;
/** Of two batches: what is not in the batch has to be fetched. */
const SMALL_CACHE_BYTES = 1024 * 1024;
const MAPS = 100;
const MAP_ENTRIES = 500;
const DRIVERS: readonly BareDriver[] = ['rocksdb-native', 'rocksdb-js'];

const keySerializer = stringSerializer as TypeSerializer<unknown>;
const layout = new KeyLayout(MAX_PARALLELISM, keySerializer);
const names = Array.from({ length: KEYS }, (_, key) => `user-${String(key).padStart(6, '0')}`);
const disk = new BenchDisk();

function entryKey(key: string): Uint8Array {
  return layout.entryKey(0, layout.keyPrefix(keyGroupOf(key, MAX_PARALLELISM), key));
}

function rowOf(backend: KeyedStateBackend) {
  return backend.valueState<'void', Uint8Array>(
    { kind: 'value', name: 'row', serializer: bytesSerializer },
    voidNamespaceSerializer,
  );
}

function changed(row: Uint8Array, by: number): Uint8Array {
  row[0] = ((row[0] ?? 0) + by) & 0xff;
  return row;
}

async function throughBackend(
  backend: KeyedStateBackend,
  batches: readonly DrawnBatch[],
): Promise<void> {
  const row = rowOf(backend);
  for (const { records } of batches) {
    const keys = Array.from(records, (key) => names[key] ?? '');
    const pending = backend.prepare?.(keys);
    if (pending !== undefined) await pending;
    for (const key of keys) {
      backend.setCurrentKey(key);
      row.update(changed(row.value() ?? new Uint8Array(VALUE_BYTES), 1));
    }
  }
}

async function throughBinding(
  store: BareStore,
  keys: readonly Uint8Array[],
  batches: readonly DrawnBatch[],
): Promise<void> {
  for (const { distinct, occurrences } of batches) {
    const wanted = Array.from(distinct, (key) => keys[key] ?? new Uint8Array(1));
    const found = await store.readMany(wanted);
    const rows = found.map((row, index) => changed(row, occurrences[index] ?? 0));
    await store.writeMany(wanted, rows);
  }
}

function throughMap(map: Map<string, Uint8Array>, batches: readonly DrawnBatch[]): void {
  for (const { records } of batches) {
    for (const index of records) {
      const key = names[index] ?? '';
      // A state hands out a value that is the user's own; so does this.
      const row = map.get(key)?.slice() ?? new Uint8Array(VALUE_BYTES);
      map.set(key, changed(row, 1));
    }
  }
}

function allKeys(): readonly DrawnBatch[] {
  const batches: DrawnBatch[] = [];
  for (let first = 0; first < KEYS; first += BATCH) {
    const records = Int32Array.from({ length: BATCH }, (_, index) => first + index);
    batches.push({ records, distinct: records, occurrences: new Int32Array(BATCH).fill(1) });
  }
  return batches;
}

async function measureHeap(distribution: Distribution): Promise<void> {
  const batches = drawBatches({ keys: KEYS, records: RECORDS, batch: BATCH, distribution });
  const backend = await disk.open(new HashMapStateBackend(), { keySerializer });
  const map = new Map<string, Uint8Array>();
  await throughBackend(backend, allKeys());
  throughMap(map, allKeys());
  const costs = await alternate(ROUNDS, [
    () => throughBackend(backend, batches),
    () => throughMap(map, batches),
  ]);
  reportShare('read-modify-write', { backend: 'memory, fs', distribution, bare: 'Map' }, costs);
}

async function measureRocksDB(driver: BareDriver, distribution: Distribution): Promise<void> {
  const batches = drawBatches({ keys: KEYS, records: RECORDS, batch: BATCH, distribution });
  const keys = names.map(entryKey);
  const store = await openBare(driver, join(disk.root, 'bare', driver, distribution));
  const value = new Uint8Array(VALUE_BYTES + 2);
  for (let first = 0; first < KEYS; first += BATCH) {
    const part = keys.slice(first, first + BATCH);
    await store.writeMany(
      part,
      part.map(() => value),
    );
  }
  const backends: KeyedStateBackend[] = [];
  for (const cacheBytes of [SMALL_CACHE_BYTES, undefined]) {
    const options = { driver, ...(cacheBytes === undefined ? {} : { cacheBytes }) };
    const backend = await disk.open(new RocksDBStateBackend(options), { keySerializer });
    await throughBackend(backend, allKeys());
    backends.push(backend);
  }
  const costs = await alternate(ROUNDS, [
    ...backends.map((backend) => () => throughBackend(backend, batches)),
    () => throughBinding(store, keys, batches),
  ]);
  const [small, large, bare] = costs;
  const labels = { backend: 'rocksdb', distribution, bare: driver };
  reportShare('read-modify-write', { ...labels, cache: 'two batches' }, [small, bare]);
  reportShare('read-modify-write', { ...labels, cache: '64 MB (default)' }, [large, bare]);
  for (const backend of backends) await backend.dispose();
  await store.close();
}

function mapOf(backend: KeyedStateBackend) {
  return backend.mapState<'void', string, Uint8Array>(
    {
      kind: 'map',
      name: 'rows',
      keySerializer: stringSerializer,
      valueSerializer: bytesSerializer,
    },
    voidNamespaceSerializer,
  );
}

const owners = names.slice(0, MAPS);
const userKeys = names.slice(0, MAP_ENTRIES);

async function fillMaps(backend: KeyedStateBackend): Promise<void> {
  const rows = mapOf(backend);
  for (const owner of owners) {
    await backend.prepare?.([owner]);
    backend.setCurrentKey(owner);
    for (const key of userKeys) rows.put(key, new Uint8Array(VALUE_BYTES));
  }
}

/** Ten keys a batch: a hundred of such maps would be more than a batch should hold. */
async function iterateBackend(backend: KeyedStateBackend): Promise<void> {
  const rows = mapOf(backend);
  let bytes = 0;
  for (let first = 0; first < MAPS; first += 10) {
    const keys = owners.slice(first, first + 10);
    const pending = backend.prepare?.(keys);
    if (pending !== undefined) await pending;
    for (const key of keys) {
      backend.setCurrentKey(key);
      for (const [, row] of rows.entries()) bytes += row.length;
    }
  }
  expectAll(bytes);
}

function expectAll(bytes: number): void {
  if (bytes < MAPS * MAP_ENTRIES * VALUE_BYTES) throw new Error(`only ${bytes} bytes were found`);
}

async function measureIteration(driver: BareDriver): Promise<void> {
  const options = { driver, cacheBytes: SMALL_CACHE_BYTES };
  const backend = await disk.open(new RocksDBStateBackend(options), { keySerializer });
  const store = await openBare(driver, join(disk.root, 'bare-maps', driver));
  await fillMaps(backend);
  for (const owner of owners) {
    const keys = userKeys.map((key) => Uint8Array.from([...entryKey(owner), ...bytesOf(key)]));
    await store.writeMany(
      keys,
      keys.map(() => new Uint8Array(VALUE_BYTES + 2)),
    );
  }
  const costs = await alternate(ROUNDS, [
    () => iterateBackend(backend),
    async () => {
      let bytes = 0;
      for (const owner of owners) {
        const { from, to } = rangeOf(entryKey(owner));
        bytes += await store.iterate(from, to ?? from);
      }
      expectAll(bytes);
    },
  ]);
  reportShare('iteration', { backend: 'rocksdb', bare: driver }, costs, MAPS * MAP_ENTRIES);
  await backend.dispose();
  await store.close();
}

async function measureHeapIteration(): Promise<void> {
  const backend = await disk.open(new HashMapStateBackend(), { keySerializer });
  await fillMaps(backend);
  const rowsOf = () => new Map(userKeys.map((key) => [key, new Uint8Array(VALUE_BYTES)]));
  const maps = new Map(owners.map((owner) => [owner, rowsOf()]));
  const costs = await alternate(ROUNDS, [
    () => iterateBackend(backend),
    () => {
      let bytes = 0;
      for (const owner of owners) {
        for (const [, row] of maps.get(owner) ?? []) bytes += row.length;
      }
      expectAll(bytes);
    },
  ]);
  reportShare('iteration', { backend: 'memory, fs', bare: 'Map' }, costs, MAPS * MAP_ENTRIES);
}

function bytesOf(key: string): Uint8Array {
  return layout.encode(key, keySerializer);
}

function reportShare(
  benchmark: string,
  labels: Readonly<Record<string, string>>,
  [state, bare]: readonly (Cost | undefined)[],
  records = RECORDS,
): void {
  if (state === undefined || bare === undefined) return;
  report(benchmark, {
    ...labels,
    recordsPerSecond: Math.round((records * 1_000) / state.ms),
    barePerSecond: Math.round((records * 1_000) / bare.ms),
    share: bare.ms / state.ms,
    shareOfProcessorTime: bare.cpuMs / state.cpuMs,
  });
}

for (const distribution of ['uniform', 'zipf'] as const) await measureHeap(distribution);
await measureHeapIteration();
for (const driver of DRIVERS) {
  for (const distribution of ['uniform', 'zipf'] as const) {
    await measureRocksDB(driver, distribution);
  }
  await measureIteration(driver);
}
