// The client of an embedded job, on a real disk: savepoints from which every record counts once,
// whatever the job is restored as; the ways to stop a job; and what a request is told that cannot
// be carried out.

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';

import type { JobClient } from '../api/job-client.ts';
import type { RunOptions } from '../api/job-executor.ts';
import { RestartStrategies } from '../api/restart-strategies.ts';
import type {
  ExecuteOptions,
  StreamExecutionEnvironment,
} from '../api/stream-execution-environment.ts';
import { DiscardingSink } from '../connector/callback-sink.ts';
import { OnceproofError } from '../core/errors.ts';
import { localEnvironment } from '../environment/node/local-environment.ts';
import { processOwner } from '../environment/node/process-owner.ts';
import { EmbeddedBench } from '../environment/node/testing/embedded-bench.ts';
import type { Collector } from '../operator/functions.ts';
import { valueState } from '../operator/state-descriptors.ts';
import { WatermarkStrategy } from '../operator/watermark/watermark-strategy.ts';
import { TumblingEventTimeWindows } from '../operator/window/window-assigner.ts';
import type { JobProgress } from './metrics/job-progress.ts';

const RECORDS = 300;
const KEYS = 7;
/** Far from done when it is stopped, also on a busy machine. */
const SLOW = 60;
const NEVER_MS = 3_600_000;
const SUSPEND = { advanceToEndOfEventTime: false } as const;
const DRAIN = { advanceToEndOfEventTime: true } as const;

interface Count {
  readonly key: number;
  readonly count: number;
}

async function openBench(t: ExecutionContext): Promise<EmbeddedBench> {
  const bench = await EmbeddedBench.open({ owner: processOwner() });
  t.teardown(() => bench.close());
  return bench;
}

/** Counts per key, into files. `uid`: of the operator that counts. */
function counting(
  bench: EmbeddedBench,
  { recordsPerSecond = 100_000, uid = 'count' } = {},
): StreamExecutionEnvironment {
  const env = bench.env();
  env
    .fromGenerator({ count: RECORDS, generate: (index) => index % KEYS, recordsPerSecond })
    .uid('numbers')
    .keyBy((key) => key)
    .process({
      state: { count: valueState('count', { defaultValue: 0 }) },
      processElement(key: number, { state }, out: Collector<Count>) {
        state.count.update(state.count.value() + 1);
        out.collect({ key, count: state.count.value() });
      },
    })
    .uid(uid)
    .sinkTo(bench.sink())
    .uid('sink');
  return env;
}

/** All goes to nowhere, for ever. */
function endless(env: StreamExecutionEnvironment): StreamExecutionEnvironment {
  env
    .fromGenerator({ count: Number.POSITIVE_INFINITY, generate: (index) => index })
    .sinkTo(new DiscardingSink());
  return env;
}

/** Resolves once all tasks run. */
async function running(
  env: StreamExecutionEnvironment,
  options: ExecuteOptions = {},
): Promise<JobClient> {
  const client = await env.executeAsync('job', options);
  await untilStatus(client, 'RUNNING');
  return client;
}

async function untilStatus(
  client: JobClient,
  status: ReturnType<JobClient['getJobStatus']>,
): Promise<void> {
  while (client.getJobStatus() !== status) await sleep(2);
}

async function committed(bench: EmbeddedBench): Promise<string[]> {
  return (await bench.committed<Count>()).map(textOf).sort();
}

/** Every count of every key, once each: the sequential model. */
function expected(): string[] {
  return Array.from({ length: RECORDS }, (_, index) =>
    textOf({ key: index % KEYS, count: Math.floor(index / KEYS) + 1 }),
  ).sort();
}

function textOf({ key, count }: Count): string {
  return `${key}: ${count}`;
}

async function refused(
  t: ExecutionContext,
  code: string,
  request: Promise<unknown>,
): Promise<OnceproofError> {
  const error = await t.throwsAsync(request, { instanceOf: OnceproofError, code });
  t.truthy(error.place);
  t.truthy(error.remedy);
  return error;
}

for (const [before, after] of [
  ['memory', 'fs'],
  ['fs', 'memory'],
] as const) {
  test(`${before} to ${after}: a savepoint restored into 3 subtasks counts all once`, async (t) => {
    const bench = await openBench(t);
    const env = counting(bench, { recordsPerSecond: SLOW })
      .setParallelism(2)
      .enableCheckpointing(NEVER_MS)
      .setStateBackend(before);
    const client = await running(env);
    t.is(await client.triggerCheckpoint(), 1);
    await sleep(100);
    const savepoint = await client.triggerSavepoint(`${bench.directory}/mine`);
    t.true(savepoint.startsWith(`${bench.directory}/mine/savepoint-`));
    t.is(client.getJobStatus(), 'RUNNING');
    // Nothing has been committed since, so the savepoint is where the second run takes over.
    await client.cancel();
    t.deepEqual(await readdir(bench.checkpoints), ['job-manager']);
    const second = counting(bench)
      .setParallelism(3)
      .setStateBackend(after)
      .setCheckpointStorage(`${bench.directory}/elsewhere`);
    const result = await second.execute('job', { restoreFrom: savepoint });
    t.is(result.state, 'finished');
    t.deepEqual(await committed(bench), expected());
  });
}

