// The verdict says what was found; the exit code says whether that is a failure.

import test from 'ava';
import { judgeSuite, type SuiteOutcome } from './judge-suite.ts';

const FINE: SuiteOutcome = {
  runs: 10,
  findings: 0,
  unknownRuns: 0,
  differed: 0,
  idleCases: 0,
  survivors: 0,
  userErrors: 0,
  internalErrors: 0,
  stoppedBy: undefined,
  failOn: ['violation', 'nondeterminism', 'gate', 'inconclusive'],
};

function judged(changes: Partial<SuiteOutcome>): string {
  const { verdict, exit } = judgeSuite({ ...FINE, ...changes });
  return `${verdict} ${exit}`;
}

test('each outcome has its verdict and its exit code', (t) => {
  t.is(judged({}), 'no-violation 0');
  t.is(judged({ findings: 1 }), 'violated 1');
  t.is(judged({ unknownRuns: 1 }), 'inconclusive 2');
  t.is(judged({ idleCases: 1 }), 'inconclusive 2');
  t.is(judged({ survivors: 1 }), 'inconclusive 2');
  t.is(judged({ differed: 1 }), 'nondeterministic 3');
  t.is(judged({ userErrors: 1 }), 'inconclusive 65');
  t.is(judged({ internalErrors: 1 }), 'inconclusive 70');
  t.is(judged({ stoppedBy: 'SIGINT' }), 'inconclusive 130');
  t.is(judged({ stoppedBy: 'SIGTERM', findings: 1 }), 'violated 143');
});

test('several at once: the worst one counts', (t) => {
  t.is(judged({ findings: 1, differed: 1 }), 'nondeterministic 3');
  t.is(judged({ findings: 1, unknownRuns: 1, survivors: 1 }), 'violated 1');
  t.is(judged({ findings: 1, internalErrors: 1, differed: 1 }), 'nondeterministic 70');
});

test('--fail-on takes failures away, never the verdict', (t) => {
  t.is(judged({ findings: 1, failOn: ['nondeterminism'] }), 'violated 0');
  t.is(judged({ unknownRuns: 1, failOn: ['violation'] }), 'inconclusive 0');
  t.is(judged({ survivors: 1, failOn: ['violation', 'inconclusive'] }), 'inconclusive 0');
  t.is(judged({ internalErrors: 1, failOn: [] }), 'inconclusive 70');
});
