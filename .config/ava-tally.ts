// Counts what ava reports. Whatever ava calls by another name than "failed" (a time-out, an
// uncaught exception, a skipped test) counts as failed here: nothing may drop out of the sum in
// silence. Reads the default reporter, because ava's TAP reporter breaks down on a time-out.
import { stripVTControlCharacters } from 'node:util';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** A test that is declared to fail, and does, bears the same mark: it has done its work. */
const PASSED = /^ {2}[✔√] /;

const FAILED = [
  /^ {2}(\d+) tests? failed$/,
  /^ {2}(\d+) hooks? failed$/,
  /^ {2}(\d+) tests? skipped$/,
  /^ {2}(\d+) tests? todo$/,
  /^ {2}(\d+) tests? remained pending/,
  /^ {2}(\d+) uncaught exceptions?$/,
  /^ {2}(\d+) unhandled rejections?$/,
];

/**
 * Reads standard output alone, where ava writes and the tests do not. A run that failed without a
 * failure, or ran nothing, counts one: it is broken, not empty.
 */
export function countTests(stdout: string, exitCode: number): Tally {
  const lines = stripVTControlCharacters(stdout).split('\n');
  const passed = lines.filter((line) => PASSED.test(line)).length;
  const failed = lines
    .flatMap((line) => FAILED.map((pattern) => Number(pattern.exec(line)?.[1] ?? 0)))
    .reduce((sum, count) => sum + count, 0);
  const isBroken = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: isBroken ? 1 : failed };
}
