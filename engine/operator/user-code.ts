// The boundary to functions a user wrote: what they throw is named after the operator once, and a
// promise they return is refused. Bugs of our own pass through unchanged.

import { InvariantViolation } from '../core/assert.ts';
import { OnceproofError } from '../core/errors.ts';

/** What to rethrow for `cause`. What an operator further down threw already has its name. */
export function userCodeError(operatorName: string, cause: unknown): Error {
  if (cause instanceof OnceproofError || cause instanceof InvariantViolation) return cause;
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new OnceproofError('OP-E201', `Function of operator "${operatorName}" threw ${reason}`, {
    place: operatorName,
    remedy: 'Mend the function, or catch in it what a bad record may cause',
    cause,
  });
}

/**
 * Throws for a promise. The state of an operator between an await and its continuation would be in
 * no checkpoint, so no function may be asynchronous.
 */
export function refusePromise(operatorName: string, result: unknown): void {
  if (!isThenable(result)) return;
  // It may reject later, when nobody is left who waits for it.
  result.then(ignore, ignore);
  throw new OnceproofError(
    'OP-E202',
    `Function of operator "${operatorName}" returned a promise: functions are synchronous`,
    {
      place: operatorName,
      remedy: 'Remove async, and do input and output in a source or a sink',
    },
  );
}

/** For calls that are not made per record: open, timers, windows, close. */
export function callUserCode(operatorName: string, call: () => unknown): void {
  try {
    refusePromise(operatorName, call());
  } catch (error) {
    throw userCodeError(operatorName, error);
  }
}

interface Thenable {
  then(resolved: () => void, rejected: () => void): unknown;
}

function isThenable(result: unknown): result is Thenable {
  if (typeof result !== 'object' || result === null) return false;
  return 'then' in result && typeof result.then === 'function';
}

function ignore(): void {}
