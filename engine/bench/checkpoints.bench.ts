// What a checkpoint costs, full against incremental, when 1 %, 10 % or all of the keys have changed
// since the last one: bytes written to checkpoint storage and time until it is durable. The storage
// is a directory, synced as in production. Pauses are what records have to wait.

import { checkpointId } from '../core/ids.ts';
import type { CheckpointId } from '../core/ids.ts';
import { HashMapStateBackend } from '../state/hash-map-state-backend.ts';
import { RocksDBStateBackend } from '../state/rocksdb/rocksdb-state-backend.ts';
import type { KeyedStateBackend, StateBackend } from '../state/state-backend.ts';
import type { KeyedStateHandle } from '../state/state-handle.ts';
import { artefactsOf } from '../state/state-handle.ts';
import { BenchDisk } from './support/bench-disk.ts';
import { fill, longKeys, VALUE_BYTES } from './support/rows.ts';
import { costOf, median, report } from './support/measure.ts';

/** Of a million: ONCEPROOF_BENCH_KEYS takes fewer on a machine that is busy. */
const KEYS = Number(process.env['ONCEPROOF_BENCH_KEYS'] ?? 1_000_000);
const SHARES = [0.01, 0.1, 1];
const ROUNDS = 3;
const disk = new BenchDisk();
let lastCheckpoint = 0;

interface Candidate {
  readonly name: string;
  readonly backend: StateBackend;
}

const candidates: readonly Candidate[] = [
  { name: 'memory, fs: full', backend: new HashMapStateBackend() },
  ...['rocksdb-native', 'rocksdb-js'].flatMap((driver) =>
    [false, true].map((incremental) => ({
      name: `rocksdb on ${driver}: ${incremental ? 'incremental' : 'full'}`,
      backend: new RocksDBStateBackend({ driver, incremental }),
    })),
  ),
];

interface Taken {
  readonly bytes: number;
  readonly pauseMs: number;
  readonly ms: number;
  readonly cpuMs: number;
}

async function take(backend: KeyedStateBackend, known: Set<string>): Promise<Taken> {
  lastCheckpoint += 1;
  const id: CheckpointId = checkpointId(lastCheckpoint);
  const streams = await disk.streamsFor(id);
  let pauseMs = 0;
  let handle: KeyedStateHandle | undefined;
  const cost = await costOf(async () => {
    const start = performance.now();
    const running = backend.snapshot(id, streams);
    pauseMs = performance.now() - start;
    handle = await running;
  });
  backend.notifyCheckpointComplete(id);
  return { bytes: handle === undefined ? 0 : newBytes(handle, known), pauseMs, ...cost };
}

/** Of artefacts that no checkpoint before referred to. */
function newBytes(handle: KeyedStateHandle, known: Set<string>): number {
  let bytes = 0;
  for (const state of artefactsOf(handle)) {
    if (state.kind === 'file' && known.has(state.path)) continue;
    if (state.kind === 'file') known.add(state.path);
    bytes += state.sizeBytes;
  }
  return bytes;
}

async function measure({ name, backend: stateBackend }: Candidate): Promise<void> {
  const backend = await disk.open(stateBackend, { keySerializer: longKeys });
  const known = new Set<string>();
  await fill(backend, { first: 0, count: KEYS, step: 1 });
  const first = await take(backend, known);
  show(name, 'first', [first]);
  for (const share of SHARES) {
    const taken: Taken[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const step = Math.round(1 / share);
      await fill(backend, { first: round % step, count: Math.floor(KEYS / step), step });
      taken.push(await take(backend, known));
    }
    show(name, `${share * 100} % changed`, taken);
  }
  await backend.dispose();
}

function show(name: string, since: string, taken: readonly Taken[]): void {
  const bytes = median(taken.map((each) => each.bytes));
  report('checkpoint', {
    backend: name,
    since,
    keys: KEYS,
    megabytes: bytes / 1e6,
    shareOfState: bytes / (KEYS * VALUE_BYTES),
    pauseMs: median(taken.map((each) => each.pauseMs)),
    ms: median(taken.map((each) => each.ms)),
    processorMs: median(taken.map((each) => each.cpuMs)),
  });
}

for (const candidate of candidates) await measure(candidate);
