// Whether a subtask may still take a snapshot.

import test from 'ava';

import { checkpointId } from '../../core/ids.ts';
import { SubtaskCheckpointDecider } from './subtask-checkpoint-decider.ts';

test('a checkpoint is taken once, and never after a newer one', (t) => {
  const decider = new SubtaskCheckpointDecider();
  const decisions = [2, 2, 1, 3].map((id) => decider.decide(checkpointId(id)));
  t.deepEqual(decisions, ['snapshot', 'ignore', 'ignore', 'snapshot']);
});

test('one that was given up before its barrier is canceled downstream instead', (t) => {
  const decider = new SubtaskCheckpointDecider();
  t.is(decider.aborted(checkpointId(2)), 'remembered');
  t.is(decider.decide(checkpointId(1)), 'snapshot');
  t.is(decider.decide(checkpointId(2)), 'cancel-downstream');
  t.is(decider.decide(checkpointId(3)), 'snapshot');
});

test('one that was begun is stopped, not remembered', (t) => {
  const decider = new SubtaskCheckpointDecider();
  decider.decide(checkpointId(1));
  t.is(decider.aborted(checkpointId(1)), 'stop-snapshot');
});

test('what may have been forgotten counts as given up', (t) => {
  const decider = new SubtaskCheckpointDecider(4);
  for (let id = 10; id < 20; id++) decider.aborted(checkpointId(id));
  t.is(decider.decide(checkpointId(9)), 'cancel-downstream');
  t.is(decider.decide(checkpointId(10)), 'cancel-downstream');
  t.is(decider.decide(checkpointId(19)), 'cancel-downstream');
  t.is(decider.decide(checkpointId(20)), 'snapshot');
});
