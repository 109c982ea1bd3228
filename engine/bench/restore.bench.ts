// How long a restore takes until the state is open and a first batch of keys was read: on the heap
// and in RocksDB, from the format of savepoints and from the files of an incremental checkpoint,
// and when the parallelism changes. Every artefact is read from a directory and verified.

import { checkpointId } from '../core/ids.ts';
import { HashMapStateBackend } from '../state/hash-map-state-backend.ts';
import { keyGroupOf, operatorIndexOf } from '../state/key-groups.ts';
import { RocksDBStateBackend } from '../state/rocksdb/rocksdb-state-backend.ts';
import type { KeyedStateBackend, StateBackend } from '../state/state-backend.ts';
import type { KeyedStateHandle } from '../state/state-handle.ts';
import { BenchDisk, MAX_PARALLELISM } from './support/bench-disk.ts';
import { type Cost, costOf, medianCost, report } from './support/measure.ts';
import { countRows, fill, longKeys, rowOf } from './support/rows.ts';

/** Of a million: ONCEPROOF_BENCH_KEYS takes fewer on a machine that is busy. */
const KEYS = Number(process.env['ONCEPROOF_BENCH_KEYS'] ?? 1_000_000);
const ROUNDS = 3;
const FIRST_BATCH = 1_000;
const disk = new BenchDisk();
let lastCheckpoint = 0;

/** A checkpoint of all keys in one subtask. */
async function written(stateBackend: StateBackend): Promise<KeyedStateHandle> {
  lastCheckpoint += 1;
  const id = checkpointId(lastCheckpoint);
  const backend = await disk.open(stateBackend, { keySerializer: longKeys });
  await fill(backend, { first: 0, count: KEYS, step: 1 });
  const handle = await backend.snapshot(id, await disk.streamsFor(id));
  await backend.dispose();
  if (handle === undefined) throw new Error('there is no state to restore');
  return handle;
}

async function restored(
  stateBackend: StateBackend,
  handle: KeyedStateHandle,
  subtask: readonly [number, number],
): Promise<Cost> {
  const restore = [handle];
  const keys = keysOf(subtask);
  const opened: KeyedStateBackend[] = [];
  const cost = await costOf(async () => {
    const backend = await disk.open(stateBackend, { keySerializer: longKeys, restore, subtask });
    opened.push(backend);
    rowOf(backend);
    await expectRows(backend, keys.slice(0, FIRST_BATCH));
  });
  for (const backend of opened) {
    await expectRows(backend, keys.slice(-FIRST_BATCH));
    await backend.dispose();
  }
  return cost;
}

function keysOf([index, parallelism]: readonly [number, number]): readonly number[] {
  const keys = Array.from({ length: Math.min(KEYS, 20 * FIRST_BATCH) }, (_, key) => key);
  return keys.filter(
    (key) =>
      operatorIndexOf(keyGroupOf(key, MAX_PARALLELISM), parallelism, MAX_PARALLELISM) === index,
  );
}

async function expectRows(backend: KeyedStateBackend, keys: readonly number[]): Promise<void> {
  const found = await countRows(backend, keys);
  if (found !== keys.length) throw new Error(`${found} of ${keys.length} rows were restored`);
}

async function measure(
  name: string,
  stateBackend: StateBackend,
  handle: KeyedStateHandle,
): Promise<void> {
  for (const parallelism of [1, 2]) {
    const costs: Cost[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (let index = 0; index < parallelism; index++) {
        costs.push(await restored(stateBackend, handle, [index, parallelism]));
      }
    }
    const { ms, cpuMs } = medianCost(costs);
    report('restore', {
      backend: name,
      from: handle.kind === 'incremental' ? 'incremental files' : 'canonical',
      keys: KEYS,
      takes: parallelism === 1 ? 'all key groups' : 'half of the key groups',
      ms,
      processorMs: cpuMs,
      keysPerProcessorSecond: Math.round((KEYS / parallelism / cpuMs) * 1_000),
    });
  }
}

const heap = new HashMapStateBackend();
const canonical = await written(heap);
await measure('memory, fs', heap, canonical);
for (const driver of ['rocksdb-native', 'rocksdb-js']) {
  const rocksdb = new RocksDBStateBackend({ driver, incremental: true });
  const name = `rocksdb on ${driver}`;
  await measure(name, rocksdb, await written(rocksdb));
  await measure(name, rocksdb, canonical);
}
