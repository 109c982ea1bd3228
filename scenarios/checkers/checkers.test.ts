// Checkers are fed histories made by hand: each bad one must be flagged, each good one must not.

import test from 'ava';
import type { Checker, History } from './checker.ts';
import { compareMultisets } from './multiset.ts';
import { equalsModel, ledger } from './output-checkers.ts';
import {
  hygiene,
  liveness,
  noEarlyCommit,
  restoredStateIsSnapshottedState,
  watermarksRise,
} from './protocol-checkers.ts';
import { checkpointId, executionAttemptId, operatorId } from '../../engine/core/ids.ts';
import { history as quiet } from './testing/hand-made.ts';

const RECORDS = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

function idOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : '';
}

function history(changes: Partial<History> = {}): History {
  return quiet({
    records: RECORDS,
    expected: RECORDS,
    accountsFor: (output) => [idOf(output)],
    idOf,
    durableOutput: [{ path: '/out/part-0', outputs: RECORDS }],
    ...changes,
  });
}

function output(...ids: readonly string[]): Pick<History, 'durableOutput'> {
  return { durableOutput: [{ path: '/out/part-0', outputs: ids.map((id) => ({ id })) }] };
}

function digestEvent(
  kind: 'keyed-state-snapshotted' | 'keyed-state-restored',
  digest: string,
): History['events'][number] {
  const event = {
    kind,
    checkpoint: checkpointId(3),
    operator: operatorId('sum'),
    subtask: 0,
    attempt: executionAttemptId('sum:0#0@1'),
    parallelism: 2,
    digest,
  };
  return { timeMs: 1, event };
}

function watermarks(...timestamps: readonly number[]): History['events'] {
  const attempt = executionAttemptId('sum:0#0@1');
  return timestamps.map((timestamp) => ({
    timeMs: 1,
    event: { kind: 'watermark', attempt, timestamp },
  }));
}

const attempt = executionAttemptId('sink:0#1@1');
const deployed: History['events'] = [{ timeMs: 1, event: { kind: 'task-deployed', attempt } }];

