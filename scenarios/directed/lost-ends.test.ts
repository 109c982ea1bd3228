// A task that has finished counts as finished; what it sent last may still be on its way, and die
// with its host. Whoever waits for it must hear of that.

import test from 'ava';

import { Cluster } from '../support/cluster.ts';
import { type Counted, countPerKey, numbers, wrongCount } from '../support/jobs.ts';

const COUNT = 100;
/** The watermark that says: there is no more data. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

test.serial('the end of a channel that dies with its host is not awaited for ever', async (t) => {
  const cluster = Cluster.start({
    slots: 1,
    job: (env, { sink }) => {
      const source = numbers(env, { count: COUNT, recordsPerSecond: 100 });
      // One subtask, beside the first reader: the second reader has its host for itself.
      countPerKey(source).setParallelism(1).sinkTo(sink()).setParallelism(1);
    },
  });
  await cluster.until('the end of the data', () =>
    cluster.events('watermark').some(({ timestamp }) => timestamp === END_OF_TIME),
  );
  await cluster.untilCheckpointsMore(1);
  const heal = cluster.partition('tm-2', 'tm-1', false);
  const finished = (): readonly string[] =>
    cluster
      .events('task-state')
      .filter(({ state }) => state === 'finished')
      .map(({ attempt }) => attempt);
  await cluster.until('the end of the second reader', () =>
    finished().some((attempt) => attempt.includes(':1#')),
  );
  t.false(cluster.events('job-finished').length > 0);
  cluster.crash('tm-2', 5_000);
  heal();
  t.is((await cluster.untilEnd(20_000)).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});
