// What a suite came to: the verdict for the log and the exit code for whoever called. The verdict
// says what was found; `--fail-on` decides only which of it is a failure.

import type { SuiteVerdict } from '../../../reports/index.ts';
import type { Outcome } from '../arguments/run-settings.ts';
import { type ExitCode, worstExit } from '../exit-codes.ts';

export interface SuiteOutcome {
  readonly runs: number;
  readonly findings: number;
  readonly unknownRuns: number;
  readonly differed: number;
  /** Cases that never ran, because the time was up. */
  readonly idleCases: number;
  /** Mutants that nobody noticed. */
  readonly survivors: number;
  /** Runs that could not be carried out: by a mistake in user code, and by one of ours. */
  readonly userErrors: number;
  readonly internalErrors: number;
  readonly stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;
  readonly failOn: readonly Outcome[];
}

export interface SuiteJudgement {
  readonly verdict: SuiteVerdict;
  readonly exit: ExitCode;
}

export function judgeSuite(outcome: SuiteOutcome): SuiteJudgement {
  return { verdict: verdictOf(outcome), exit: worstExit(exitsOf(outcome)) };
}

function verdictOf(outcome: SuiteOutcome): SuiteVerdict {
  if (outcome.differed > 0) return 'nondeterministic';
  if (outcome.findings > 0) return 'violated';
  const isPartial =
    outcome.runs === 0 ||
    outcome.unknownRuns > 0 ||
    outcome.idleCases > 0 ||
    outcome.survivors > 0 ||
    outcome.userErrors > 0 ||
    outcome.internalErrors > 0 ||
    outcome.stoppedBy !== undefined;
  return isPartial ? 'inconclusive' : 'no-violation';
}

function exitsOf(outcome: SuiteOutcome): ExitCode[] {
  const { failOn, stoppedBy } = outcome;
  const fails = (kind: Outcome, happened: boolean): boolean => happened && failOn.includes(kind);
  const isInconclusive = outcome.unknownRuns > 0 || outcome.idleCases > 0;
  return [
    ...(stoppedBy === 'SIGINT' ? [130 as const] : []),
    ...(stoppedBy === 'SIGTERM' ? [143 as const] : []),
    ...(outcome.internalErrors > 0 ? [70 as const] : []),
    ...(outcome.userErrors > 0 ? [65 as const] : []),
    ...(fails('nondeterminism', outcome.differed > 0) ? [3 as const] : []),
    ...(fails('violation', outcome.findings > 0) ? [1 as const] : []),
    ...(fails('gate', outcome.survivors > 0) ? [2 as const] : []),
    ...(fails('inconclusive', isInconclusive) ? [2 as const] : []),
  ];
}
