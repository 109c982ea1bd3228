// Configuration: Flink's names and defaults, and errors that name key, value and range.

import test from 'ava';

import { DiscardingSink } from '../connector/callback-sink.ts';
import { OnceproofError } from '../core/errors.ts';
import { HashMapStateBackend } from '../state/hash-map-state-backend.ts';
import { EventTimeSessionWindows } from '../operator/window/window-assigner.ts';
import type { JobClient, JobExecutionResult } from './job-client.ts';
import type { ExecutionSettings } from './job-executor.ts';
import { RestartStrategies } from './restart-strategies.ts';
import { StreamExecutionEnvironment } from './stream-execution-environment.ts';

function graphOf(configure: (env: StreamExecutionEnvironment) => unknown) {
  const env = StreamExecutionEnvironment.create();
  configure(env);
  env.fromCollection([1]).sinkTo(new DiscardingSink());
  return env.getJobGraph('configured');
}

test('without checkpointing there is no restart; with it, exponential delay', (t) => {
  const plain = graphOf(() => undefined);
  t.is(plain.checkpoints, undefined);
  t.deepEqual(plain.restartStrategy, { kind: 'none' });
  const safe = graphOf((env) => env.enableCheckpointing(1000));
  t.is(safe.checkpoints?.intervalMs, 1000);
  t.is(safe.checkpoints?.mode, 'EXACTLY_ONCE');
  t.is(safe.checkpoints?.timeoutMs, 600_000);
  t.is(safe.restartStrategy.kind, 'exponential-delay');
});

test('every setter of the checkpoint configuration reaches the job graph', (t) => {
  const { checkpoints } = graphOf((env) => {
    env.enableCheckpointing(500, 'AT_LEAST_ONCE');
    env
      .getCheckpointConfig()
      .setCheckpointTimeout(5_000)
      .setMinPauseBetweenCheckpoints(20)
      .setMaxConcurrentCheckpoints(2)
      .setTolerableCheckpointFailureNumber(3)
      .setRetainedCheckpoints(4)
      .setExternalizedCheckpointRetention('RETAIN_ON_CANCELLATION')
      .enableUnalignedCheckpoints()
      .setAlignedCheckpointTimeout(30)
      .setDataInlineThreshold(0);
  });
  t.deepEqual(checkpoints, {
    mode: 'AT_LEAST_ONCE',
    intervalMs: 500,
    timeoutMs: 5_000,
    minPauseMs: 20,
    maxConcurrentCheckpoints: 2,
    tolerableFailedCheckpoints: 3,
    retainedCheckpoints: 4,
    externalizedRetention: 'RETAIN_ON_CANCELLATION',
    unaligned: true,
    alignedTimeoutMs: 30,
    dataInlineThresholdBytes: 0,
  });
});

test('state backends go by name or as objects', (t) => {
  t.is(graphOf(() => undefined).stateBackend.name, 'memory');
  t.is(graphOf((env) => env.setStateBackend('fs')).stateBackend.name, 'fs');
  const own = new HashMapStateBackend('own');
  t.is(graphOf((env) => env.setStateBackend(own)).stateBackend, own);
});

test('restart strategies carry Flink’s defaults', (t) => {
  t.deepEqual(RestartStrategies.exponentialDelayRestart({ jitterFactor: 0 }), {
    kind: 'exponential-delay',
    initialBackoffMs: 1_000,
    maxBackoffMs: 60_000,
    backoffMultiplier: 1.5,
    resetBackoffThresholdMs: 3_600_000,
    jitterFactor: 0,
    attemptsBeforeResetBackoff: Number.POSITIVE_INFINITY,
  });
  t.deepEqual(RestartStrategies.fixedDelayRestart(3, 10), {
    kind: 'fixed-delay',
    attempts: 3,
    delayMs: 10,
  });
});

test('a value out of range is OP-E302 and names key, value and range', (t) => {
  const env = StreamExecutionEnvironment.create();
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => env.enableCheckpointing(9), /interval to 9/],
    [() => env.enableCheckpointing(Number.NaN), /interval to NaN/],
    [() => env.enableCheckpointing(10, 'SOMETIMES' as never), /mode to "SOMETIMES"/],
    [() => env.getCheckpointConfig().setCheckpointTimeout(-1), /timeout to -1/],
    [() => env.setParallelism(0), /parallelism.default to 0/],
    [() => env.setMaxParallelism(32_769), /max-parallelism to 32769/],
    [() => env.setBufferTimeout(1.5), /buffer-timeout to 1.5/],
    [() => env.setStateBackend('disk' as never), /state.backend.type to "disk"/],
    [() => env.setCheckpointStorage(''), /checkpointing.dir to ""/],
    [() => env.setFailoverStrategy('none' as never), /failover-strategy to "none"/],
    [() => RestartStrategies.fixedDelayRestart(0, 1), /attempts to 0/],
    [() => RestartStrategies.exponentialDelayRestart({ backoffMultiplier: 0.5 }), /0.5/],
    [() => RestartStrategies.exponentialDelayRestart({ jitterFactor: 2 }), /jitter-factor to 2/],
    [() => EventTimeSessionWindows.withGap(0), /gapMs to 0/],
  ];
  for (const [set, message] of wrong) {
    const error = t.throws(set, { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E302');
    t.regex(error?.message ?? '', message);
    t.regex(error?.remedy ?? '', /^Use /);
  }
});

test('session windows refuse an aggregate that cannot merge: OP-E314', (t) => {
  const windowed = StreamExecutionEnvironment.create()
    .fromCollection([1])
    .keyBy((n) => n)
    .window(EventTimeSessionWindows.withGap(1));
  const error = t.throws(
    () => windowed.aggregate({ createAccumulator: () => 0, add: () => 0, getResult: () => 0 }),
    { instanceOf: OnceproofError },
  );
  t.is(error?.code, 'OP-E314');
});

/** Of a job that is over. */
function clientOf(result: JobExecutionResult): JobClient {
  const over = (): Promise<never> => Promise.reject(new Error('The job is over'));
  return {
    jobId: result.jobId,
    getJobStatus: () => 'FINISHED',
    triggerSavepoint: over,
    stopWithSavepoint: over,
    triggerCheckpoint: over,
    cancel: over,
    getJobExecutionResult: async () => result,
  };
}

test('execute() hands graph and settings to the executor', async (t) => {
  const seen: ExecutionSettings[] = [];
  const env = StreamExecutionEnvironment.create({
    executor: {
      executeAsync: async (graph, settings) => {
        seen.push(settings);
        return clientOf({ jobId: graph.id, jobName: graph.name, state: 'finished' });
      },
    },
  }).setCheckpointStorage('/checkpoints');
  env.fromCollection([1]).sinkTo(new DiscardingSink());
  const result = await env.execute('handed over', { restoreFrom: '/savepoint' });
  t.is(result.jobName, 'handed over');
  t.deepEqual(seen, [
    {
      checkpointStorage: '/checkpoints',
      highAvailabilityDirectory: undefined,
      restoreFrom: '/savepoint',
      allowFallback: false,
      allowNonRestoredState: false,
    },
  ]);
});
