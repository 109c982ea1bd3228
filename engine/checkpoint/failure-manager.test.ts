// When failed checkpoints fail the job.

import test from 'ava';

import { checkpointId } from '../core/ids.ts';
import { CheckpointFailureManager } from './failure-manager.ts';

const FAILURE = 'checkpoint-expired';

test('more distinct failed checkpoints than tolerated fail the job, once', (t) => {
  const manager = new CheckpointFailureManager(2);
  const verdicts = [1, 2, 3, 4].map((id) => manager.failed(checkpointId(id), FAILURE));
  t.deepEqual(verdicts, ['tolerated', 'tolerated', 'fail-job', 'tolerated']);
});

test('a checkpoint counts once, however often it fails', (t) => {
  const manager = new CheckpointFailureManager(1);
  for (const reason of ['checkpoint-declined', FAILURE, 'io-exception'] as const) {
    t.is(manager.failed(checkpointId(1), reason), 'tolerated');
  }
  t.is(manager.failed(checkpointId(2), FAILURE), 'fail-job');
});

test('a success starts the count anew; failures up to it no longer count', (t) => {
  const manager = new CheckpointFailureManager(0);
  manager.succeeded(checkpointId(5));
  t.is(manager.failed(checkpointId(5), FAILURE), 'tolerated');
  t.is(manager.failed(checkpointId(3), FAILURE), 'tolerated');
  t.is(manager.failed(checkpointId(6), FAILURE), 'fail-job');
});

test("what is nobody's fault does not count", (t) => {
  const manager = new CheckpointFailureManager(0);
  for (const reason of ['checkpoint-subsumed', 'task-failure', 'job-failover-region'] as const) {
    t.is(manager.failed(checkpointId(1), reason), 'tolerated');
  }
});

test('failures before an id was given count as well', (t) => {
  const manager = new CheckpointFailureManager(1);
  t.is(manager.failed(undefined, 'io-exception'), 'tolerated');
  t.is(manager.failed(undefined, 'io-exception'), 'fail-job');
});
