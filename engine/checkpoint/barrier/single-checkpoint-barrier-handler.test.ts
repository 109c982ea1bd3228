// Exactly-once barriers. Numbers in brackets are sequences of Flink's AlignedCheckpointsTest and
// AlternatingCheckpointsTest.

import test from 'ava';
import fc from 'fast-check';

import { checkpointId } from '../../core/ids.ts';
import { ALIGNED, BarrierScript } from '../testing/barrier-script.ts';
import { SingleCheckpointBarrierHandler } from './single-checkpoint-barrier-handler.ts';

function channels(count: number, checkpointsAfterTasksFinish = true): BarrierScript {
  return new BarrierScript((options) => new SingleCheckpointBarrierHandler(options), {
    channels: count,
    checkpointsAfterTasksFinish,
  });
}

function timeoutable(count: number, alignedTimeoutMs: number): BarrierScript {
  const script = channels(count);
  script.options = { ...ALIGNED, alignedTimeoutMs };
  return script;
}

function unaligned(count: number): BarrierScript {
  const script = channels(count);
  script.options = { ...ALIGNED, alignment: 'unaligned' };
  return script;
}

test('[1] with one channel every barrier triggers at once and nothing is blocked', (t) => {
  const script = channels(1).play('B0 B0 B0 C1 B0 B0 B0 B0 C2 C3 B0 B0 C4 C5 C6 B0 E0');
  t.deepEqual(script.results, [1, 2, 3, 4, 5, 6]);
  t.deepEqual(script.blockedChannels, []);
});

test('[2] channels wait behind their barrier until all are in', (t) => {
  const script = channels(3).play('B0 B2 B0 C1/1');
  t.deepEqual(script.blockedChannels, [1]);
  script.play('C1/2');
  t.deepEqual(script.blockedChannels, [1, 2]);
  script.play('B0 C1/0');
  t.deepEqual(script.results, [1]);
  t.deepEqual(script.blockedChannels, []);
  t.deepEqual(script.complete, [1]);
});

test('[3] a newer checkpoint ends the alignment of an older one; so does an end of input', (t) => {
  const script = channels(3, false).play('B0 B2 B0 C1/1 C1/2 B0 C1/0 B1 B0 C2/1 B2 C2/0 B2');
  t.deepEqual(script.results, [1]);
  t.is(script.handler.latestCheckpoint, checkpointId(2));
  t.deepEqual(script.blockedChannels, [0, 1]);
  script.play('C3/2');
  t.deepEqual(script.results, [1, -2]);
  t.is(script.handler.latestCheckpoint, checkpointId(3));
  t.deepEqual(script.blockedChannels, [2]);
  script.play('B1 B0 C3/0');
  t.deepEqual(script.blockedChannels, [0, 2]);
  script.play('C4/1');
  t.deepEqual(script.results, [1, -2, -3]);
  t.deepEqual(script.blockedChannels, [1]);
  script.play('B2 B0 E0');
  t.deepEqual(script.results, [1, -2, -3, -4]);
  t.deepEqual(script.blockedChannels, []);
  t.deepEqual(script.reasons, [
    'checkpoint-declined-subsumed',
    'checkpoint-declined-subsumed',
    'checkpoint-declined-input-end-of-stream',
  ]);
});

test('[4] a marker of a newer checkpoint aborts once; those that trail it do nothing', (t) => {
  const script = channels(2).play('C1/0 X3/1 X2/0 X3/0 B0');
  t.deepEqual(script.results, [-3]);
  t.deepEqual(script.blockedChannels, []);
});

test('[5] barriers of a canceled checkpoint are ignored, and the next one aligns', (t) => {
  const script = channels(2).play('X1/0 C1/1');
  t.deepEqual(script.results, [-1]);
  t.deepEqual(script.blockedChannels, []);
  script.play('C2/0 C2/1');
  t.deepEqual(script.results, [-1, 2]);
});

test('[6] single aborts between checkpoints', (t) => {
  const script = channels(1).play('B0 C1 B0 C2 B0 X4 C5 B0 X6 B0');
  t.deepEqual(script.results, [1, 2, -4, 5, -6]);
  t.true(script.reasons.every((one) => one === 'checkpoint-declined-on-cancellation-barrier'));
});

