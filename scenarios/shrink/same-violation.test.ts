// Smaller runs of one bug are taken for one bug, and two bugs are not.

import test from 'ava';
import { isSameViolation, violationOf } from './same-violation.ts';

const SAME: readonly (readonly [string, string])[] = [
  ['Record v144 was lost, and 5 more', 'Record v0 was lost'],
  ['Of 150 outputs, 3 outputs are missing', 'Of 1 outputs, 1 are too many'],
  ['The job did not finish: Ended in out-of-time; tm-1 waits', 'The job did not finish: deadlock'],
  ['At 219 ms checkpoint 3 failed: disk', 'At 1 ms checkpoint 1 failed: disk'],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['Record v1 was lost', 'Record v1 was committed more than once'],
  ['The job failed: OP-E619 no', 'The job failed: OP-E420 no'],
  ['Host "tm-1" threw at step 3 (x): A', 'Host "tm-1" threw at step 3 (x): B'],
];

test('how much, when and which example do not matter', (t) => {
  for (const [left, right] of SAME) {
    t.true(isSameViolation({ property: 'p', message: left }, { property: 'p', message: right }));
  }
});

test('what went wrong, its code and its property do', (t) => {
  for (const [left, right] of DIFFERENT) {
    t.false(isSameViolation({ property: 'p', message: left }, { property: 'p', message: right }));
  }
  t.false(isSameViolation({ property: 'p', message: 'x' }, { property: 'q', message: 'x' }));
});

test('a run that holds has no violation, and one without words has one', (t) => {
  t.is(violationOf({ verdict: 'valid' }), undefined);
  t.is(violationOf({ verdict: 'unknown', message: 'x' }), undefined);
  t.deepEqual(violationOf({ verdict: 'invalid', property: 'p' }), {
    property: 'p',
    message: 'p is violated',
  });
});
