// How fast keyed state on the heap is, against a bare Map in the same run, and what a snapshot of
// a million keys costs. Prints one JSON line per measurement: read the ratios, not the absolute
// numbers.

import { checkpointId } from '../core/ids.ts';
import { MemoryStateBackend } from '../state/hash-map-state-backend.ts';
import type { KeyedStateBackend } from '../state/state-backend.ts';
import { MemoryStreams, readMemoryHandle } from '../state/testing/memory-streams.ts';
import { longSerializer } from '../stream/serializers/primitive-serializers.ts';
import { voidNamespaceSerializer } from '../stream/serializers/void-namespace.ts';

const RECORDS = 2_000_000;
const ROUNDS = 5;
const SNAPSHOT_KEYS = 1_000_000;
const MAX_PARALLELISM = 128;

function openBackend(restore: readonly never[] = []): Promise<KeyedStateBackend> {
  return new MemoryStateBackend().createKeyedStateBackend({
    operatorName: 'bench',
    maxParallelism: MAX_PARALLELISM,
    range: { first: 0, last: MAX_PARALLELISM - 1 },
    now: () => 0,
    restore,
    read: readMemoryHandle,
  });
}

/** Uniform keys in 0..count-1, the same in every run. */
function drawKeys(count: number): Int32Array {
  const keys = new Int32Array(RECORDS);
  let seed = 1;
  for (let index = 0; index < RECORDS; index++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    keys[index] = (seed >>> 8) % count;
  }
  return keys;
}

function countOf(backend: KeyedStateBackend) {
  return backend.valueState<'void', number>(
    { kind: 'value', name: 'count', serializer: longSerializer },
    voidNamespaceSerializer,
  );
}

function nanosecondsPerRecord(run: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    run();
    times.push(((performance.now() - start) * 1e6) / RECORDS);
  }
  return Math.min(...times);
}

async function measureCounting(keyCount: number, asText: boolean): Promise<void> {
  const drawn = drawKeys(keyCount);
  const names = Array.from({ length: keyCount }, (_, key) => `user-${key}`);
  const keys: readonly unknown[] = Array.from(drawn, (key) => (asText ? names[key] : key));
  const map = new Map<unknown, number>();
  const mapNs = nanosecondsPerRecord(() => {
    for (const key of keys) map.set(key, (map.get(key) ?? 0) + 1);
  });
  const backend = await openBackend();
  const count = countOf(backend);
  const stateNs = nanosecondsPerRecord(() => {
    for (const key of keys) {
      backend.setCurrentKey(key);
      count.update((count.value() ?? 0) + 1);
    }
  });
  report('keyed count', {
    keys: keyCount,
    keyType: asText ? 'string' : 'number',
    stateNs: round(stateNs),
    mapNs: round(mapNs),
    ratio: round(stateNs / mapNs),
    recordsPerSecond: Math.round(1e9 / stateNs),
  });
}

async function measureSnapshot(): Promise<void> {
  const backend = await openBackend();
  const count = countOf(backend);
  for (let key = 0; key < SNAPSHOT_KEYS; key++) {
    backend.setCurrentKey(key);
    count.update(key);
  }
  for (let id = 1; id <= ROUNDS; id++) {
    const start = performance.now();
    const running = backend.snapshot(checkpointId(id), new MemoryStreams());
    const pauseMs = performance.now() - start;
    const handle = await running;
    const totalMs = performance.now() - start;
    const bytes = handle?.kind === 'key-groups' ? handle.state.sizeBytes : 0;
    report('snapshot', {
      keys: SNAPSHOT_KEYS,
      pauseMs: round(pauseMs),
      totalMs: round(totalMs),
      megabytes: round(bytes / 1e6),
      megabytesPerSecond: round(bytes / 1e3 / totalMs),
    });
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function report(benchmark: string, result: Readonly<Record<string, number | string>>): void {
  console.log(JSON.stringify({ benchmark, ...result }));
}

for (const keyCount of [1_000, 100_000]) {
  await measureCounting(keyCount, false);
  await measureCounting(keyCount, true);
}
await measureSnapshot();