test('[7] an alignment is aborted by a marker on a channel that has no barrier yet', (t) => {
  const script = channels(3).play('C1/0 C1/1 X1/2');
  t.deepEqual(script.results, [-1]);
  t.deepEqual(script.blockedChannels, []);
});

test('[8] a late barrier of a canceled checkpoint is ignored while the next one aligns', (t) => {
  const script = channels(3).play('B1 C1/1 B2 B0 X1/0 B1 C2/1 B2 B0 C1/2');
  t.deepEqual(script.results, [-1]);
  t.deepEqual(script.blockedChannels, [1]);
  script.play('B0 B2 C2/0 C2/2');
  t.deepEqual(script.results, [-1, 2]);
  t.deepEqual(script.blockedChannels, []);
});

test('[9] barriers of a subsumed checkpoint do not disturb its successor', (t) => {
  const script = channels(2).play('C1/0 C2/1 C1/1 C2/0');
  t.deepEqual(script.results, [-1, 2]);
});

test('[10] the end of a channel counts as its barrier, once', (t) => {
  t.deepEqual(channels(3).play('C1/0 C1/1 E2').results, [1]);
  const both = channels(3).play('C2/0 C2/1 E1');
  t.deepEqual(both.results, []);
  t.deepEqual(both.play('C2/2').results, [2]);
  t.deepEqual(channels(3).play('E2 C6/0 C6/1 E1 C7/0').results, [6, 7]);
});

test('[16] barriers that time out overtake what is queued ahead of them', (t) => {
  const script = timeoutable(2, 10).play('A1/0 A1/1');
  t.deepEqual(script.timeouts, [{ id: 1, delayMs: 10 }]);
  t.deepEqual(script.results, []);
  script.play('+20 T1');
  t.deepEqual(script.results, [1]);
  t.is(script.triggers[0]?.barrier.options.alignment, 'unaligned');
  t.deepEqual(script.triggers[0]?.mode, { kind: 'unaligned', persist: [0, 1] });
  t.deepEqual(script.finished, ['1/0', '1/1']);
  t.deepEqual(script.complete, [1]);
  script.play('C1/0 C1/1');
  t.deepEqual(script.results, [1]);
  t.deepEqual(script.blockedChannels, []);
});

test('[17] after a checkpoint that timed out, the next in time is aligned again', (t) => {
  const script = timeoutable(2, 100).play('A1/0 +101 T1 A1/1');
  t.is(script.triggers[0]?.mode.kind, 'unaligned');
  script.play('A2/0 A2/1 C2/0 C2/1');
  t.is(script.triggers[1]?.mode.kind, 'aligned');
  t.is(script.triggers[1]?.barrier.options.alignment, 'aligned');
  t.is(script.triggers[1]?.barrier.options.alignedTimeoutMs, 100);
});

test('[18] without a timeout in sight the checkpoint waits for all channels', (t) => {
  const script = timeoutable(2, Number.MAX_SAFE_INTEGER).play('C1/0 B1');
  t.deepEqual(script.results, []);
  t.deepEqual(script.play('C1/1').results, [1]);
});

test('[19] a barrier polled too late turns its checkpoint unaligned, timer or not', (t) => {
  const script = timeoutable(2, 10).play('A1/0 +11 C1/0');
  t.deepEqual(script.triggers[0]?.mode, { kind: 'unaligned', persist: [1] });
  t.deepEqual(script.blockedChannels, []);
  t.deepEqual(script.complete, []);
  script.play('A1/1');
  t.deepEqual(script.finished, ['1/1']);
  t.deepEqual(script.complete, [1]);
});

test('[20] channels blocked by then go on, and nothing of theirs is persisted', (t) => {
  const script = timeoutable(3, 10).play('C1/0 A1/1');
  t.deepEqual(script.blockedChannels, [0]);
  script.play('+11 T1');
  t.deepEqual(script.triggers[0]?.mode, { kind: 'unaligned', persist: [1, 2] });
  t.deepEqual(script.blockedChannels, []);
  t.deepEqual(script.finished, ['1/1']);
  script.play('A1/2');
  t.deepEqual(script.complete, [1]);
});

