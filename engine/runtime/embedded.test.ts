// The embedded run mode on a real disk: what is committed is right whether a job finishes, is
// stopped, is killed without notice, or is started twice.

import { readdir } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';

import type { JobExecutionResult } from '../api/job-client.ts';
import type { RunOptions } from '../api/job-executor.ts';
import { StreamExecutionEnvironment } from '../api/stream-execution-environment.ts';
import { DiscardingSink } from '../connector/callback-sink.ts';
import { OnceproofError } from '../core/errors.ts';
import { nodeEnvironment } from '../environment/node/node-environment.ts';
import { processOwner } from '../environment/node/process-owner.ts';
import { valueState } from '../operator/state-descriptors.ts';
import type { Collector } from '../operator/functions.ts';
import { EmbeddedExecutor } from './embedded.ts';
import type { JobProgress } from './metrics/job-progress.ts';
import { MetricRegistry } from './metrics/metric-registry.ts';
import type { EngineEvent } from './observer.ts';
import {
  EmbeddedBench,
  type EmbeddedBenchOptions,
} from '../environment/node/testing/embedded-bench.ts';

const RECORDS = 400;
const KEYS = 7;

interface Count {
  readonly key: number;
  readonly count: number;
}

async function openBench(
  t: ExecutionContext,
  options: EmbeddedBenchOptions = {},
): Promise<EmbeddedBench> {
  const bench = await EmbeddedBench.open(options);
  t.teardown(() => bench.close());
  return bench;
}

function count(
  bench: EmbeddedBench,
  options: RunOptions & { readonly recordsPerSecond?: number } = {},
): Promise<JobExecutionResult> {
  const { recordsPerSecond = 800, ...run } = options;
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
    .uid('count')
    .sinkTo(bench.sink())
    .uid('sink');
  return env.execute('count', run);
}

/** Every count of every key, once each: the sequential model. */
function expected(times = 1): string[] {
  const counts = Array.from({ length: RECORDS }, (_, index) => ({
    key: index % KEYS,
    count: Math.floor(index / KEYS) + 1,
  }));
  return Array.from({ length: times }, () => counts.map(textOf))
    .flat()
    .sort();
}

function textOf({ key, count: value }: Count): string {
  return `${key}: ${value}`;
}

async function committed(bench: EmbeddedBench): Promise<string[]> {
  return (await bench.committed<Count>()).map(textOf).sort();
}

/** Runs `then` once, after so many checkpoints. */
function afterCheckpoints(wanted: number, then: () => void): (event: EngineEvent) => void {
  let seen = 0;
  return ({ kind }) => {
    if (kind === 'checkpoint-completed' && ++seen === wanted) then();
  };
}

test('a job that finishes has committed everything once, and leaves no checkpoint', async (t) => {
  const bench = await openBench(t);
  const result = await count(bench);
  t.is(result.state, 'finished');
  t.deepEqual(await committed(bench), expected());
  t.false((await readdir(bench.checkpoints)).includes(result.jobId));
});

