// From an error to what travels about it: texts and a code, never the error itself, whose stack
// differs between machines.

import { describeError, OnceproofError } from '../core/errors.ts';
import type { FailureCause } from './messages.ts';

export function failureCauseOf(error: unknown): FailureCause {
  const message = describeError(error);
  if (!(error instanceof OnceproofError)) return { message, code: undefined };
  const { code, place, remedy } = error;
  return {
    message,
    code,
    summary: error.message,
    ...(place === undefined ? {} : { place }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}