test('[21] checkpoints and savepoints in turn on many channels: one trigger each', (t) => {
  const count = 123;
  const script = channels(count);
  for (let id = 1; id <= count; id++) {
    script.options =
      id % 2 === 0 ? { ...ALIGNED, alignment: 'unaligned' } : { ...ALIGNED, type: 'savepoint' };
    for (let channel = 0; channel < count; channel++) script.play(`A${id}/${channel}`);
    for (let channel = 0; channel < count; channel++) script.play(`C${id}/${channel}`);
  }
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  t.deepEqual(script.results, ids);
  t.deepEqual(script.complete, ids);
});

test('unaligned, the first arrival triggers; each channel is persisted until its barrier', (t) => {
  const script = unaligned(3).play('A1/1');
  t.deepEqual(script.triggers[0]?.mode, { kind: 'unaligned', persist: [0, 1, 2] });
  t.deepEqual(script.finished, ['1/1']);
  script.play('A1/0 C1/1 C1/0 A1/2');
  t.deepEqual(script.finished, ['1/1', '1/0', '1/2']);
  t.deepEqual(script.complete, [1]);
  t.deepEqual(script.results, [1]);
  t.deepEqual(script.blockedChannels, []);
});

test('unaligned, the end of a channel ends its in-flight data; ended ones have none', (t) => {
  const script = unaligned(3).play('E0 A1/1 E2');
  t.deepEqual(script.triggers[0]?.mode, { kind: 'unaligned', persist: [1, 2] });
  t.deepEqual(script.finished, ['1/1', '1/2']);
  t.deepEqual(script.complete, [1]);
});

test('unaligned, a newer barrier or a marker aborts what was triggered', (t) => {
  t.deepEqual(unaligned(2).play('A1/0 A2/0').results, [1, -1, 2]);
  t.deepEqual(unaligned(2).play('A1/0 X1/1').results, [1, -1]);
});

test('upstream turning unaligned turns an alignment here too', (t) => {
  const script = timeoutable(2, 1_000).play('C1/0');
  script.handler.onBarrierArrived(1, {
    ...script.barrier(1),
    options: { ...ALIGNED, alignment: 'unaligned' },
  });
  t.deepEqual(script.triggers[0]?.mode, { kind: 'unaligned', persist: [1] });
  t.deepEqual(script.blockedChannels, []);
  t.deepEqual(script.complete, [1]);
});

test('an abort by the JobManager frees the channels; what it does not concern goes on', (t) => {
  const script = channels(2).play('C5/0');
  script.handler.abort(checkpointId(4));
  script.handler.abort(checkpointId(6));
  t.deepEqual(script.blockedChannels, [0]);
  script.handler.abort(checkpointId(5));
  t.deepEqual(script.blockedChannels, []);
  t.deepEqual(script.play('C5/1 C6/0 C6/1').results, [-5, 6]);
});

test('each checkpoint triggers once at most, ids increase, nothing is blocked for ever', (t) => {
  const step = fc.record({
    kind: fc.constantFrom('C', 'X', 'A', 'T'),
    id: fc.integer({ min: 1, max: 5 }),
    channel: fc.nat(2),
  });
  const alignedTimeoutMs = fc.constantFrom(undefined, 5);
  const alignment = fc.constantFrom('aligned' as const, 'unaligned' as const);
  fc.assert(
    fc.property(fc.array(step), alignment, alignedTimeoutMs, (steps, how, timeoutMs) => {
      const script = channels(3);
      script.options = { ...ALIGNED, alignment: how, alignedTimeoutMs: timeoutMs };
      for (const { kind, id, channel } of steps) {
        if (kind === 'C' && script.blocked.has(channel)) continue;
        script.play(`${kind}${id}/${channel} +1`);
        if (!script.handler.isPending) t.deepEqual(script.blockedChannels, []);
        t.true(script.blocked.size < 3);
      }
      const triggered = script.results.filter((id) => id > 0);
      t.deepEqual(
        triggered,
        [...new Set(triggered)].toSorted((a, b) => a - b),
      );
      const aborted = script.results.filter((id) => id < 0);
      t.is(new Set(aborted).size, aborted.length);
      for (const id of script.complete) t.false(aborted.includes(-id));
    }),
  );
});
