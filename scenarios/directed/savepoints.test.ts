// Savepoints and the ways to stop a job with one, and what becomes of the job if that fails.

import test from 'ava';

import { TumblingEventTimeWindows } from '../../engine/operator/window/window-assigner.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import { SAVEPOINT_DIRECTORY } from '../cluster/places.ts';
import { Cluster, type ClusterOptions } from '../support/cluster.ts';
import { type Counted, countPerKey, numbers, wrongCount } from '../support/jobs.ts';

const COUNT = 200;

function counting(configure: ClusterOptions['job'] = () => {}): ClusterOptions {
  return {
    job: (env, tools) => {
      configure(env, tools);
      env.setMaxParallelism(8);
      countPerKey(numbers(env, { count: COUNT, recordsPerSecond: 100 })).sinkTo(tools.sink());
    },
  };
}

for (const parallelism of [1, 2, 3, 4]) {
  test.serial(
    `a job that was suspended with a savepoint goes on with ${parallelism}`,
    async (t) => {
      const cluster = Cluster.start(counting());
      await cluster.untilCheckpoint(2);
      cluster.suspend(true);
      await cluster.untilSuspended();
      const committed = cluster.output<Counted>().length;
      t.true(committed > 0 && committed < COUNT);
      cluster.resume(parallelism);
      t.is((await cluster.untilEnd()).kind, 'job-finished');
      t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
    },
  );

  test.serial(`a new job starts from a savepoint with ${parallelism}`, async (t) => {
    const cluster = Cluster.start(counting());
    await cluster.untilCheckpoint(2);
    const savepoint = await cluster.savepoint('suspend');
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    const committed = cluster.output<Counted>().length;
    t.true(committed > 0 && committed < COUNT);
    cluster.startFrom(savepoint, parallelism);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
    t.true(cluster.files(savepoint).length > 0, 'The savepoint belongs to the user');
  });
}

test.serial(
  'a job that is suspended without a savepoint goes on from its latest checkpoint',
  async (t) => {
    const cluster = Cluster.start(counting());
    await cluster.untilCheckpoint(2);
    cluster.suspend(false);
    await cluster.untilSuspended();
    cluster.resume();
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  },
);

test.serial('suspending leaves windows open, draining fires them', async (t) => {
  const windowed: ClusterOptions = {
    job: (env, { sink }) => {
      const elements = Array.from({ length: 100 }, (_, id) => ({ id, at: id }));
      env
        .fromCollection(elements, { name: 'timed', recordsPerSecond: 50, splits: 2 })
        .assignTimestampsAndWatermarks(
          WatermarkStrategy.forMonotonousTimestamps<{
            id: number;
            at: number;
          }>().withTimestampAssigner(({ at }) => at),
        )
        .keyBy(() => 0)
        .window(TumblingEventTimeWindows.of(1_000_000))
        .reduce((left, right) => ({ id: left.id + right.id, at: left.at }))
        .sinkTo(sink());
    },
  };
  const suspended = Cluster.start(windowed);
  await suspended.untilCheckpoint(2);
  await suspended.savepoint('suspend');
  await suspended.untilEnd();
  t.is(suspended.output().length, 0);
  const drained = Cluster.start(windowed);
  await drained.untilCheckpoint(2);
  await drained.savepoint('drain');
  await drained.untilEnd();
  t.is(drained.output().length, 1);
});

test.serial('a savepoint does not disturb the job, nor commit anything', async (t) => {
  const cluster = Cluster.start(counting((env) => env.enableCheckpointing(3_600_000)));
  await cluster.untilRunning();
  await cluster.forMs(500);
  await cluster.savepoint();
  t.is(cluster.output().length, 0);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(cluster.events('job-restoring').length, 1);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('a stop-with-savepoint that fails restarts the job once', async (t) => {
  const cluster = Cluster.start(
    counting((env) => env.setRestartStrategy({ kind: 'fixed-delay', attempts: 1, delayMs: 50 })),
  );
  await cluster.untilCheckpoint(1);
  const savepoint = cluster.trigger({
    kind: 'savepoint',
    target: SAVEPOINT_DIRECTORY,
    stop: 'suspend',
  });
  const isSavepoint = (path: string): boolean => path.includes('/savepoint-');
  await cluster.until('the savepoint to begin', () => cluster.files('/').some(isSavepoint));
  const broken = cluster.breakDisk(SAVEPOINT_DIRECTORY);
  await cluster.until('the savepoint to fail', () => savepoint.outcome !== undefined);
  broken();
  t.is(savepoint.outcome?.kind, 'failed');
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(cluster.events('job-failing').length, 1);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('a stop-with-savepoint that cannot even begin leaves the job alone', async (t) => {
  const cluster = Cluster.start(counting());
  await cluster.untilCheckpoint(1);
  const broken = cluster.breakDisk(SAVEPOINT_DIRECTORY);
  const savepoint = cluster.trigger({
    kind: 'savepoint',
    target: SAVEPOINT_DIRECTORY,
    stop: 'drain',
  });
  await cluster.until('the savepoint to fail', () => savepoint.outcome !== undefined);
  broken();
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(cluster.events('job-failing').length, 0);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('a task that fails after the suspending savepoint does not wake the job', async (t) => {
  const cluster = Cluster.start(counting());
  await cluster.untilCheckpoint(1);
  cluster.suspend(true);
  await cluster.until('the savepoint', () =>
    cluster.events('checkpoint-completed').some(({ savepoint }) => savepoint),
  );
  cluster.kill(cluster.aWorker(), 100);
  await cluster.untilSuspended();
  t.is(cluster.events('job-restoring').length, 1);
  cluster.resume();
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial(
  'a job that is canceled ends, and starts from the beginning if it is run again',
  async (t) => {
    const cluster = Cluster.start(counting());
    await cluster.untilCheckpoint(1);
    cluster.cancel();
    t.is((await cluster.untilEnd()).kind, 'job-canceled');
    t.deepEqual(cluster.files('/shared/checkpoints/job-1'), []);
  },
);
