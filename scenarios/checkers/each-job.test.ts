// Histories in which one job took the place of another: what is counted anew does not count as
// wrong, and what is wrong in either job is found.

import test from 'ava';
import { checkpointId, executionAttemptId, operatorId } from '../../engine/core/ids.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { Checker, History, TimedEvent } from './checker.ts';
import { idsUsedOnce } from './checkpoint-checkers.ts';
import { eachJob, jobsOf } from './each-job.ts';
import { idsIncrease, oneLeaderTakesEffect } from './leader-checkers.ts';
import type { JobStart, StorageEvent } from './observations.ts';
import { stateIsOwnedOnce } from './ownership-checkers.ts';
import { hygiene, restoredStateIsSnapshottedState, watermarksRise } from './protocol-checkers.ts';
import { neededArtefactsStay, pointerIsReadable } from './storage-checkers.ts';
import { at, engine, history } from './testing/hand-made.ts';

const START: JobStart = {
  job: 'scenario-2',
  replaced: 'scenario',
  timeMs: 100,
  events: 0,
  storage: 0,
  output: 0,
  unfinished: [],
  isOtherVersion: false,
};

function twoJobs(
  first: readonly EngineEvent[],
  second: readonly EngineEvent[],
  changes: Partial<History> = {},
  start: Partial<JobStart> = {},
): History {
  const events: readonly TimedEvent[] = [
    ...first.map((event, index) => at(index, event, 'jm', 1)),
    ...second.map((event, index) => at(100 + index, event, 'jm', 2)),
  ];
  return history({ events, laterJobs: [{ ...START, events: first.length, ...start }], ...changes });
}

function keyed(
  kind: 'keyed-state-snapshotted' | 'keyed-state-restored',
  checkpoint: number,
  digest: string,
  attempt = 'v:0#0@1',
): EngineEvent {
  return {
    kind,
    checkpoint: checkpointId(checkpoint),
    operator: operatorId('count'),
    subtask: 0,
    attempt: executionAttemptId(attempt),
    parallelism: 1,
    digest,
  };
}

function verdictOf(checker: Checker, of: History): string {
  return eachJob(checker).check(of).verdict;
}

test('a history of one job is judged as it is', (t) => {
  const one = history({ events: [at(0, engine.elected(1))] });
  t.deepEqual(jobsOf(one), [one]);
});

test('leaders of another job are counted anew', (t) => {
  const first = [engine.elected(1), engine.elected(2), engine.restoring(undefined)];
  const of = twoJobs(first, [engine.elected(1), engine.restoring(undefined), engine.completed(1)]);
  t.is(oneLeaderTakesEffect.check(of).verdict, 'invalid');
  t.is(verdictOf(oneLeaderTakesEffect, of), 'valid');
});

test('what is wrong with leaders of the second job is found', (t) => {
  const of = twoJobs([engine.elected(1)], [engine.elected(1), engine.elected(1)]);
  t.is(verdictOf(oneLeaderTakesEffect, of), 'invalid');
});

test('another job uses the id of a checkpoint that the first has given up', (t) => {
  const first = [
    engine.elected(2),
    engine.triggered(5),
    keyed('keyed-state-snapshotted', 5, '1:00', 'v:0#0@2'),
  ];
  const second = [
    engine.elected(1),
    engine.restoring(4),
    engine.triggered(5),
    keyed('keyed-state-snapshotted', 5, '2:00'),
  ];
  const of = twoJobs(first, second);
  t.is(idsUsedOnce.check(of).verdict, 'invalid');
  t.is(verdictOf(idsUsedOnce, of), 'valid');
  t.is(verdictOf(idsIncrease, of), 'valid');
  const twice = [...second, keyed('keyed-state-snapshotted', 5, '2:00', 'v:0#0@3')];
  t.is(verdictOf(idsUsedOnce, twoJobs(first, twice)), 'invalid');
});

