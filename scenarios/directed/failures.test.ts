// Who fails, when, and what restarts: regions, restart strategies, user code, lost hosts, leaders.

import test from 'ava';

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import type { Sink } from '../../engine/connector/sink.ts';
import type { Source } from '../../engine/connector/source.ts';
import { type ClusterOptions, Cluster } from '../support/cluster.ts';
import {
  type Counted,
  countPerKey,
  type Numbered,
  numbers,
  throwingAt,
  wrongCount,
} from '../support/jobs.ts';

const COUNT = 200;

function counting(configure: ClusterOptions['job'] = () => {}): ClusterOptions {
  return {
    job: (env, tools) => {
      configure(env, tools);
      countPerKey(numbers(env, { count: COUNT, recordsPerSecond: 100 })).sinkTo(tools.sink());
    },
  };
}

test.serial('a function that throws once is called again with the same record', async (t) => {
  const bomb = throwingAt(120);
  const cluster = Cluster.start({
    job: (env, { sink }) => {
      const source = numbers(env, { count: COUNT, recordsPerSecond: 100 });
      countPerKey(source.map(bomb)).sinkTo(sink());
    },
  });
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(cluster.events('job-failing').length, 1);
  t.regex(cluster.events('job-failing')[0]?.cause ?? '', /cannot process 120/);
  t.true((cluster.restoredFrom() ?? 0) > 0);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('a failure restarts its own region alone', async (t) => {
  const bomb = throwingAt(2_050);
  const cluster = Cluster.start({
    parallelism: 1,
    job: (env, { sink }) => {
      const line = (name: string, from: number): void => {
        numbers(env, { count: 100, recordsPerSecond: 50, name, from })
          .map(bomb)
          .disableChaining()
          .sinkTo(sink(name));
      };
      line('left', 1_000);
      line('right', 2_000);
    },
  });
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  const [first, second, ...others] = cluster.events('job-restoring');
  t.is(others.length, 0);
  t.is(second?.attempts.length, (first?.attempts.length ?? 0) / 2);
  for (const [prefix, from] of [
    ['left', 1_000],
    ['right', 2_000],
  ] as const) {
    const ids = cluster.output<{ id: number }>(prefix).map(({ id }) => id - from);
    t.deepEqual(
      ids.sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, id) => id),
    );
  }
});

test.serial('without restarts the first failure ends the job, and its cause is told', async (t) => {
  const bomb = throwingAt(50, 1_000);
  const cluster = Cluster.start({
    job: (env, { sink }) => {
      env.setRestartStrategy({ kind: 'none' });
      numbers(env, { count: COUNT, recordsPerSecond: 100 }).map(bomb).sinkTo(sink());
    },
  });
  const end = await cluster.untilEnd();
  t.is(end.kind, 'job-failed');
  t.regex(end.kind === 'job-failed' ? end.cause : '', /cannot process 50/);
  t.is(cluster.events('job-restarting').length, 0);
});

test.serial('as many restarts as allowed, then the job fails', async (t) => {
  const bomb = throwingAt(50, 1_000);
  const cluster = Cluster.start({
    job: (env, { sink }) => {
      env.setRestartStrategy({ kind: 'fixed-delay', attempts: 3, delayMs: 50 });
      numbers(env, { count: COUNT, recordsPerSecond: 100 }).map(bomb).sinkTo(sink());
    },
  });
  const end = await cluster.untilEnd();
  t.is(end.kind, 'job-failed');
  t.is(cluster.events('job-restarting').length, 3);
});

