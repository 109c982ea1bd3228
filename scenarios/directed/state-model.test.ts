// On each backend, with checkpoints in its own storage over its own simulated service: any sequence
// of operations, snapshots, aborts, crashes, failures of the service and restores leaves what a
// plain Map would hold. And on all of them the same can be read at every moment. One after another,
// so that a busy machine sees each of them end.

import test from 'ava';
import fc from 'fast-check';

import { MODEL_KEYS } from '../../engine/state/testing/model-operations.ts';
import { stateOperation, timestamp } from '../../engine/state/testing/state-operations.contract.ts';
import type { BackendName } from '../backend-names.ts';
import { openBackend } from '../cluster/backends/open-backend.ts';
import {
  type Happening,
  type ModelCommand,
  ModelRun,
  type ModelRunOptions,
  type Observation,
} from '../support/state-model/model-run.ts';
import type { Trouble } from '../support/state-model/model-trouble.ts';

const BACKENDS: readonly BackendName[] = ['memory', 'fs', 'rocksdb', 'hdfs', 'druid', 's3'];
/** Of each backend. */
const RUNS = 20;
/** Of all backends together. */
const EVEN_RUNS = 8;

const EXPECTED: readonly Happening[] = [
  'completed',
  'aborted',
  'restored',
  'restored at another parallelism',
  'worker lost while a snapshot was written',
  'leader lost while a snapshot was written',
  'failed over',
];

/** As incremental ones do. */
const SHARED: Happening = 'two retained checkpoints shared a file';

const parallelism = fc.integer({ min: 1, max: 4 });
const how = fc.constantFrom('crash' as const, 'kill' as const);
const seed = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map((n) => {
  return n.toString(16).padStart(16, '0');
});
/** So small that some artefacts are files, or so large that none is. */
const dataInlineThresholdBytes = fc.constantFrom(0, 0, 400, 20_480);

/**
 * So much that a snapshot on the heap is written in several pieces, and elsewhere that an artefact
 * goes up in parts.
 */
const BALLAST_BYTES: ReadonlyMap<BackendName, number> = new Map([
  ['fs', 280_000],
  ['rocksdb', 3_000],
  ['hdfs', 40_000],
  ['s3', 20_000],
]);

const lasting = { service: fc.nat(2), forMs: fc.integer({ min: 10, max: 6_000 }) };
const oneIn = fc.integer({ min: 1, max: 6 });
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ kind: fc.constant('power-loss' as const), ...lasting }),
  fc.record({
    kind: fc.constant('http' as const),
    effect: fc.constantFrom('unavailable', 'throttled', 'server-error', 'lost'),
    oneIn,
    ...lasting,
  }),
  fc.record({
    kind: fc.constant('disk' as const),
    failure: fc.constantFrom('io-error', 'sync-failure', 'no-space'),
    oneIn,
    ...lasting,
  }),
);

const operate = fc.record({
  kind: fc.constant('operate' as const),
  operations: fc.array(stateOperation, { minLength: 1, maxLength: 8, size: 'max' }),
});
/** Everywhere, so that a snapshot that is being written is met. */
const operateAll = fc.nat(9).map((value): ModelCommand => {
  const kinds = ['update', 'add', 'put', 'fold'] as const;
  const operations = MODEL_KEYS.map((_, key) => {
    const kind = kinds[(key + value) % kinds.length] ?? 'update';
    return { kind, key, namespace: key % 2, value };
  });
  return { kind: 'operate', operations };
});
const fire = fc.record({ kind: fc.constant('fire' as const), timestamp });
const elapse = fc.record({ kind: fc.constant('elapse' as const), byMs: fc.nat(90) });
const begin = fc.constant<ModelCommand>({ kind: 'begin' });
const settle = fc.constant<ModelCommand>({ kind: 'settle' });
const abort = fc.record({ kind: fc.constant('abort' as const), answers: fc.nat(2) });
const abortHalfWay = fc.constant<ModelCommand>({ kind: 'abort', answers: 1 });
const abortAtOnce = fc.constant<ModelCommand>({ kind: 'abort', answers: 0 });
const loseWorker = fc.record({
  kind: fc.constant('lose-worker' as const),
  worker: fc.nat(1),
  how,
});
const loseLeader = fc.record({
  kind: fc.constant('lose-leader' as const),
  how,
  everywhere: fc.boolean(),
  parallelism,
});

const wait = fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(120) });
/** Between two steps of a host, mostly. */
const moment = fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(15) });

