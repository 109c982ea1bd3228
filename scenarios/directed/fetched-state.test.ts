// Jobs whose state must be fetched before it is used, on a backend that refuses whatever was not:
// every keyed operator, timers of both kinds, and failures, snapshots and rescaling in between.

import test from 'ava';

import type { DataStream } from '../../engine/api/data-stream.ts';
import type { StreamExecutionEnvironment } from '../../engine/api/stream-execution-environment.ts';
import { takeReached } from '../../engine/core/sometimes.ts';
import { valueState } from '../../engine/operator/state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import {
  EventTimeSessionWindows,
  TumblingEventTimeWindows,
} from '../../engine/operator/window/window-assigner.ts';
import { SlowStateBackend } from '../../engine/runtime/testing/slow-state-backend.ts';
import { LOCAL_DIRECTORY } from '../cluster/backends/local-disk.ts';
import { Cluster, type ClusterOptions } from '../support/cluster.ts';
import {
  type Counted,
  countPerKey,
  type Numbered,
  numbers,
  slowly,
  wrongCount,
} from '../support/jobs.ts';

const COUNT = 200;
const PACE = { count: COUNT, recordsPerSecond: 60 };
const KEYS = 5;
/** More than the channels between a source and its slow sink can hold. */
const BURST = { count: 20_000, recordsPerSecond: 20_000 };

interface Slow {
  readonly cluster: Cluster;
  readonly backend: SlowStateBackend;
}

function start(options: Omit<ClusterOptions, 'backend'>): Slow {
  const backend = new SlowStateBackend();
  return { backend, cluster: Cluster.start({ ...options, backend }) };
}

/** Loses a host twice, each time while a task fetches state. */
async function survive(options: Omit<ClusterOptions, 'backend'>): Promise<Slow> {
  const { cluster, backend } = start({ taskManagers: 3, slots: 1, parallelism: 3, ...options });
  for (const which of ['first', 'last'] as const) {
    await cluster.untilCheckpointsMore(2);
    await untilFetching(cluster, backend);
    cluster.kill(cluster.aWorker(which), 50);
    await cluster.untilRunning(cluster.events('job-running').length + 1);
  }
  await cluster.untilEnd();
  return { cluster, backend };
}

/** Stops right behind the step in which a task began to fetch state. */
async function untilFetching(cluster: Cluster, backend: SlowStateBackend): Promise<void> {
  const before = backend.preparations;
  await cluster.until('state being fetched', () => backend.preparations > before);
}

/** In one split, so that they come in the order of their times. */
function timed(env: StreamExecutionEnvironment): DataStream<Numbered> {
  const elements = ALL.map((id) => ({ id, key: id % KEYS }));
  return env
    .fromCollection(elements, {
      name: 'timed',
      splits: 1,
      recordsPerSecond: PACE.recordsPerSecond,
    })
    .uid('timed')
    .assignTimestampsAndWatermarks(
      WatermarkStrategy.forMonotonousTimestamps<Numbered>().withTimestampAssigner(
        ({ id }) => id * 10,
      ),
    );
}

function idsOf(output: readonly { readonly ids: readonly number[] }[]): readonly number[] {
  return output.flatMap(({ ids }) => ids).sort((a, b) => a - b);
}

const ALL = Array.from({ length: COUNT }, (_, id) => id);

