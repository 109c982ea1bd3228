// Checks that need no particular test runner: a suite declares them through `test`, which may be
// ava's own, or collects them here for whatever runner its user has. A check that fails rejects
// with OP-E207, saying what was expected and what was there.

import { assertionJudge, type Judge } from './judge.ts';

export type DeclareCheck = (title: string, body: (t: Judge) => Promise<void> | void) => void;

export interface Check {
  readonly name: string;
  /** Rejects where the suite's law is broken. */
  readonly run: () => Promise<void>;
}

/** What a suite declares, to be run one by one, in this order or any other. */
export function collectChecks(suite: (test: DeclareCheck) => void): readonly Check[] {
  const checks: Check[] = [];
  suite((name, body) => {
    checks.push({
      name,
      run: async () => {
        await body(assertionJudge);
      },
    });
  });
  return checks;
}
