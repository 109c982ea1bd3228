// The judges of operations, fed with histories made by hand.

import test from 'ava';
import type { ObservedOperation } from './observations.ts';
import { operationsEnd, savepointsStay } from './operation-checkers.ts';
import { at, engine, history } from './testing/hand-made.ts';

const SAVEPOINT = '/shared/savepoints/savepoint-1';
const METADATA = { path: `${SAVEPOINT}/_metadata`, digest: '1' };
const STATE = { path: `${SAVEPOINT}/keyed-1`, digest: '2' };

const taken: ObservedOperation = {
  kind: 'savepoint',
  askedMs: 10,
  endedMs: 20,
  outcome: 'done',
  savepoint: SAVEPOINT,
  files: [METADATA, STATE],
};

test('savepoints-stay: nothing to look at is not exercised', (t) => {
  t.deepEqual(savepointsStay.check(history()), { verdict: 'valid', evaluated: 0 });
  const refused: ObservedOperation = {
    kind: 'savepoint',
    askedMs: 1,
    outcome: 'refused',
    files: [],
  };
  t.is(savepointsStay.check(history({ operations: [refused] })).evaluated, 0);
});

test('savepoints-stay: a savepoint is there as it was', (t) => {
  const operations = [taken];
  const found = (ownedFiles: readonly (typeof STATE)[], damaged: readonly string[] = []) =>
    savepointsStay.check(history({ operations, ownedFiles, damaged })).verdict;
  t.is(found([METADATA, STATE]), 'valid');
  t.is(found([METADATA]), 'invalid');
  t.is(found([METADATA, { ...STATE, digest: '3' }]), 'invalid');
  t.is(found([METADATA], [STATE.path]), 'valid');
});

test('savepoints-stay: one that is complete would survive a loss of power', (t) => {
  const operations = [{ ...taken, files: [STATE] }];
  t.is(savepointsStay.check(history({ operations, ownedFiles: [STATE] })).verdict, 'invalid');
});

test('savepoints-stay: nobody looks into a service', (t) => {
  const operations = [{ ...taken, savepoint: 's3://b/savepoint-1', files: [] }];
  t.is(savepointsStay.check(history({ operations })).evaluated, 0);
});

test('operations-end: each is answered in time, counted from when all faults were over', (t) => {
  const verdict = (operation: Partial<ObservedOperation>, healedAtMs = 0): string => {
    const { endedMs: _, ...asked } = taken;
    const events = [at(90_000, engine.finished)];
    return operationsEnd.check(
      history({ operations: [{ ...asked, ...operation }], healedAtMs, events }),
    ).verdict;
  };
  t.is(verdict({ endedMs: 2_000 }), 'valid');
  t.is(verdict({ endedMs: 40_000 }), 'invalid');
  t.is(verdict({ endedMs: 40_000 }, 30_000), 'valid');
  t.is(verdict({}), 'invalid', 'Nobody has heard of it');
  t.is(verdict({ askedMs: 89_000 }), 'valid', 'The job was over first');
});