test.serial('counts per key stay exact though hosts die while state is fetched', async (t) => {
  const { cluster, backend } = await survive({
    job: (env, { sink }) => {
      countPerKey(numbers(env, PACE).rebalance()).sinkTo(sink());
    },
  });
  t.true(backend.preparations > 10, `${backend.preparations} preparations`);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('a running reduction stays exact', async (t) => {
  const { cluster } = await survive({
    job: (env, { sink }) => {
      numbers(env, PACE)
        .map(({ id, key }) => ({ id, key, count: 1 }))
        .keyBy(({ key }) => key)
        .reduce((left, right) => ({ ...right, count: left.count + 1 }))
        .uid('reduce')
        .sinkTo(sink());
    },
  });
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('event-time timers fire with the state of their own keys', async (t) => {
  const { cluster } = await survive({
    job: (env, { sink }) => {
      timed(env)
        .keyBy(({ id }) => id)
        .process<{ ids: number[] }, { seen: ReturnType<typeof valueState<number>> }>({
          state: { seen: valueState<number>('seen') },
          processElement({ id }, context) {
            context.state.seen.update(id);
            context.timerService.registerEventTimeTimer(id * 10 + 500);
          },
          onTimer(_time, context, out) {
            out.collect({ ids: [context.state.seen.value() ?? -1] });
            context.state.seen.clear();
          },
        })
        .uid('late')
        .sinkTo(sink());
    },
  });
  t.deepEqual(idsOf(cluster.output<{ ids: number[] }>()), ALL);
});

test.serial('processing-time timers fire with the state of their own keys', async (t) => {
  const { cluster } = await survive({
    job: (env, { sink }) => {
      const held = valueState<readonly number[]>('held');
      // In order: what comes after the last of its key may wait for a timer at the end.
      timed(env)
        .keyBy(({ key }) => key)
        .process<{ ids: readonly number[] }, { held: typeof held }>({
          state: { held },
          processElement({ id }, context, out) {
            const ids = [...(context.state.held.value() ?? []), id];
            // The last of each key has no timer that could still fire before the end.
            if (id >= COUNT - KEYS) {
              context.state.held.clear();
              return out.collect({ ids });
            }
            context.state.held.update(ids);
            const { timerService } = context;
            timerService.registerProcessingTimeTimer(timerService.currentProcessingTime() + 70);
          },
          onTimer(_time, context, out) {
            const ids = context.state.held.value();
            if (ids !== undefined) out.collect({ ids });
            context.state.held.clear();
          },
        })
        .uid('gather')
        .sinkTo(sink());
    },
  });
  const output = cluster.output<{ ids: number[] }>();
  t.deepEqual(idsOf(output), ALL);
  t.true(output.length > 2 * KEYS, 'timers fired');
});

for (const [name, assigner] of [
  ['tumbling', TumblingEventTimeWindows.of(100)],
  ['session', EventTimeSessionWindows.withGap(120)],
] as const) {
  test.serial(`${name} windows hold every record once`, async (t) => {
    const { cluster } = await survive({
      job: (env, { sink }) => {
        timed(env)
          .keyBy(({ key }) => key)
          .window(assigner)
          .process<{ ids: number[] }>((_key, _context, elements, out) => {
            out.collect({ ids: elements.map(({ id }) => id) });
          })
          .uid('window')
          .sinkTo(sink());
      },
    });
    t.deepEqual(idsOf(cluster.output<{ ids: number[] }>()), ALL);
  });
}

test.serial('both inputs of a function find the state that they share', async (t) => {
  const { cluster } = await survive({
    job: (env, { sink }) => {
      const count = valueState<number>('count');
      const left = numbers(env, { ...PACE, count: 100, name: 'left' });
      const right = numbers(env, { ...PACE, count: 100, name: 'right', from: 100 });
      left
        .keyBy(({ key }) => key)
        .connect(right.keyBy(({ key }) => key))
        .process<Counted, { readonly count: typeof count }>({
          state: { count },
          processElement1({ id, key }, context, out) {
            const next = (context.state.count.value() ?? 0) + 1;
            context.state.count.update(next);
            out.collect({ id, key, count: next });
          },
          processElement2({ id, key }, context, out) {
            const next = (context.state.count.value() ?? 0) + 1;
            context.state.count.update(next);
            out.collect({ id, key, count: next });
          },
        })
        .uid('join')
        .sinkTo(sink());
    },
  });
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

for (const alignedTimeoutMs of [0, 50]) {
  const mode = alignedTimeoutMs === 0 ? 'unaligned' : 'turning unaligned';
  test.serial(`a checkpoint that is ${mode} records what waits behind a fetch`, async (t) => {
    takeReached();
    const { cluster, backend } = start({
      job: (env, { sink }) => {
        env
          .getCheckpointConfig()
          .enableUnalignedCheckpoints(true)
          .setAlignedCheckpointTimeout(alignedTimeoutMs);
        countPerKey(numbers(env, BURST).rebalance()).rebalance().sinkTo(slowly(sink(), 60));
      },
    });
    for (let restart = 1; restart <= 3; restart++) {
      await cluster.untilCheckpointsMore(1);
      await untilFetching(cluster, backend);
      cluster.kill(cluster.aWorker(restart % 2 === 0 ? 'first' : 'last'), 100);
      await cluster.untilRunning(restart + 1);
    }
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), BURST.count), undefined);
    const reached = takeReached();
    t.true(reached.has('a barrier overtakes records in an input'));
    t.true(reached.has('an element arrives while state is fetched'));
  });
}

for (const parallelism of [1, 3]) {
  test.serial(`a savepoint goes on with ${parallelism} subtasks`, async (t) => {
    const { cluster } = start({
      job: (env, { sink }) => {
        env.setMaxParallelism(8);
        countPerKey(numbers(env, PACE)).sinkTo(sink());
      },
    });
    await cluster.untilCheckpoint(2);
    cluster.suspend(true);
    await cluster.untilSuspended();
    cluster.resume(parallelism);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  });
}

test.serial('a job is suspended, or canceled, while state is fetched', async (t) => {
  const job: ClusterOptions['job'] = (env, { sink }) => {
    countPerKey(numbers(env, PACE).rebalance()).sinkTo(sink());
  };
  const stopped = start({ job });
  await stopped.cluster.untilCheckpoint(1);
  stopped.cluster.slowDisk(200);
  await untilFetching(stopped.cluster, stopped.backend);
  stopped.cluster.suspend(true);
  await stopped.cluster.untilSuspended();
  stopped.cluster.resume();
  t.is((await stopped.cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(stopped.cluster.output<Counted>(), COUNT), undefined);

  const canceled = start({ job });
  await canceled.cluster.untilCheckpoint(1);
  canceled.cluster.slowDisk(200);
  await untilFetching(canceled.cluster, canceled.backend);
  canceled.cluster.cancel();
  t.is((await canceled.cluster.untilEnd()).kind, 'job-canceled');
});

test.serial('state that cannot be fetched fails its task, which is restarted', async (t) => {
  const { cluster, backend } = start({
    job: (env, { sink }) => {
      countPerKey(numbers(env, PACE).rebalance()).sinkTo(sink());
    },
  });
  await cluster.untilCheckpoint(2);
  const before = backend.preparations;
  cluster.breakLookups(LOCAL_DIRECTORY, 2);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.true(backend.preparations > before);
  const causes = cluster.events('job-failing').map(({ cause }) => cause);
  t.true(causes.length > 0 && causes.every((cause) => cause.includes('Cannot fetch state')));
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial(
  'what a key selector throws is told as if it had thrown while processing',
  async (t) => {
    const failure = async (backend: ClusterOptions['backend']): Promise<unknown> => {
      let calls = 0;
      const cluster = Cluster.start({
        ...(backend === undefined ? {} : { backend }),
        job: (env, { sink }) => {
          env.setRestartStrategy({ kind: 'none' });
          numbers(env, PACE)
            .keyBy(({ id }) => {
              // The first call routes the record, and is the producer's.
              if (id === 20 && ++calls > 1) throw new Error('no key');
              return id;
            })
            .reduce((left) => left)
            .uid('reduce')
            .sinkTo(sink());
        },
      });
      await cluster.untilEnd();
      const { cause, code } = cluster.events('job-failed').at(-1) ?? {};
      t.is(code, 'OP-E201');
      return cause;
    };
    t.deepEqual(await failure(new SlowStateBackend()), await failure(undefined));
  },
);