const CASES: readonly (readonly [Checker, string, History, 'valid' | 'invalid' | 'unknown'])[] = [
  [ledger, 'everything once', history(), 'valid'],
  [ledger, 'a lost record', history(output('a', 'b')), 'invalid'],
  [ledger, 'a repeated record', history(output('a', 'b', 'b', 'c')), 'invalid'],
  [ledger, 'a record nobody put in', history(output('a', 'b', 'c', 'd')), 'invalid'],
  [
    ledger,
    'a repeated record of an at-least-once job',
    history({ ...output('a', 'b', 'b', 'c'), guarantee: 'at-least-once' }),
    'valid',
  ],
  [
    ledger,
    'a lost record of an at-least-once job',
    history({ ...output('a', 'b'), guarantee: 'at-least-once' }),
    'invalid',
  ],
  [
    ledger,
    'a part of the output of a job that was refused',
    history({ ...output('a'), end: { kind: 'failed', cause: 'x', code: 'OP-E505' } }),
    'valid',
  ],
  [ledger, 'no ledger', history({ accountsFor: undefined }), 'valid'],
  [equalsModel, 'the model', history(output('c', 'a', 'b')), 'valid'],
  [equalsModel, 'a missing output', history(output('a', 'b')), 'invalid'],
  [equalsModel, 'an output too many', history(output('a', 'b', 'c', 'c')), 'invalid'],
  [equalsModel, 'a torn line', history(output('a', 'b', 'c', 'torn')), 'invalid'],
  [
    equalsModel,
    'a repeated output of an at-least-once job',
    history({ ...output('a', 'b', 'c', 'c'), guarantee: 'at-least-once' }),
    'valid',
  ],
  [
    equalsModel,
    'a made-up output of an at-least-once job',
    history({ ...output('a', 'b', 'c', 'x'), guarantee: 'at-least-once' }),
    'invalid',
  ],
  [
    noEarlyCommit,
    'a commit after completion',
    history({ commits: [{ timeMs: 1, checkpoint: 2, committable: 'f', completedUpTo: 2 }] }),
    'valid',
  ],
  [
    noEarlyCommit,
    'a commit before completion',
    history({ commits: [{ timeMs: 1, checkpoint: 3, committable: 'f', completedUpTo: 2 }] }),
    'invalid',
  ],
  [
    restoredStateIsSnapshottedState,
    'the same state',
    history({
      events: [
        digestEvent('keyed-state-snapshotted', '1:ab'),
        digestEvent('keyed-state-restored', '1:ab'),
      ],
    }),
    'valid',
  ],
  [
    restoredStateIsSnapshottedState,
    'another state',
    history({
      events: [
        digestEvent('keyed-state-snapshotted', '1:ab'),
        digestEvent('keyed-state-restored', '1:ac'),
      ],
    }),
    'invalid',
  ],
  [watermarksRise, 'rising watermarks', history({ events: watermarks(1, 2, 5) }), 'valid'],
  [watermarksRise, 'a falling watermark', history({ events: watermarks(1, 5, 4) }), 'invalid'],
  [watermarksRise, 'a repeated watermark', history({ events: watermarks(1, 5, 5) }), 'invalid'],
  [hygiene, 'nothing left', history(), 'valid'],
  [hygiene, 'a forgotten checkpoint', history({ checkpointFiles: ['/c/chk-1/x'] }), 'invalid'],
  [hygiene, 'a store of a task that ended', history({ localFiles: ['/local/tm/1'] }), 'invalid'],
  [
    hygiene,
    'half-written output of the last attempt',
    history({ events: deployed, unfinishedFiles: ['/out/.part-0-e1a1-ab-0.pending-1'] }),
    'invalid',
  ],
  [
    hygiene,
    'half-written output of an attempt that was replaced',
    history({ events: deployed, unfinishedFiles: ['/out/.part-0-e1a0-ab-0.pending-1'] }),
    'valid',
  ],
  [liveness, 'a finished job', history(), 'valid'],
  [liveness, 'a stuck job', history({ end: { kind: 'stuck', explanation: 'x' } }), 'invalid'],
  [liveness, 'a broken host', history({ end: { kind: 'broken', explanation: 'x' } }), 'invalid'],
  [
    liveness,
    'a refusal that names the damage',
    history({
      mayRefuse: true,
      damaged: ['/c/chk-1/_metadata'],
      end: { kind: 'failed', cause: 'damaged: /c/chk-1/_metadata', code: 'OP-E505' },
    }),
    'valid',
  ],
  [
    liveness,
    'a refusal that names the other name of what was damaged',
    history({
      mayRefuse: true,
      damaged: ['/c/chk-1/_metadata.inprogress', '/c/chk-1/_metadata'],
      end: { kind: 'failed', cause: 'damaged: /c/chk-1/_metadata', code: 'OP-E505' },
    }),
    'valid',
  ],
  [
    liveness,
    'a refusal that names something else',
    history({
      mayRefuse: true,
      damaged: ['/c/chk-1/_metadata'],
      end: { kind: 'failed', cause: 'no reason', code: 'OP-E505' },
    }),
    'invalid',
  ],
  [
    liveness,
    'a refusal nobody allowed',
    history({
      damaged: ['/c/chk-1/_metadata'],
      end: { kind: 'failed', cause: 'damaged: /c/chk-1/_metadata', code: 'OP-E505' },
    }),
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

test('compareMultisets() counts, and does not care for order, of rows or of keys', (t) => {
  const { missing, surplus } = compareMultisets(
    [{ a: 1, b: 2 }, { a: 1, b: 2 }, { c: 3 }],
    [{ b: 2, a: 1 }, { d: 4 }],
  );
  t.deepEqual(
    missing.map(({ text }) => text),
    ['{"a":1,"b":2}', '{"c":3}'],
  );
  t.deepEqual(
    surplus.map(({ text }) => text),
    ['{"d":4}'],
  );
});
