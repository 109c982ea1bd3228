// Assertions: a failed one is a bug in this package, never bad input, and is never caught.
// They stay on in production builds. Expected failures are values, not assertions.

/** A broken invariant. Nobody handles it: the process, or the simulated run, stops. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** `message` says action and state: `Cannot complete checkpoint 7: 2 tasks outstanding`. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message);
}

/** Closes a `switch` over a union, so that a new member is a compile error. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`Cannot handle ${JSON.stringify(value)}: not a known kind`);
}

/** Narrows away `undefined` where the program's own logic guarantees a value. */
export function present<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new InvariantViolation(message);
  return value;
}
