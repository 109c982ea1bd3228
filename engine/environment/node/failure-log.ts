// Tells on standard error why a job restarts: otherwise one that fails again and again would only
// seem slow.

import { OnceproofError } from '../../core/errors.ts';
import type { FailureReport } from '../../runtime/embedded.ts';

export function logFailure(report: FailureReport): void {
  process.stderr.write(`${failureText(report)}\n`);
}

const USER_CODE = 'OP-E201';
const HINT = 'mend it, or let env.setRestartStrategy() say when to give up; Ctrl-C stops the job';
/** From here on it is said that it may go on like this. */
const REPEATED_MIN = 3;

export function failureText(report: FailureReport): string {
  const { jobName, cause, error, repeated, restartInMs, fromCheckpoint } = report;
  const from = fromCheckpoint === undefined ? 'the beginning' : `checkpoint ${fromCheckpoint}`;
  return [
    `onceproof: job "${jobName}" failed: ${cause}`,
    ...placesOf(error).map((place) => `  thrown ${place}`),
    `onceproof: it starts again from ${from} in ${(restartInMs / 1_000).toFixed(1)} s`,
    ...(repeated < REPEATED_MIN
      ? []
      : [`onceproof: the same failure, ${repeated} times in a row: ${HINT}`]),
  ].join('\n');
}

/** Where the user's own code threw: of our frames nobody learns anything. */
function placesOf(error: unknown): string[] {
  if (!(error instanceof OnceproofError) || error.code !== USER_CODE) return [];
  const thrown = error.cause instanceof Error ? error.cause : undefined;
  const [place] = (thrown?.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return place === undefined ? [] : [place.trim()];
}
