// All six backends in simulation: runs are deterministic and hold, whatever keeps the checkpoints,
// and what is stored there can be seen, changed, and is gone in the end.

import test from 'ava';

import { type FaultKind, macrotask } from '../simulator/index.ts';
import { type BackendName, BACKENDS_ON_REQUEST, DEFAULT_BACKENDS } from './backend-names.ts';
import { postponed } from './cluster/postponed.ts';
import { simulate } from './simulate.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './suites/index.ts';
import { Cluster } from './support/cluster.ts';
import { type Counted, countPerKey, numbers, wrongCount } from './support/jobs.ts';

const ALL: readonly BackendName[] = [...DEFAULT_BACKENDS, ...BACKENDS_ON_REQUEST];
const METADATA = /\/chk-[0-9]+\/_metadata$/;
const COUNT = 200;

/** Kinds of faults that came after the seeds below were found: these draw none of them. */
const LATER: ReadonlySet<FaultKind> = new Set([
  'slow-start',
  'swizzle',
  'corruption',
  'half-open',
  'slow-reader',
  'memory-pressure',
  'clock-offset',
  'clock-leap',
  'clock-freeze',
  'slow-disk',
]);

/** The scenario as it was when the seeds below were found. */
function asItWas(id: string): Scenario | undefined {
  const scenario = scenarios.find((one) => one.id === id);
  if (scenario === undefined) return undefined;
  return { ...scenario, faults: scenario.faults.filter((kind) => !LATER.has(kind)) };
}

function counting(backend: BackendName): Cluster {
  return Cluster.start({
    backend,
    job: (env, { sink }) => {
      env.getCheckpointConfig().setDataInlineThreshold(64);
      countPerKey(numbers(env, { count: COUNT, recordsPerSecond: 40 })).sinkTo(sink());
    },
  });
}

test('they are the six that users can name', (t) => {
  t.deepEqual([...ALL].sort(), ['druid', 'fs', 'hdfs', 'memory', 'rocksdb', 's3']);
});

for (const backend of ALL) {
  test.serial(`${backend}: the same seed gives the same run, and the claims hold`, async (t) => {
    for (const id of ['failover/keyed-count-unaligned', 'equality/every-kind-of-state']) {
      const scenario = scenarios.find((one) => one.id === id);
      if (scenario === undefined) return t.fail(id);
      const options = { scenario, backend, seed: '00000000000000b7', drain: macrotask };
      const first = await simulate(options);
      const second = await simulate(options);
      t.is(first.verdict, 'valid', `${first.property ?? ''}: ${first.message ?? ''}`);
      t.is(second.digest, first.digest);
      t.true(first.checkpoints.completed > 0);
    }
    return undefined;
  });

  test.serial(`${backend}: what is stored is seen and can be changed from outside`, async (t) => {
    const cluster = counting(backend);
    await cluster.untilCheckpoint(1);
    const metadata = [...(await cluster.artefacts()).keys()].find((path) => METADATA.test(path));
    if (metadata === undefined) return t.fail('no metadata');
    await cluster.changeArtefacts(new Map([[metadata, undefined]]));
    t.false((await cluster.artefacts()).has(metadata));
    return undefined;
  });

  test.serial(`${backend}: a savepoint rescales the job, and nothing is left of it`, async (t) => {
    const cluster = counting(backend);
    await cluster.untilCheckpoint(1);
    cluster.suspend(true);
    await cluster.untilSuspended();
    cluster.resume(3);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
    t.deepEqual([...(await cluster.artefacts()).keys()], []);
    t.deepEqual(cluster.files('/local'), []);
  });
}

// A checkpoint with nothing in it came between two that have the same table: the first went with
// its files, and the third referred to them.
for (const [id, seed] of [
  ['flights/delays', 'f9e9ea253827407f'],
  ['flights/delays-unaligned', 'c9609a825a8cce99'],
] as const) {
  test.serial(`rocksdb: a table is not shared across an empty checkpoint: ${id}`, async (t) => {
    const scenario = asItWas(id);
    if (scenario === undefined) return t.fail(id);
    const result = await simulate({ scenario, backend: 'rocksdb', seed, drain: macrotask });
    t.is(result.verdict, 'valid', result.message);
    t.true(result.recoveries > 0);
    return undefined;
  });
}

// S3 turned a client away because of its clock, when it had no attempts left or no body to say so.
for (const [id, seed] of [
  ['checkpointing/backpressure-aligned-timeout', 'a1da21cbea2a4988'],
  ['windows/tumbling', '84ab934ba1dd8635'],
] as const) {
  test.serial(`s3: a clock that is set back is no reason to give up: ${id}`, async (t) => {
    const scenario = asItWas(id);
    if (scenario === undefined) return t.fail(id);
    const result = await simulate({ scenario, backend: 's3', seed, drain: macrotask });
    t.is(result.verdict, 'valid', result.message);
    return undefined;
  });
}

// A full disk under the store, for a while: no checkpoint ever completed again. And a task that was
// canceled in the moment its state was open left the store behind.
for (const [law, id, seed] of [
  ['a store whose disk was full is replaced', 'checkpointing/final-only', '5c73b37cf20157a9'],
  ['a canceled task closes its store', 'rescaling/down-by-savepoint', '4732482940b1c921'],
] as const) {
  test.serial(`rocksdb: ${law}: ${id}`, async (t) => {
    const scenario = asItWas(id);
    if (scenario === undefined) return t.fail(id);
    const result = await simulate({ scenario, backend: 'rocksdb', seed, drain: macrotask });
    t.is(result.verdict, 'valid', result.message);
    return undefined;
  });
}

test('a plan that is postponed keeps its order, and what waits for a mark waits for that', (t) => {
  const crash = { kind: 'crash', host: 'tm-1', atMs: 10, downMs: 5 } as const;
  const loss = { kind: 'loss', fromMs: 1, toMs: 2, oneIn: 3 } as const;
  const later = { ...crash, after: { mark: 'job-running', nth: 1 } };
  const corruption = {
    kind: 'corrupt-checkpoint',
    afterCheckpoint: 1,
    artefact: 'any',
    corruption: 'missing',
  } as const;
  const faults = [crash, loss, later, corruption] as never;
  t.deepEqual(postponed({ healAtMs: 100, faults }, 1_000), {
    healAtMs: 1_100,
    faults: [{ ...crash, atMs: 1_010 }, { ...loss, fromMs: 1_001, toMs: 1_002 }, later, corruption],
  } as never);
});
