// A task that has finished counts as finished; what it sent last may still be on its way, and die
// with its host. Whoever waits for it must hear of that.

import test from 'ava';

import { assert } from '../../engine/core/assert.ts';
import { Cluster } from '../support/cluster.ts';
import { type Counted, countPerKey, numbers, wrongCount } from '../support/jobs.ts';

const COUNT = 100;
const READER = /:[01]#/;
/** Long enough for a task to hear of a complete checkpoint and to end. */
const ENDING_MS = 40;

test.serial('the end of a channel that dies with its host is not awaited for ever', async (t) => {
  const cluster = Cluster.start({
    slots: 1,
    job: (env, { sink }) => {
      const source = numbers(env, { count: COUNT, recordsPerSecond: 100 });
      // One subtask beside one of the two readers: the other one has its host for itself.
      countPerKey(source).setParallelism(1).sinkTo(sink()).setParallelism(1);
    },
  });
  await cluster.untilRunning();
  const attempts = [...new Set(cluster.events('task-state').map(({ attempt }) => attempt))];
  const [counter] = attempts.filter((attempt) => !isReader(attempt, attempts));
  assert(counter !== undefined, 'Cannot find the task that counts');
  const near = cluster.hostOf(counter);
  const [lone] = attempts.filter((attempt) => cluster.hostOf(attempt) !== near);
  assert(lone !== undefined, 'Cannot find a reader on a host of its own');
  const far = cluster.hostOf(lone);
  const isOver = (): boolean =>
    cluster.events('task-state').some((e) => e.attempt === lone && e.state === 'finished');

  // The reader ends with some checkpoint after its last record: whatever it sends then is lost.
  let heal = (): void => {};
  for (let round = 0; !isOver(); round++) {
    assert(round < 20, 'Cannot make the reader end');
    heal();
    await cluster.untilCheckpointsMore(1);
    heal = cluster.partition(far, near, false);
    await cluster.forMs(ENDING_MS);
  }
  t.is(cluster.events('job-finished').length, 0);
  cluster.crash(far, 5_000);
  heal();
  t.is((await cluster.untilEnd(20_000)).kind, 'job-finished');
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

/** Its vertex has two subtasks. */
function isReader(attempt: string, attempts: readonly string[]): boolean {
  const vertex = attempt.replace(READER, ':');
  return attempts.filter((other) => other.replace(READER, ':') === vertex).length > 1;
}