test('the job goes on after a savepoint, and its output is whole', async (t) => {
  const bench = await openBench(t);
  const client = await running(counting(bench, { recordsPerSecond: 400 }));
  const savepoints = await Promise.all([client.triggerSavepoint(), client.triggerSavepoint()]);
  t.true(savepoints.every((path) => path.startsWith(`${bench.checkpoints}/savepoints/`)));
  t.not(savepoints[0], savepoints[1]);
  const result = await client.getJobExecutionResult();
  t.is(result.state, 'finished');
  t.is(result.savepoint, undefined);
  t.is(client.getJobStatus(), 'FINISHED');
  t.deepEqual(await committed(bench), expected());
  t.true((await readdir(savepoints[0] ?? '')).includes('_metadata'));
});

for (const [where, directory] of [
  ['in its checkpoint directory', undefined],
  ['from its savepoint in another one', 'elsewhere'],
] as const) {
  test(`a suspended job goes on ${where}, with another parallelism`, async (t) => {
    const bench = await openBench(t);
    const env = counting(bench, { recordsPerSecond: SLOW });
    const client = await running(env);
    const savepoint = await client.stopWithSavepoint({
      ...SUSPEND,
      directory: `${bench.directory}/mine`,
    });
    t.is(client.getJobStatus(), 'SUSPENDED');
    const stopped = await client.getJobExecutionResult();
    t.deepEqual([stopped.state, stopped.savepoint], ['suspended', savepoint]);
    t.true((await committed(bench)).length < RECORDS);
    // At once: the job has let go of its directory.
    const second = counting(bench).setParallelism(3);
    const restore = directory === undefined ? {} : { restoreFrom: savepoint };
    if (directory !== undefined) second.setCheckpointStorage(`${bench.directory}/${directory}`);
    t.is((await second.execute('job', restore)).state, 'finished');
    t.deepEqual(await committed(bench), expected());
  });
}

test('a drained job has fired all windows, is finished, and starts anew next time', async (t) => {
  const bench = await openBench(t);
  const seen: JobProgress[] = [];
  const start = (options: RunOptions): Promise<JobClient> => {
    const env = bench.env();
    env
      .fromGenerator({
        count: Number.POSITIVE_INFINITY,
        generate: (index) => ({ key: index % KEYS, count: 1, at: index }),
        recordsPerSecond: 2_000,
      })
      .assignTimestampsAndWatermarks(
        WatermarkStrategy.forMonotonousTimestamps<
          Count & { readonly at: number }
        >().withTimestampAssigner(({ at }) => at),
      )
      .keyBy(({ key }) => key)
      .window(TumblingEventTimeWindows.of(1_000_000_000))
      .reduce((left, right) => ({ ...left, count: left.count + right.count }))
      .sinkTo(bench.sink());
    return running(env, options);
  };
  for (const run of [1, 2]) {
    const client = await start({ onProgress: (progress) => void seen.push(progress) });
    await client.triggerCheckpoint();
    await mkdir(bench.output, { recursive: true });
    t.is((await bench.committed()).length, KEYS * (run - 1));
    const savepoint = await client.stopWithSavepoint(DRAIN);
    t.is(client.getJobStatus(), 'FINISHED');
    const { state, savepoint: named } = await client.getJobExecutionResult();
    t.deepEqual([state, named], ['finished', savepoint]);
    const windows = await bench.committed<Count>();
    t.is(windows.length, KEYS * run);
    const ended = seen.filter(({ phase }) => phase === 'ended');
    const records = ended.map(({ vertices }) => vertices[0]?.recordsIn ?? 0);
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
    t.is(sum(windows.map(({ count }) => count)), sum(records));
  }
});

test('a job that is canceled is over, whether it runs or has just been started', async (t) => {
  const bench = await openBench(t);
  const starting = await endless(bench.env()).executeAsync('job');
  t.is(starting.getJobStatus(), 'INITIALIZING');
  await starting.cancel();
  t.is(starting.getJobStatus(), 'CANCELED');
  const client = await running(endless(bench.env()));
  await client.triggerCheckpoint();
  const savepoint = client.triggerSavepoint().catch((error: unknown) => error);
  await client.cancel();
  t.is(client.getJobStatus(), 'CANCELED');
  t.is((await client.getJobExecutionResult()).state, 'canceled');
  t.false((await readdir(bench.checkpoints)).includes(client.jobId));
  // Complete or refused, but answered.
  const answer = await savepoint;
  t.true(typeof answer === 'string' || answer instanceof OnceproofError);
});

