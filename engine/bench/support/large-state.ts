// The child process of larger-than-memory.bench.ts: writes a text for each of many keys, changes
// the texts of drawn keys, checks every one of them, and prints what that took. Which backend and
// how much is what its parent says; how much memory there is, Node was told.

import { HashMapStateBackend } from '../../state/hash-map-state-backend.ts';
import { RocksDBStateBackend } from '../../state/rocksdb/rocksdb-state-backend.ts';
import type { KeyedStateBackend, StateBackend } from '../../state/state-backend.ts';
import { stringSerializer } from '../../stream/serializers/primitive-serializers.ts';
import { voidNamespaceSerializer } from '../../stream/serializers/void-namespace.ts';
import { BenchDisk } from './bench-disk.ts';
import { drawBatches } from './drawn-keys.ts';
import { longKeys } from './rows.ts';

/** What the parent passes as JSON. */
export interface LargeStateRun {
  /** A driver of RocksDB; undefined is the heap. */
  readonly driver: string | undefined;
  readonly keys: number;
  readonly textUnits: number;
  readonly records: number;
  readonly blockCacheBytes: number;
  readonly writeBufferBytes: number;
  readonly cacheBytes: number;
}

export interface LargeStateResult {
  readonly recordsPerSecond: number;
  readonly peakResidentBytes: number;
}

const BATCH = 250;
/** Longer than what a compressor looks back at, so that texts stay as large as they are. */
const POOL_BYTES = 1024 * 1024;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const [argument = ''] = process.argv.slice(2);
const run = JSON.parse(argument) as LargeStateRun;
const pool = drawnPool();

function drawnPool(): Buffer {
  let drawn = 1;
  return Buffer.from(
    Uint8Array.from({ length: POOL_BYTES }, () => {
      drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0;
      return ALPHABET.charCodeAt(drawn >>> 26);
    }),
  );
}

/** A text of its own, not a part of a larger one that would stay in memory as a whole. */
function textOf(key: number, version: number): string {
  const start = (key * 31 + version * 7_919) % (POOL_BYTES - run.textUnits);
  return pool.toString('latin1', start, start + run.textUnits);
}

function stateBackend(): StateBackend {
  const { driver, blockCacheBytes, writeBufferBytes, cacheBytes } = run;
  if (driver === undefined) return new HashMapStateBackend();
  return new RocksDBStateBackend({ driver, blockCacheBytes, writeBufferBytes, cacheBytes });
}

async function eachOf(
  backend: KeyedStateBackend,
  keys: Int32Array,
  use: (key: number) => void,
): Promise<void> {
  const pending = backend.prepare?.([...keys]);
  if (pending !== undefined) await pending;
  for (const key of keys) {
    backend.setCurrentKey(key);
    use(key);
  }
}

const disk = new BenchDisk();
const backend = await disk.open(stateBackend(), { keySerializer: longKeys });
const text = backend.valueState<'void', string>(
  { kind: 'value', name: 'text', serializer: stringSerializer },
  voidNamespaceSerializer,
);
const versions = new Uint32Array(run.keys);
const { keys, records } = run;
const drawn = drawBatches({ keys, records, batch: BATCH, distribution: 'uniform' });
const started = performance.now();
for (let first = 0; first < keys; first += BATCH) {
  const batch = Int32Array.from({ length: Math.min(BATCH, keys - first) }, (_, at) => first + at);
  await eachOf(backend, batch, (key) => text.update(textOf(key, 0)));
}
for (const { records: batch } of drawn) {
  await eachOf(backend, batch, (key) => {
    const version = versions[key] ?? 0;
    if (text.value() !== textOf(key, version)) throw new Error(`key ${key} has another text`);
    versions[key] = version + 1;
    text.update(textOf(key, version + 1));
  });
}
const seconds = (performance.now() - started) / 1_000;
const result: LargeStateResult = {
  recordsPerSecond: (keys + records) / seconds,
  peakResidentBytes: process.resourceUsage().maxRSS * 1_024,
};
await backend.dispose();
process.stdout.write(`${JSON.stringify(result)}\n`);