test('attempts of another job have watermarks of their own', (t) => {
  const watermark = (timestamp: number): EngineEvent => {
    return { kind: 'watermark', attempt: executionAttemptId('v:0#0@1'), timestamp };
  };
  t.is(verdictOf(watermarksRise, twoJobs([watermark(9)], [watermark(3), watermark(4)])), 'valid');
  t.is(verdictOf(watermarksRise, twoJobs([watermark(9)], [watermark(4), watermark(3)])), 'invalid');
});

for (const [what, checker] of [
  ['as it was', restoredStateIsSnapshottedState],
  ['by one owner', stateIsOwnedOnce],
] as const) {
  test(`state that another job begins with is taken over ${what}`, (t) => {
    const first = [
      keyed('keyed-state-snapshotted', 3, '1:0000000000000001'),
      keyed('keyed-state-snapshotted', 4, '1:0000000000000002'),
    ];
    const restored = (digest: string) => [
      engine.restoring(4, 'v:0#0@1'),
      keyed('keyed-state-restored', 4, digest),
    ];
    const right = eachJob(checker).check(twoJobs(first, restored('1:0000000000000002')));
    t.deepEqual([right.verdict, right.evaluated], ['valid', 1]);
    const wrong = twoJobs(first, restored('1:0000000000000001'));
    t.is(verdictOf(checker, wrong), 'invalid');
    const other = twoJobs(first, restored('1:0000000000000009'), {}, { isOtherVersion: true });
    t.deepEqual(eachJob(checker).check(other), { verdict: 'valid', evaluated: 0 });
  });
}

const metadata: StorageEvent = { kind: 'metadata', timeMs: 1, checkpoint: 1, references: [] };

test('the pointer of another job starts anew', (t) => {
  const storage = [7, 2, 3].map((checkpoint): StorageEvent => {
    return { kind: 'pointer', timeMs: 1, checkpoint, missing: [] };
  });
  const of = twoJobs([], [], { storage }, { storage: 1 });
  t.is(pointerIsReadable.check(of).verdict, 'invalid');
  t.is(verdictOf(pointerIsReadable, of), 'valid');
  t.is(verdictOf(pointerIsReadable, twoJobs([], [], { storage }, { storage: 2 })), 'invalid');
  const back = [...storage, { kind: 'pointer', timeMs: 1, checkpoint: 2, missing: [] } as const];
  t.is(verdictOf(pointerIsReadable, twoJobs([], [], { storage: back }, { storage: 1 })), 'invalid');
});

test('artefacts of the second job are needed as those of the first were', (t) => {
  const file = '/shared/checkpoints/scenario-2/chk-1/a';
  const storage: readonly StorageEvent[] = [
    { kind: 'artefacts', timeMs: 0, appeared: ['/shared/checkpoints/scenario/x'], removed: [] },
    { ...metadata, references: [file] },
    { kind: 'artefacts', timeMs: 101, appeared: [file], removed: [] },
    { kind: 'artefacts', timeMs: 300, appeared: [], removed: ['/shared/checkpoints/scenario/x'] },
  ];
  const second = [engine.completed(1)];
  t.is(verdictOf(neededArtefactsStay, twoJobs([], second, { storage }, { storage: 1 })), 'valid');
  const gone: StorageEvent = { kind: 'artefacts', timeMs: 400, appeared: [], removed: [file] };
  const lost = twoJobs([], second, { storage: [...storage, gone] }, { storage: 1 });
  t.is(verdictOf(neededArtefactsStay, lost), 'invalid');
});

test('what an earlier job leaves is its user’s, what the last one leaves is waste', (t) => {
  const of = (path: string): History =>
    twoJobs([], [engine.finished], { checkpointFiles: [path] }, {});
  t.is(hygiene.check(of('/shared/checkpoints/scenario/chk-1/a')).verdict, 'valid');
  t.is(hygiene.check(of('/shared/checkpoints/scenario-2/chk-1/a')).verdict, 'invalid');
  const path = '/shared/output/.part-0-e1a0-1-0.inprogress';
  const open = twoJobs([], [], { unfinishedFiles: [path] }, { unfinished: [path] });
  t.is(hygiene.check(open).verdict, 'valid');
  t.is(hygiene.check(twoJobs([], [], { unfinishedFiles: [path] })).verdict, 'invalid');
});
