// Two runs of one seed: what differs in output or in the last state of a subtask is found, and
// nothing is claimed where there is nothing to compare with.

import test from 'ava';

import { checkpointId, executionAttemptId, operatorId } from '../../engine/core/ids.ts';
import type { History, TimedEvent } from './checker.ts';
import { sameOutput, sameState } from './equality-checkers.ts';
import { history as quiet } from './testing/hand-made.ts';

function snapshot(checkpoint: number, digest: string, subtask = 0): TimedEvent {
  const event = {
    kind: 'keyed-state-snapshotted',
    checkpoint: checkpointId(checkpoint),
    operator: operatorId('sum'),
    subtask,
    attempt: executionAttemptId(`sum:${subtask}#0@1`),
    parallelism: 2,
    digest,
  } as const;
  return { timeMs: checkpoint, event };
}

function history(changes: Partial<History> = {}): History {
  return quiet({
    durableOutput: [{ path: '/out/part-0', outputs: [{ sum: 1 }, { sum: 2 }] }],
    events: [snapshot(1, 'early'), snapshot(2, 'last'), snapshot(2, 'other', 1)],
    ...changes,
  });
}

/** In files of its own, in another order. */
const SAME = [
  { path: '/out/part-1', outputs: [{ sum: 2 }] },
  { path: '/out/part-2', outputs: [{ sum: 1 }] },
];

test('the same output in another order is the same, and what differs is named', (t) => {
  const like = history({ durableOutput: SAME });
  t.deepEqual(sameOutput.check(history({ reference: like })), { verdict: 'valid', evaluated: 2 });
  const other = history({ durableOutput: [{ path: '/out/part-0', outputs: [{ sum: 1 }] }] });
  const finding = sameOutput.check(history({ reference: other }));
  t.is(finding.verdict, 'invalid');
  t.deepEqual(finding.actual, ['{"sum":2}']);
});

test('the last snapshot of each subtask counts, and no other', (t) => {
  const like = history({ events: [snapshot(7, 'last'), snapshot(8, 'other', 1)] });
  t.deepEqual(sameState.check(history({ reference: like })), { verdict: 'valid', evaluated: 2 });
  const other = history({ events: [snapshot(2, 'early'), snapshot(2, 'other', 1)] });
  t.is(sameState.check(history({ reference: other })).verdict, 'invalid');
  const one = history({ events: [snapshot(2, 'last')] });
  t.is(sameState.check({ ...one, reference: history() }).verdict, 'invalid');
});

test('nothing is compared with a run that is not there or did not finish', (t) => {
  const stuck = history({ end: { kind: 'stuck', explanation: '' }, durableOutput: [], events: [] });
  for (const checker of [sameOutput, sameState]) {
    t.is(checker.check(history()).evaluated, 0);
    t.is(checker.check(history({ reference: stuck })).evaluated, 0);
    t.is(checker.check({ ...stuck, reference: history() }).evaluated, 0);
  }
});