test('without checkpointing every request for one is OP-E520', async (t) => {
  const client = await running(endless(localEnvironment()));
  await refused(t, 'OP-E520', client.triggerSavepoint());
  await refused(t, 'OP-E520', client.triggerSavepoint('/tmp'));
  await refused(t, 'OP-E520', client.stopWithSavepoint(DRAIN));
  await refused(t, 'OP-E520', client.triggerCheckpoint());
  t.is(client.getJobStatus(), 'RUNNING');
  await client.cancel();
});

test('a savepoint without any directory is OP-E522, with one it needs no other', async (t) => {
  const bench = await openBench(t);
  const client = await running(endless(localEnvironment().enableCheckpointing(NEVER_MS)));
  await refused(t, 'OP-E522', client.triggerSavepoint());
  await refused(t, 'OP-E522', client.stopWithSavepoint(SUSPEND));
  t.is(client.getJobStatus(), 'RUNNING');
  const savepoint = await client.stopWithSavepoint({ ...SUSPEND, directory: bench.directory });
  t.true((await readdir(savepoint)).includes('_metadata'));
});

test('where no savepoint can be written it is OP-E521, and the job goes on', async (t) => {
  const bench = await openBench(t);
  const starting = await endless(bench.env()).executeAsync('job');
  const early = await refused(t, 'OP-E521', starting.triggerSavepoint());
  t.regex(early.remedy ?? '', /getJobStatus/);
  await untilStatus(starting, 'RUNNING');
  const directory = `${bench.directory}/a-file`;
  await writeFile(directory, '');
  const requests = [
    () => starting.triggerSavepoint(directory),
    () => starting.stopWithSavepoint({ ...DRAIN, directory }),
  ];
  for (const request of requests) {
    const error = await refused(t, 'OP-E521', request());
    t.regex(error.message, /a-file/);
    t.like(error.cause, { kind: 'failed', reason: 'io-exception' });
  }
  t.is(starting.getJobStatus(), 'RUNNING');
  t.true((await starting.triggerCheckpoint()) > 0);
  await starting.stopWithSavepoint(SUSPEND);
});

test('while a savepoint ends the job every other request for one is OP-E521', async (t) => {
  const bench = await openBench(t);
  const client = await running(endless(bench.env()));
  const stopping = client.stopWithSavepoint(DRAIN);
  await refused(t, 'OP-E521', client.stopWithSavepoint(SUSPEND));
  await refused(t, 'OP-E521', client.triggerSavepoint());
  await stopping;
  t.is(client.getJobStatus(), 'FINISHED');
});

test('every request to a job that is over is OP-E609 and names how it ended', async (t) => {
  const bench = await openBench(t);
  const client = await running(endless(bench.env()));
  await client.stopWithSavepoint(SUSPEND);
  const requests = [
    () => client.triggerSavepoint(),
    () => client.stopWithSavepoint(DRAIN),
    () => client.triggerCheckpoint(),
    () => client.cancel(),
  ];
  for (const request of requests) {
    t.regex((await refused(t, 'OP-E609', request())).message, /suspended/);
  }
});

test('a restarting job takes no savepoint but can be canceled; a failed one is over', async (t) => {
  const bench = await openBench(t);
  const failing = (): StreamExecutionEnvironment => {
    const env = bench.env();
    env
      .fromCollection([1])
      .map((): number => {
        throw new Error('no such number');
      })
      .sinkTo(new DiscardingSink());
    return env;
  };
  const env = failing().setRestartStrategy(RestartStrategies.fixedDelayRestart(9, 600_000));
  const restarting = await env.executeAsync('job');
  await untilStatus(restarting, 'RESTARTING');
  await refused(t, 'OP-E521', restarting.triggerSavepoint());
  await restarting.cancel();
  t.is(restarting.getJobStatus(), 'CANCELED');
  const failed = await failing().executeAsync('job');
  await untilStatus(failed, 'FAILED');
  const result = failed.getJobExecutionResult();
  await t.throwsAsync(result, { instanceOf: OnceproofError, code: 'OP-E201' });
  t.regex((await refused(t, 'OP-E609', failed.triggerSavepoint())).message, /failed/);
});

test('a savepoint fits the maximum parallelism and the operators it was taken of', async (t) => {
  const bench = await openBench(t);
  const env = counting(bench, { recordsPerSecond: SLOW }).setMaxParallelism(8);
  const restoreFrom = await (await running(env)).stopWithSavepoint(SUSPEND);
  const elsewhere = (uid?: string): StreamExecutionEnvironment =>
    counting(bench, uid === undefined ? {} : { uid }).setCheckpointStorage(
      `${bench.directory}/elsewhere-${uid ?? 'same'}`,
    );
  await refused(t, 'OP-E510', elsewhere().setMaxParallelism(16).execute('job', { restoreFrom }));
  await refused(t, 'OP-E511', elsewhere('other').execute('job', { restoreFrom }));
  const allowed = { restoreFrom, allowNonRestoredState: true };
  t.is((await elsewhere('other').execute('job', allowed)).state, 'finished');
  // The numbers went on where they were; their counts began again.
  const counts = await committed(bench);
  t.is(counts.length, RECORDS);
  t.notDeepEqual(counts, expected());
});
