// The only places where a house rule does not hold, each with its reason. An entry that no longer
// excuses anything is itself reported, so the list cannot outlive its reasons.
import type { Finding } from './finding.ts';

export interface Exception {
  readonly rule: string;
  readonly path: string;
  /** Must occur in the finding's problem; narrows the exception to one thing in the file. */
  readonly problem: string;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [];

/** Takes out what is excused, and adds a finding for every excuse that was not needed. */
export function applyExceptions(
  findings: readonly Finding[],
  exceptions: readonly Exception[],
): Finding[] {
  const used = new Set<Exception>();
  const remaining = findings.filter((finding) => {
    const excuse = exceptions.find((exception) => isExcused(finding, exception));
    if (excuse !== undefined) used.add(excuse);
    return excuse === undefined;
  });
  const idle = exceptions.filter((exception) => !used.has(exception));
  return [...remaining, ...idle.map(notNeeded)];
}

function isExcused(finding: Finding, exception: Exception): boolean {
  return (
    finding.rule === exception.rule &&
    finding.path === exception.path &&
    finding.problem.includes(exception.problem)
  );
}

function notNeeded(exception: Exception): Finding {
  return {
    rule: 'exceptions',
    path: exception.path,
    line: 1,
    problem: `is excused from ${exception.rule} ("${exception.problem}") without need`,
    remedy: 'remove the entry from .config/rules/exceptions.ts',
  };
}