const anything: fc.Arbitrary<readonly ModelCommand[]> = fc.oneof(
  { arbitrary: fc.tuple(operate), weight: 8 },
  { arbitrary: fc.tuple(fire), weight: 1 },
  { arbitrary: fc.tuple(elapse), weight: 1 },
  { arbitrary: fc.tuple(begin), weight: 3 },
  { arbitrary: fc.tuple(settle), weight: 2 },
  { arbitrary: fc.tuple(abort), weight: 1 },
  { arbitrary: fc.tuple(wait), weight: 2 },
  { arbitrary: fc.tuple(begin, operate, abort), weight: 1 },
  { arbitrary: fc.tuple(operate, begin, settle, operate, begin, abortHalfWay), weight: 2 },
  {
    arbitrary: fc.tuple(operateAll, operateAll, begin, operateAll, settle, loseWorker),
    weight: 3,
  },
  { arbitrary: fc.tuple(begin, moment, loseWorker), weight: 2 },
  { arbitrary: fc.tuple(begin, moment, loseLeader), weight: 2 },
  {
    arbitrary: fc.tuple(fc.record({ kind: fc.constant('trouble' as const), trouble })),
    weight: 2,
  },
);

/**
 * Without what takes another time on another backend: every checkpoint completes, or is aborted at
 * once, before anything is lost.
 */
const even: fc.Arbitrary<readonly ModelCommand[]> = fc.oneof(
  { arbitrary: fc.tuple(operate), weight: 6 },
  { arbitrary: fc.tuple(fire), weight: 1 },
  { arbitrary: fc.tuple(elapse), weight: 1 },
  { arbitrary: fc.tuple(begin, operate, settle), weight: 2 },
  { arbitrary: fc.tuple(begin, abortAtOnce, operate), weight: 1 },
  { arbitrary: fc.tuple(begin, settle, loseWorker), weight: 1 },
  { arbitrary: fc.tuple(loseLeader), weight: 1 },
);

test.serial('the same commands show the same on all backends, at every moment', async (t) => {
  const property = fc.asyncProperty(
    fc.record({ seed, parallelism, dataInlineThresholdBytes }),
    fc.array(even, { minLength: 3, maxLength: 16, size: 'max' }),
    parallelism,
    async (options, steps, parallelismAtEnd) => {
      const commands = steps.flat();
      const [first, ...others] = BACKENDS.map((name) => ({ name, run: runOn(name, options) }));
      if (first === undefined) throw new Error('There is no backend');
      const expected = await observations(first.run, commands, parallelismAtEnd);
      for (const { name, run } of others) {
        const found = await observations(run, commands, parallelismAtEnd);
        t.deepEqual(found, expected, name);
      }
    },
  );
  await fc.assert(property, { numRuns: EVEN_RUNS, includeErrorInReport: true });
});

for (const name of BACKENDS) {
  test.serial(
    `${name}: whatever happens, keyed state is what a plain Map would hold`,
    async (t) => {
      const expected = name === 'rocksdb' ? [...EXPECTED, SHARED] : EXPECTED;
      const happened = new Map<Happening, number>(expected.map((one) => [one, 0]));
      const ballastBytes = fc.constantFrom(0, BALLAST_BYTES.get(name) ?? 0);
      const property = fc.asyncProperty(
        fc.record({ seed, parallelism, dataInlineThresholdBytes, ballastBytes }),
        fc.array(anything, { minLength: 4, maxLength: 18, size: 'max' }),
        parallelism,
        async (options, steps, parallelismAtEnd) => {
          const run = runOn(name, options);
          await run.start();
          for (const next of steps.flat()) await run.perform(next);
          await run.end(parallelismAtEnd);
          for (const [one, count] of happened) happened.set(one, count + run.countOf(one));
        },
      );
      await fc.assert(property, { numRuns: RUNS, includeErrorInReport: true });
      for (const [one, count] of happened) t.true(count > 0, one);
    },
  );
}

type Options = Omit<ModelRunOptions, 'backend' | 'ballastBytes'> & {
  readonly ballastBytes?: number;
};

function runOn(name: BackendName, options: Options): ModelRun {
  return new ModelRun({ ballastBytes: 0, ...options, backend: openBackend(name) });
}

async function observations(
  run: ModelRun,
  commands: readonly ModelCommand[],
  parallelismAtEnd: number,
): Promise<readonly Observation[]> {
  await run.start();
  const observed: Observation[] = [];
  for (const next of commands) observed.push(await run.perform(next));
  await run.end(parallelismAtEnd);
  return [...observed, await run.perform({ kind: 'wait', ms: 0 })];
}
