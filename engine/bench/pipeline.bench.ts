// A whole job, embedded, in one thread: a keyed count on the heap from source to sink, with and
// without a checkpoint every second, over a bare loop that counts into a Map. Prints one JSON line
// a case: records per second of both, and their ratio. The ratio is what the budget is about.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { DiscardingSink } from '../connector/callback-sink.ts';
import { localEnvironment } from '../environment/node/local-environment.ts';
import type { Collector } from '../operator/functions.ts';
import { valueState } from '../operator/state-descriptors.ts';

const RECORDS = 12_000_000;
const KEYS = 10_000;
const ROUNDS = 3;
/** A step through the keys that a cache cannot follow. */
const STRIDE = 7_919;

function keyOf(index: number): number {
  return (index * STRIDE) % KEYS;
}

let consumed = 0;

function bareLoop(): void {
  const counts = new Map<number, number>();
  for (let index = 0; index < RECORDS; index++) {
    const key = keyOf(index);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    consumed += count;
  }
}

interface Run {
  readonly seconds: number;
  readonly checkpoints: number;
}

async function engine(checkpointIntervalMs: number | undefined): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-bench-'));
  const env = localEnvironment().setStateBackend('fs').setCheckpointStorage(directory);
  if (checkpointIntervalMs !== undefined) env.enableCheckpointing(checkpointIntervalMs);
  env
    .fromGenerator({ count: RECORDS, generate: keyOf })
    .keyBy((key) => key)
    .process({
      state: { count: valueState('count', { defaultValue: 0 }) },
      processElement(_key: number, { state }, out: Collector<number>) {
        const count = state.count.value() + 1;
        state.count.update(count);
        out.collect(count);
      },
    })
    .sinkTo(new DiscardingSink());
  let checkpoints = 0;
  const startedMs = performance.now();
  await env.execute('keyed count', {
    onEvent: ({ kind }) => {
      if (kind === 'checkpoint-completed') checkpoints++;
    },
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  await rm(directory, { recursive: true, force: true });
  return { seconds, checkpoints };
}

function bare(): Run {
  const startedMs = performance.now();
  bareLoop();
  return { seconds: (performance.now() - startedMs) / 1_000, checkpoints: 0 };
}

const best = (runs: readonly Run[]): Run =>
  runs.reduce((left, right) => (right.seconds < left.seconds ? right : left));

/** Taken in turn, so that what slows the machine down slows all of them down. */
const runs: { bare: Run[]; without: Run[]; with: Run[] } = { bare: [], without: [], with: [] };
for (let round = 0; round < ROUNDS; round++) {
  runs.bare.push(bare());
  runs.without.push(await engine(undefined));
  runs.with.push(await engine(1_000));
}

const million = (seconds: number): number => Number((RECORDS / seconds / 1e6).toFixed(2));
const baseline = best(runs.bare);
for (const [name, run] of [
  ['keyed count, heap, no checkpoints', best(runs.without)],
  ['keyed count, heap, a checkpoint every second', best(runs.with)],
] as const) {
  const line = {
    bench: 'pipeline',
    name,
    records: RECORDS,
    keys: KEYS,
    checkpoints: run.checkpoints,
    millionPerSecond: million(run.seconds),
    bareMillionPerSecond: million(baseline.seconds),
    ratio: Number((baseline.seconds / run.seconds).toFixed(3)),
  };
  console.log(JSON.stringify(line));
}
if (consumed === 0) throw new Error('Nothing was counted');
