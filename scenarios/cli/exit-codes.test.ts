// Exit codes are a promise: which one wins, and which error stands for which.

import test from 'ava';
import fc from 'fast-check';
import { OnceproofError } from '../../engine/core/errors.ts';
import { type ExitCode, exitCodeOf, meaningOf, worstExit } from './exit-codes.ts';

const CODES: readonly ExitCode[] = [0, 1, 2, 3, 4, 5, 6, 7, 64, 65, 70, 130, 143];

test('worstExit() ranks 70 > 65 > 3 > 1 > 6 > 7 > 2 > 0', (t) => {
  const ranked: readonly ExitCode[] = [70, 65, 3, 1, 6, 7, 2, 0];
  ranked.forEach((code, index) => {
    t.is(worstExit(ranked.slice(index)), code);
    t.is(worstExit(ranked.slice(index).reverse()), code);
  });
  t.is(worstExit([]), 0);
});

test('worstExit() does not depend on order, and gives one of its codes', (t) => {
  const codes = fc.array(fc.constantFrom(...CODES), { minLength: 1 });
  const law = fc.property(codes, (some) => {
    const worst = worstExit(some);
    return some.includes(worst) && worst === worstExit(some.toReversed());
  });
  t.notThrows(() => fc.assert(law));
});

test('whatever else happened, a suite that was interrupted says so', (t) => {
  t.is(worstExit([70, 1, 130]), 130);
  t.is(worstExit([143, 130]), 143);
});

test('every code has a meaning of its own', (t) => {
  t.is(new Set(CODES.map(meaningOf)).size, CODES.length);
});

test('exitCodeOf() tells bad usage from files that do not load and from our bugs', (t) => {
  t.is(exitCodeOf(new OnceproofError('OP-E110', 'flag')), 64);
  t.is(exitCodeOf(new OnceproofError('OP-E125', 'run id')), 64);
  t.is(exitCodeOf(new OnceproofError('OP-E571', 'key')), 64);
  t.is(exitCodeOf(new OnceproofError('OP-E575', 'place')), 64);
  t.is(exitCodeOf(new OnceproofError('OP-E101', 'file')), 65);
  t.is(exitCodeOf(new OnceproofError('OP-E130', 'scenario')), 65);
  t.is(exitCodeOf(new OnceproofError('OP-E210', 'user code')), 65);
  t.is(exitCodeOf(new OnceproofError('OP-E150', 'nothing')), 4);
  t.is(exitCodeOf(new OnceproofError('OP-E704', 'disk')), 7);
  t.is(exitCodeOf(new OnceproofError('OP-E152', 'workers')), 70);
  t.is(exitCodeOf(new TypeError('bug')), 70);
});
