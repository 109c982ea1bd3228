// Fed histories made by hand, as the other checkers are: each bad one must be flagged.

import test from 'ava';
import { checkpointId, executionAttemptId, operatorId } from '../../engine/core/ids.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { Checker, History } from './checker.ts';
import {
  idsUsedOnce,
  nothingInProgress,
  restoresNewest,
  undisturbed,
} from './checkpoint-checkers.ts';
import { history } from './testing/hand-made.ts';

function events(...all: readonly EngineEvent[]): History {
  return history({ events: all.map((event, index) => ({ timeMs: 100 * index, event })) });
}

function completed(id: number, savepoint = false): EngineEvent {
  const checkpoint = checkpointId(id);
  const pointer = `/c/chk-${id}`;
  const kind = 'checkpoint-completed';
  return { kind, checkpoint, durationMs: 1, savepoint, pointer, sizeBytes: 1 };
}

function restoring(id: number | undefined): EngineEvent {
  const checkpoint = id === undefined ? undefined : checkpointId(id);
  return { kind: 'job-restoring', checkpoint, attempts: [] };
}

function snapshotted(id: number, attempt: string): EngineEvent {
  return {
    kind: 'keyed-state-snapshotted',
    checkpoint: checkpointId(id),
    operator: operatorId('sum'),
    subtask: 0,
    attempt: executionAttemptId(attempt),
    parallelism: 2,
    digest: '1:ab',
  };
}

function aborted(reason: string): EngineEvent {
  return { kind: 'checkpoint-aborted', checkpoint: checkpointId(1), reason };
}

const FINISHED: EngineEvent = { kind: 'job-finished' };
const quiet = undisturbed({ withinMs: 200, checkpointsMin: 1 });

const CASES: readonly (readonly [Checker, string, History, 'valid' | 'invalid'])[] = [
  [restoresNewest, 'a first start', events(restoring(undefined)), 'valid'],
  [restoresNewest, 'a restore of the newest', events(completed(3), restoring(3)), 'valid'],
  [restoresNewest, 'a restore of one nobody saw', events(completed(3), restoring(4)), 'valid'],
  [restoresNewest, 'a restore of an older one', events(completed(3), restoring(2)), 'invalid'],
  [restoresNewest, 'a start from nothing', events(completed(1), restoring(undefined)), 'invalid'],
  [
    restoresNewest,
    'a savepoint that is passed by',
    events(completed(2), completed(3, true), restoring(2)),
    'valid',
  ],
  [
    restoresNewest,
    'a restore of an older one, though the newest has lost its metadata',
    { ...events(completed(3), restoring(2)), damaged: ['/c/chk-3/_metadata'] },
    'invalid',
  ],
  [
    idsUsedOnce,
    'an id for each checkpoint',
    events(snapshotted(1, 'sum:0#0@1'), snapshotted(1, 'sum:1#0@1'), snapshotted(2, 'sum:0#0@2')),
    'valid',
  ],
  [
    idsUsedOnce,
    'an id of an earlier leader',
    events(snapshotted(1, 'sum:0#0@1'), snapshotted(1, 'sum:0#0@2')),
    'invalid',
  ],
  [quiet, 'a quiet run', events(completed(1), FINISHED), 'valid'],
  [quiet, 'a run without a checkpoint', events(FINISHED), 'invalid'],
  [
    quiet,
    'a run that took long',
    events(completed(1), completed(2), completed(3), FINISHED),
    'invalid',
  ],
  [
    quiet,
    'a checkpoint given up at the end',
    events(completed(1), aborted('checkpoint-coordinator-shutdown'), FINISHED),
    'valid',
  ],
  [quiet, 'a checkpoint that expired', events(aborted('checkpoint-expired'), FINISHED), 'invalid'],
  [
    quiet,
    'a failure',
    events({ kind: 'job-failing', cause: 'x', code: undefined }, FINISHED),
    'invalid',
  ],
  [nothingInProgress, 'nothing left', history(), 'valid'],
  [
    nothingInProgress,
    'a sealed file that nobody committed',
    history({ unfinishedFiles: ['/out/.part-0-e1a1-ab-0.pending-1'] }),
    'valid',
  ],
  [
    nothingInProgress,
    'a file in progress',
    history({ unfinishedFiles: ['/out/.part-0-e1a1-ab-0.inprogress'] }),
    'invalid',
  ],
];

for (const [checker, name, given, verdict] of CASES) {
  test(`${checker.name} says ${verdict} to ${name}`, (t) => {
    const finding = checker.check(given);
    t.is(finding.verdict, verdict, finding.message);
    if (verdict === 'invalid') t.true((finding.message ?? '').length > 0);
  });
}
