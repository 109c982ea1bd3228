// Errors that a user of the package can cause and mend: each has a stable code, the place it
// concerns and a remedy. Bugs of our own are InvariantViolation instead.

export interface OnceproofErrorOptions {
  /** Where: a file, an operator's name, a configuration key. */
  readonly place?: string;
  /** What to do about it, as an imperative sentence without a final period. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** Codes: OP-E1xx command line and set-up, OP-E2xx user code, OP-E3xx job graph and configuration,
 * OP-E4xx state and serializers, OP-E5xx checkpoints, OP-E6xx runtime, OP-E7xx reports. */
export type ErrorCode = `OP-E${number}`;

export class OnceproofError extends Error {
  override readonly name = 'OnceproofError';
  readonly code: ErrorCode;
  readonly place: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, options: OnceproofErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place;
    this.remedy = options.remedy;
  }
}

/** One text block for people: code, cause, place, remedy. */
export function describeError(error: unknown): string {
  if (error instanceof OnceproofError) {
    const place = error.place === undefined ? '' : `\n  at ${error.place}`;
    const remedy = error.remedy === undefined ? '' : `\n  remedy: ${error.remedy}`;
    return `${error.code} ${error.message}${place}${remedy}`;
  }
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return String(error);
}
