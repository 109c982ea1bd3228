// Whether a smaller run shows the same bug: it breaks the same property in the same way. How much
// of it was lost, and what else was going on, may differ: that is what shrinking is about.

import { shapeOf } from '../run/fingerprint.ts';
import type { RunResult } from '../simulate.ts';

export interface Violation {
  readonly property: string;
  readonly message: string;
}

export function violationOf(
  result: Pick<RunResult, 'verdict' | 'property' | 'message'>,
): Violation | undefined {
  const { verdict, property = 'unnamed', message = `${property} is violated` } = result;
  return verdict === 'invalid' ? { property, message } : undefined;
}

export function isSameViolation(left: Violation, right: Violation): boolean {
  return left.property === right.property && essenceOf(left.message) === essenceOf(right.message);
}

/** Digits of an error code tell bugs apart, other digits do not. */
const CODE = /\bOP-E\d{3}\b/;
/** A job hangs in as many ways as there are moments to hang in. */
const HANGS = /^The job did not finish/;

/** The first clause: what follows counts and gives examples. */
function essenceOf(message: string): string {
  const hangs = HANGS.exec(message);
  if (hangs !== null) return hangs[0];
  const [clause = ''] = shapeOf(message).split(/[,;]/, 1);
  const [code = ''] = CODE.exec(message) ?? [];
  return `${clause} ${code}`;
}
