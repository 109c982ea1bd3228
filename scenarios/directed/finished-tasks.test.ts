// Tasks that end before others, and the checkpoints taken with, during and after that.

import test from 'ava';

import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import { TumblingEventTimeWindows } from '../../engine/operator/window/window-assigner.ts';
import { takeReached } from '../../engine/core/sometimes.ts';
import { Cluster } from '../support/cluster.ts';
import { type Counted, countPerKey, numbers, slowly, wrongCount } from '../support/jobs.ts';

test.serial('a checkpoint after one source has ended restores it as finished', async (t) => {
  const cluster = Cluster.start({
    job: (env, { sink }) => {
      const short = numbers(env, { count: 20, recordsPerSecond: 50, name: 'short' });
      const long = numbers(env, { count: 180, recordsPerSecond: 50, name: 'long', from: 20 });
      countPerKey(short.union(long)).sinkTo(sink());
    },
  });
  await cluster.until('the short source to end', () => finished(cluster) >= 2);
  await cluster.untilCheckpointsMore(2);
  cluster.crash(cluster.aWorker(), 300);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), 200), undefined);
});

test.serial('windows fire although a finished source is restored', async (t) => {
  interface Timed {
    readonly id: number;
    readonly key: number;
    readonly at: number;
  }
  const timed = (count: number, from: number): Timed[] =>
    Array.from({ length: count }, (_, i) => ({ id: from + i, key: 0, at: i * 10 }));
  const cluster = Cluster.start({
    parallelism: 1,
    job: (env, { sink }) => {
      const strategy = WatermarkStrategy.forMonotonousTimestamps<Timed>().withTimestampAssigner(
        ({ at }) => at,
      );
      const source = (name: string, elements: Timed[]) =>
        env
          .fromCollection(elements, { name, recordsPerSecond: 100 })
          .uid(name)
          .assignTimestampsAndWatermarks(strategy);
      source('short', timed(10, 0))
        .union(source('long', timed(300, 10)))
        .keyBy(({ key }) => key)
        .window(TumblingEventTimeWindows.of(500))
        .aggregate({
          createAccumulator: () => 0,
          add: (_value: Timed, sum: number) => sum + 1,
          getResult: (sum: number) => sum,
          merge: (a: number, b: number) => a + b,
        })
        .uid('window')
        .sinkTo(sink());
    },
  });
  await cluster.until('the short source to end', () => finished(cluster) >= 1);
  await cluster.untilCheckpointsMore(1);
  const before = cluster.output<number>().length;
  cluster.crash('tm-1', 300);
  cluster.crash('tm-2', 300);
  await cluster.untilRunning(2);
  // Long before the long source ends, its watermark alone closes windows.
  await cluster.until(
    'a window of the restored job',
    () => cluster.output().length > before,
    1_500,
  );
  t.is(cluster.events('job-finished').length, 0);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(sum(cluster.output<number>()), 310);
});

for (const unaligned of [false, true]) {
  const kind = unaligned ? 'unaligned' : 'aligned';
  test.serial(`what an ended source left in the channels is not lost: ${kind}`, async (t) => {
    takeReached();
    const cluster = Cluster.start({
      taskManagers: 3,
      slots: 2,
      job: (env, { sink }) => {
        env.getCheckpointConfig().enableUnalignedCheckpoints(unaligned);
        const counted = countPerKey(numbers(env, { count: 6_000, recordsPerSecond: 20_000 }));
        counted.rebalance().sinkTo(slowly(sink(), 100));
      },
    });
    await killAtEveryCheckpoint(cluster, 12);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), 6_000), undefined);
    const mark = 'a trigger waits for what ended tasks have left in the channels';
    t.is(takeReached().has(mark), unaligned);
  });
}

