// Checkpoints that overtake data in flight, and a job that goes on from them.

import test from 'ava';

import { takeReached } from '../../engine/core/sometimes.ts';
import { Cluster } from '../support/cluster.ts';
import { type Counted, countPerKey, numbers, slowly, wrongCount } from '../support/jobs.ts';

const COUNT = 8_000;
const INPUT = 'a barrier overtakes records in an input';
const OUTPUT = 'a barrier overtakes records in an output';

function backpressured(alignedTimeoutMs: number, unaligned = true): Cluster {
  return Cluster.start({
    taskManagers: 2,
    slots: 2,
    job: (env, { sink }) => {
      env
        .getCheckpointConfig()
        .enableUnalignedCheckpoints(unaligned)
        .setAlignedCheckpointTimeout(alignedTimeoutMs);
      const source = numbers(env, { count: COUNT, recordsPerSecond: 20_000 });
      countPerKey(source.rebalance()).rebalance().sinkTo(slowly(sink(), 60));
    },
  });
}

test.serial('in-flight data of inputs and outputs is restored in order and once', async (t) => {
  takeReached();
  const cluster = backpressured(0);
  for (let restart = 1; restart <= 4; restart++) {
    await cluster.untilCheckpointsMore(1);
    cluster.kill(cluster.aWorker(restart % 2 === 0 ? 'first' : 'last'), 100);
    await cluster.untilRunning(restart + 1);
  }
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  const reached = takeReached();
  t.true(reached.has(INPUT));
  t.true(reached.has(OUTPUT));
});

test.serial('an unaligned checkpoint is quick where an aligned one has to wait', async (t) => {
  const firstMs = async (cluster: Cluster): Promise<number> => {
    await cluster.untilCheckpoint(1);
    return cluster.events('checkpoint-completed')[0]?.durationMs ?? 0;
  };
  const unalignedMs = await firstMs(backpressured(0));
  const alignedMs = await firstMs(backpressured(0, false));
  t.true(unalignedMs * 2 < alignedMs, `${unalignedMs} ms, aligned ${alignedMs} ms`);
});

test.serial('a checkpoint that aligns for too long turns unaligned', async (t) => {
  takeReached();
  const cluster = backpressured(50);
  for (let restart = 1; restart <= 3; restart++) {
    await cluster.untilCheckpointsMore(1);
    cluster.kill(cluster.aWorker(), 100);
    await cluster.untilRunning(restart + 1);
  }
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  t.true(takeReached().has('an aligned checkpoint turns unaligned'));
});

test.serial(
  'a savepoint of a backpressured job with unaligned checkpoints rescales it',
  async (t) => {
    const cluster = backpressured(0);
    await cluster.untilCheckpoint(1);
    cluster.suspend(true);
    await cluster.untilSuspended();
    cluster.resume(3);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  },
);
