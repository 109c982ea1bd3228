// Errors as data, across the process boundary and back.

import { type ErrorCode, OnceproofError } from '../../../engine/core/errors.ts';
import type { ErrorText } from './messages.ts';

export function toErrorText(error: unknown): ErrorText {
  if (!isOnceproofError(error)) {
    const isError = error instanceof Error;
    return {
      code: undefined,
      message: isError ? `${error.name}: ${error.message}` : String(error),
      place: undefined,
      remedy: undefined,
      stack: isError ? error.stack : undefined,
    };
  }
  const { code, message, place, remedy, stack } = error;
  return { code, message, place, remedy, stack };
}

export function fromErrorText({ code, message, place, remedy }: ErrorText): Error {
  if (code === undefined || !isCode(code)) return new Error(message);
  return new OnceproofError(code, message, {
    ...(place === undefined ? {} : { place }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** By name: a scenario file may bring its own copy of the package. */
function isOnceproofError(error: unknown): error is OnceproofError {
  return error instanceof Error && error.name === 'OnceproofError' && 'code' in error;
}

function isCode(code: string): code is ErrorCode {
  return /^OP-E\d+$/.test(code);
}
