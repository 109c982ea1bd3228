// What a user reads when a job restarts: why, where in their code, from where it goes on, and what
// to do when that does not help.

import test from 'ava';

import { OnceproofError } from '../../core/errors.ts';
import { failureText } from './failure-log.ts';

const REPORT = {
  jobName: 'orders',
  cause: 'OP-E201 Function of operator "price" threw TypeError: x\n  at price\n  remedy: Mend it',
  error: undefined,
  repeated: 1,
  restartInMs: 1_500,
  fromCheckpoint: 7,
};

test('a failure is told with its cause, its remedy and where the job goes on', (t) => {
  t.is(
    failureText(REPORT),
    [
      'onceproof: job "orders" failed: OP-E201 Function of operator "price" threw TypeError: x',
      '  at price',
      '  remedy: Mend it',
      'onceproof: it starts again from checkpoint 7 in 1.5 s',
    ].join('\n'),
  );
  const text = failureText({ ...REPORT, fromCheckpoint: undefined });
  t.regex(text, /starts again from the beginning in/);
});

test('what user code threw is told with its line; what the engine threw is not', (t) => {
  const thrown = new TypeError('x');
  const ofUser = new OnceproofError('OP-E201', 'm', { cause: thrown });
  t.regex(failureText({ ...REPORT, error: ofUser }), /\n  thrown at .*failure-log\.test\.ts:\d+/);
  const ofEngine = new OnceproofError('OP-E612', 'm', { cause: thrown });
  t.notRegex(failureText({ ...REPORT, error: ofEngine }), /thrown/);
});

test('the same failure again and again is said to be one', (t) => {
  t.notRegex(failureText({ ...REPORT, repeated: 2 }), /in a row/);
  t.regex(failureText({ ...REPORT, repeated: 3 }), /the same failure, 3 times in a row: mend it/);
});