for (const unaligned of [false, true]) {
  const kind = unaligned ? 'unaligned' : 'aligned';
  test.serial(`a source that ends beside one that goes on loses nothing: ${kind}`, async (t) => {
    const cluster = Cluster.start({
      job: (env, { sink }) => {
        env.getCheckpointConfig().enableUnalignedCheckpoints(unaligned);
        env.enableCheckpointing(60);
        const short = numbers(env, { count: 3_000, recordsPerSecond: 20_000, name: 'short' });
        const rest = { count: 300, recordsPerSecond: 100, name: 'long', from: 3_000 };
        countPerKey(short.union(numbers(env, rest)).rebalance())
          .rebalance()
          .sinkTo(slowly(sink(), 40));
      },
    });
    await killAtEveryCheckpoint(cluster, 10);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), 3_300), undefined);
  });
}

test.serial('the loss of a host where everything has finished is no failure', async (t) => {
  const cluster = Cluster.start({
    taskManagers: 3,
    slots: 1,
    parallelism: 1,
    job: (env, { sink }) => {
      const short = numbers(env, { count: 20, recordsPerSecond: 50, name: 'short' });
      const long = numbers(env, { count: 180, recordsPerSecond: 60, name: 'long', from: 20 });
      countPerKey(short.setParallelism(3).union(long).rebalance()).sinkTo(sink());
    },
  });
  await cluster.until('the short source to end', () => finished(cluster) >= 3);
  await cluster.untilCheckpointsMore(1);
  const worker = cluster.aWorker();
  t.is(worker, cluster.aWorker('last'));
  for (const host of ['tm-1', 'tm-2', 'tm-3']) if (host !== worker) cluster.kill(host, 400);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(cluster.events('job-failing').length, 0);
  t.is(wrongCount(cluster.output<Counted>(), 200), undefined);
});

test.serial('the end does not wait for the next periodic checkpoint', async (t) => {
  const cluster = Cluster.start({
    job: (env, { sink }) => {
      env.enableCheckpointing(3_600_000);
      countPerKey(numbers(env, { count: 50 })).sinkTo(sink());
    },
  });
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.true(cluster.world.nowMs < 10_000);
  t.is(wrongCount(cluster.output<Counted>(), 50), undefined);
});

test.serial(
  'a failure between the end of the data and the final checkpoint repeats nothing',
  async (t) => {
    const cluster = Cluster.start({
      job: (env, { sink }) => {
        env.enableCheckpointing(3_600_000);
        countPerKey(numbers(env, { count: 50 })).sinkTo(sink());
      },
    });
    await cluster.untilTriggered(1);
    cluster.kill(cluster.aWorker(), 100);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.true(cluster.world.nowMs < 20_000);
    t.is(wrongCount(cluster.output<Counted>(), 50), undefined);
  },
);

test.serial(
  'a JobManager that dies between final checkpoint and result runs nothing twice',
  async (t) => {
    const cluster = Cluster.start({
      job: (env, { sink }) => {
        countPerKey(numbers(env, { count: 50 })).sinkTo(sink());
      },
    });
    await cluster.until('all but the result', () => finished(cluster) >= 3);
    cluster.crash('jm', 100);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), 50), undefined);
  },
);

/** As soon as a checkpoint completes, a host with tasks dies: now this one, now the other. */
async function killAtEveryCheckpoint(cluster: Cluster, times: number): Promise<void> {
  const hasEnded = (): boolean => cluster.events('job-finished').length > 0;
  for (let kills = 0; kills < times && !hasEnded(); kills++) {
    const seen = cluster.events('checkpoint-completed').length;
    const hasCompleted = (): boolean => cluster.events('checkpoint-completed').length > seen;
    await cluster.until('a checkpoint or the end', () => hasCompleted() || hasEnded());
    const host = cluster.workers().at(kills % 2 === 0 ? 0 : -1);
    if (host !== undefined) cluster.kill(host, 30);
  }
}

function finished(cluster: Cluster): number {
  return cluster.events('task-state').filter(({ state }) => state === 'finished').length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