test.serial('a host that comes back is one failure', async (t) => {
  const cluster = Cluster.start(
    counting((env) => env.setRestartStrategy({ kind: 'fixed-delay', attempts: 1, delayMs: 50 })),
  );
  await cluster.untilCheckpoint(2);
  cluster.kill(cluster.aWorker(), 50);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(cluster.events('job-failing').length, 1);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('a TaskManager lost while its tasks initialize', async (t) => {
  const cluster = Cluster.start(counting());
  await cluster.until('a task to initialize', () =>
    cluster.events('task-state').some(({ state }) => state === 'initializing'),
  );
  cluster.crash(cluster.aWorker('last'), 400);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial(
  'a TaskManager that never comes back: the job waits for slots, then fails',
  async (t) => {
    const cluster = Cluster.start(counting((env) => env.setParallelism(4)));
    await cluster.untilCheckpoint(1);
    cluster.crash('tm-2', 3_600_000);
    const end = await cluster.untilEnd(400_000);
    t.is(end.kind, 'job-failed');
    t.is(end.kind === 'job-failed' ? end.code : undefined, 'OP-E603');
  },
);

test.serial('a second failure during the restart is survived', async (t) => {
  const cluster = Cluster.start(counting());
  await cluster.untilCheckpoint(2);
  cluster.kill(cluster.aWorker(), 100);
  await cluster.untilEvent('job-restarting');
  await cluster.untilEvent('job-restoring', 2);
  cluster.kill(cluster.aWorker(), 100);
  await cluster.untilEvent('job-restoring', 3);
  cluster.kill(cluster.aWorker('last'), 100);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('a job that is canceled while it restarts ends', async (t) => {
  const cluster = Cluster.start(counting());
  await cluster.untilCheckpoint(1);
  cluster.kill(cluster.aWorker(), 100);
  await cluster.untilEvent('job-restarting');
  cluster.cancel();
  t.is((await cluster.untilEnd()).kind, 'job-canceled');
});

test.serial('a host that wakes up after it was replaced does no harm', async (t) => {
  const cluster = Cluster.start({ ...counting(), taskManagers: 3 });
  await cluster.untilCheckpoint(2);
  const zombie = cluster.aWorker();
  cluster.pause(zombie);
  await cluster.untilRunning(2);
  await cluster.untilCheckpointsMore(1);
  cluster.wake(zombie);
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

for (const [from, to] of [
  ['tm-1', 'tm-2'],
  ['jm', 'tm-1'],
  ['tm-2', 'jm'],
] as const) {
  test.serial(`a link from ${from} to ${to} that breaks one way is survived`, async (t) => {
    const cluster = Cluster.start({ ...counting(), slots: 1 });
    await cluster.untilCheckpoint(2);
    const heal = cluster.partition(from, to, false);
    await cluster.forMs(8_000);
    heal();
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  });
}

const PHASES = [
  ['before anything runs', (cluster: Cluster) => cluster.untilEvent('leader-elected')],
  ['while it deploys', (cluster: Cluster) => cluster.untilEvent('task-deployed')],
  ['as soon as everything runs', (cluster: Cluster) => cluster.untilRunning()],
  ['in the middle of a checkpoint', (cluster: Cluster) => cluster.untilTriggered(3)],
  ['when a checkpoint has just completed', (cluster: Cluster) => cluster.untilCheckpoint(3)],
] as const;

for (const [phase, reach] of PHASES) {
  test.serial(`a JobManager that dies ${phase}`, async (t) => {
    const cluster = Cluster.start(counting());
    await reach(cluster);
    cluster.crash('jm', 100);
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  });
}

test.serial('a JobManager that dies in every phase of one restart after another', async (t) => {
  const cluster = Cluster.start(counting());
  for (const kind of ['job-failing', 'job-restarting', 'task-deployed'] as const) {
    await cluster.untilCheckpointsMore(1);
    const seen = cluster.events(kind).length;
    cluster.kill(cluster.aWorker(), 50);
    await cluster.untilEvent(kind, seen + 1);
    cluster.crash('jm', 50);
  }
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('more failed checkpoints than tolerated fail the job over, fewer do not', async (t) => {
  for (const [tolerable, failures] of [
    [1_000, 0],
    [0, 1],
  ] as const) {
    const cluster = Cluster.start(
      counting((env) => env.getCheckpointConfig().setTolerableCheckpointFailureNumber(tolerable)),
    );
    await cluster.untilCheckpoint(1);
    const broken = cluster.breakDisk('/shared/checkpoints/job-1/chk-', 1);
    await cluster.untilEvent('checkpoint-aborted');
    broken();
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.is(cluster.events('job-failing').length, failures);
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  }
});

test.serial(
  'a sink that cannot make its data durable fails its task, and nothing is lost',
  async (t) => {
    let failures = 0;
    const cluster = Cluster.start({
      job: (env, { sink }) => {
        const whole = sink<Counted>();
        const fragile: Sink<Counted> = {
          name: 'fragile',
          createCommitter: (context) => whole.createCommitter(context),
          abortLingering: async (context) => whole.abortLingering?.(context),
          createWriter(context, restored) {
            const writer = whole.createWriter(context, restored);
            return {
              write: (value, timestamp) => writer.write(value, timestamp),
              isAvailable: () => writer.isAvailable(),
              close: () => writer.close(),
              prepareCommit(checkpoint, endOfInput) {
                const prepared = writer.prepareCommit(checkpoint, endOfInput);
                if (checkpoint !== 3 || failures > 0) return prepared;
                failures++;
                return { ...prepared, durable: Promise.reject(new Error('disk on fire')) };
              },
            };
          },
        };
        countPerKey(numbers(env, { count: COUNT, recordsPerSecond: 100 })).sinkTo(fragile);
      },
    });
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.regex(cluster.events('job-failing')[0]?.cause ?? '', /disk on fire/);
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  },
);

test.serial(
  'an enumerator that throws fails the job over, and the JobManager goes on',
  async (t) => {
    let left = 1;
    const cluster = Cluster.start({
      job: (env, { sink }) => {
        const elements = Array.from({ length: COUNT }, (_, id) => ({ id, key: id % 5 }));
        const source = new CollectionSource({ elements, splits: 4, recordsPerSecond: 100 });
        const fragile: Source<Numbered> = {
          name: 'fragile',
          boundedness: 'bounded',
          createReader: (context) => source.createReader(context),
          createEnumerator(context, restored) {
            const enumerator = source.createEnumerator(context, restored as never);
            return {
              start: () => enumerator.start(),
              addReader(subtask) {
                if (subtask === 1 && left-- > 0) throw new Error('no such reader');
                enumerator.addReader(subtask);
              },
              handleSplitRequest: (subtask) => enumerator.handleSplitRequest(subtask),
              addSplitsBack: (splits, subtask) =>
                enumerator.addSplitsBack(splits as never, subtask),
              snapshotState: () => enumerator.snapshotState(),
              close: () => enumerator.close(),
            };
          },
        };
        countPerKey(env.fromSource(fragile).uid('fragile')).sinkTo(sink());
      },
    });
    t.is((await cluster.untilEnd()).kind, 'job-finished');
    t.regex(cluster.events('job-failing')[0]?.cause ?? '', /no such reader/);
    t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
  },
);

test.serial('hosts lost while a deployment waits for a checkpoint to be stored', async (t) => {
  const cluster = Cluster.start({ ...counting(), slots: 1 });
  await cluster.untilCheckpoint(2);
  const isBeingStored = (path: string): boolean => /_metadata.*inprogress/.test(path);
  await cluster.until('metadata to be written', () => cluster.files('/').some(isBeingStored));
  const mend = cluster.slowDisk(2_000);
  cluster.kill(cluster.aWorker(), 20);
  await cluster.untilEvent('job-restarting');
  await cluster.until('attempts that wait', () => cluster.isDeploying());
  t.is(cluster.events('job-restoring').length, 1);
  cluster.kill(cluster.aWorker('last'), 20);
  await cluster.untilEvent('job-restarting', 2);
  mend();
  t.is((await cluster.untilEnd()).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});
