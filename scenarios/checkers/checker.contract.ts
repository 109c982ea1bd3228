// What every checker owes to its histories, as a table of cases: bad ones are objected to in words,
// good ones are not, and where there is nothing to look at it says so. Called by tests of checkers.

import test from 'ava';
import type { Checker, History } from './checker.ts';

export type Case = readonly [Checker, string, History, 'valid' | 'invalid' | 'not exercised'];

/** One test for each: the verdict, words where it objects, and whether anything was looked at. */
export function checkerContract(cases: readonly Case[]): void {
  for (const [checker, name, given, wanted] of cases) {
    test(`${checker.name} says ${wanted} to ${name}`, (t) => {
      const { verdict, evaluated, message = '' } = checker.check(given);
      t.is(verdict, wanted === 'not exercised' ? 'valid' : wanted, message);
      t.is(evaluated > 0, wanted !== 'not exercised');
      if (wanted === 'invalid') t.true(message.length > 0);
    });
  }
}
