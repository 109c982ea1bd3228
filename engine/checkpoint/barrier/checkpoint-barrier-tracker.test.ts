// At-least-once barriers. Numbers in brackets are sequences of Flink's
// CheckpointBarrierTrackerTest.

import test from 'ava';

import { checkpointId } from '../../core/ids.ts';
import { BarrierScript } from '../testing/barrier-script.ts';
import { CheckpointBarrierTracker } from './checkpoint-barrier-tracker.ts';

function channels(count: number, checkpointsAfterTasksFinish = true): BarrierScript {
  return new BarrierScript((options) => new CheckpointBarrierTracker(options), {
    channels: count,
    checkpointsAfterTasksFinish,
  });
}

test('[11] a checkpoint is triggered by its last barrier; one that lacks some is skipped', (t) => {
  const script = channels(3).play('C1/0 C1/1 C1/2 C2/2 C2/0 C2/1 C3/2 C4/0 C4/1 C4/2');
  t.deepEqual(script.results, [1, 2, 4]);
  t.deepEqual(script.blockedChannels, []);
});

test('[12] late barriers do not discard checkpoints that are pending', (t) => {
  const script = channels(3).play(
    'C2/1 C2/0 C2/2 C3/1 C3/2 C4/2 C4/1 C3/0 C4/0 C5/1 C5/0 C5/2 C6/1 C6/0 C7/1 C7/2 C8/2 C8/1 ' +
      'C9/1 C7/0 C9/2 C10/2 C8/0 C9/0 C10/0 C10/1',
  );
  t.deepEqual(script.results, [2, 3, 4, 5, 7, 8, 9, 10]);
});

test('[13] single aborts between checkpoints', (t) => {
  t.deepEqual(channels(1).play('B0 C1 B0 C2 X4 C5 B0 X6 B0').results, [1, 2, -4, 5, -6]);
});

test('[14] interleaved markers abort each checkpoint once', (t) => {
  t.deepEqual(channels(3).play('C1/0 X2/0 X1/1 X2/1 X1/2 X2/2 B0').results, [-1, -2]);
});

test('[15] the alignment lasts from the first barrier to the last', (t) => {
  const script = channels(2).play('+1 C1/1 +1 C2/1 +1 X1/0 +1 C2/0');
  t.deepEqual(script.results, [-1, 2]);
  t.deepEqual(script.triggers[0]?.mode, { kind: 'at-least-once', alignmentMs: 2 });
});

test('the end of a channel completes what only waited for it, and drops what is older', (t) => {
  t.deepEqual(channels(3).play('C1/0 C2/0 C2/1 E2').results, [2]);
  t.deepEqual(channels(2).play('C1/0 E0 C1/1 E1').results, [1]);
});

test('without checkpoints after the end, an end aborts everything pending', (t) => {
  const script = channels(2, false).play('C1/0 C2/0 E1');
  t.deepEqual(script.results, [-1, -2]);
  t.false(script.handler.isPending);
});

test('a checkpoint that the JobManager gave up is not triggered', (t) => {
  const script = channels(2).play('C1/0');
  script.handler.abort(checkpointId(1));
  script.handler.abort(checkpointId(2));
  t.deepEqual(script.play('C1/1 C2/0 C2/1 C3/0 C3/1').results, [3]);
});

test('no more than fifty checkpoints are tracked', (t) => {
  const script = channels(2);
  for (let id = 1; id <= 60; id++) script.play(`C${id}/0`);
  script.play('C5/1 C11/1');
  t.deepEqual(script.results, [11]);
});