test('a job that is stopped has a savepoint, and goes on from it without repeating', async (t) => {
  const bench = await openBench(t);
  const onEvent = afterCheckpoints(3, () => bench.stop());
  // Slow enough for a busy machine to stop it in time.
  const stopped = await count(bench, { onEvent, recordsPerSecond: 150 });
  t.is(stopped.state, 'suspended');
  t.regex(stopped.savepoint ?? '', /\/savepoints\//);
  const before = await committed(bench);
  t.true(before.length > 0 && before.length < RECORDS);
  t.is((await count(bench)).state, 'finished');
  t.deepEqual(await committed(bench), expected());
});

test('without a savepoint a stopped job goes on from its last checkpoint', async (t) => {
  const bench = await openBench(t);
  const onEvent = afterCheckpoints(3, () => bench.stop());
  const options = { onEvent, stopWithSavepoint: false, recordsPerSecond: 150 };
  const stopped = await count(bench, options);
  t.is(stopped.state, 'suspended');
  t.is(stopped.savepoint, undefined);
  t.is((await count(bench)).state, 'finished');
  t.deepEqual(await committed(bench), expected());
});

test('a job that is stopped again and again still gives everything once', async (t) => {
  const bench = await openBench(t);
  let runs = 0;
  for (let state = ''; state !== 'finished'; runs++) {
    t.true(runs < 50);
    const onEvent = afterCheckpoints(2, () => bench.stop());
    ({ state } = await count(bench, { onEvent, recordsPerSecond: runs < 2 ? 150 : 800 }));
  }
  t.true(runs > 1);
  t.deepEqual(await committed(bench), expected());
});

test('a job without checkpoints that last is canceled when it is stopped', async (t) => {
  let stop = (): void => {};
  const executor = new EmbeddedExecutor({
    environment: nodeEnvironment(),
    onStopRequested: (asked) => {
      stop = asked;
      return () => {};
    },
  });
  const env = StreamExecutionEnvironment.create({ executor }).enableCheckpointing(20);
  env
    .fromGenerator({ count: Number.POSITIVE_INFINITY, generate: (index) => index })
    .sinkTo(new DiscardingSink());
  const { state } = await env.execute('endless', { onEvent: afterCheckpoints(2, () => stop()) });
  t.is(state, 'canceled');
});

test('a job that has finished starts anew when it is executed again', async (t) => {
  const bench = await openBench(t);
  await count(bench);
  t.is((await count(bench)).state, 'finished');
  t.deepEqual(await committed(bench), expected(2));
});

test('the same job started twice: the second is refused, the first is not disturbed', async (t) => {
  const bench = await openBench(t, { owner: processOwner() });
  let second: Promise<unknown> | undefined;
  const onEvent = afterCheckpoints(1, () => {
    const other = count(bench, { recordsPerSecond: 100_000 });
    second = t.throwsAsync(other, { instanceOf: OnceproofError, code: 'OP-E606' });
  });
  // Slow enough for the second to see the first renew its lease.
  t.is((await count(bench, { onEvent, recordsPerSecond: 200 })).state, 'finished');
  const error = (await second) as OnceproofError;
  t.regex(error.message, /Job "count" is running already, in process \d+ on/);
  t.truthy(error.place);
  t.truthy(error.remedy);
  t.deepEqual(await committed(bench), expected());
});

test('two jobs share a checkpoint directory and do not see each other', async (t) => {
  const bench = await openBench(t, { owner: processOwner() });
  const env = bench.env();
  env.fromCollection([1, 2, 3], { recordsPerSecond: 50 }).sinkTo(bench.sink()).uid('sink');
  const other = await openBench(t);
  const env2 = other.env().setCheckpointStorage(bench.checkpoints);
  env2.fromCollection([4, 5, 6], { recordsPerSecond: 50 }).sinkTo(other.sink());
  const results = await Promise.all([env.execute('one'), env2.execute('two')]);
  t.deepEqual(
    results.map(({ state }) => state),
    ['finished', 'finished'],
  );
  t.not(results[0].jobId, results[1].jobId);
  t.deepEqual(await bench.committedNumbers(), [1, 2, 3]);
  t.deepEqual(await other.committedNumbers(), [4, 5, 6]);
});

test('progress and metrics add up to what was processed', async (t) => {
  const bench = await openBench(t);
  const metrics = new MetricRegistry();
  const seen: JobProgress[] = [];
  const onProgress = (progress: JobProgress): void => void seen.push(progress);
  await count(bench, { metrics, onProgress, progressIntervalMs: 50 });
  const last = seen.at(-1);
  t.true(seen.length > 2);
  t.is(last?.phase, 'ended');
  t.deepEqual(
    last?.vertices.map(({ recordsIn, recordsOut }) => [recordsIn, recordsOut]),
    [
      [RECORDS, RECORDS],
      [RECORDS, 0],
    ],
  );
  t.true((last?.checkpointsCompleted ?? 0) > 1);
  t.true((last?.lastCheckpoint?.sizeBytes ?? 0) > 0);
  const text = metrics.toPrometheus();
  t.regex(text, /onceproof_records_in_total\{job="count",vertex="generator"\} 400\n/);
  t.regex(text, /onceproof_checkpoints_completed_total\{job="count"\} [1-9]/);
  t.regex(text, /onceproof_last_checkpoint_size_bytes\{job="count"\} [1-9]/);
});
