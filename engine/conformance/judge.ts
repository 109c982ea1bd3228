// Assertions that throw OP-E207. Equality is that of plain data: primitives by Object.is, arrays,
// plain objects, bytes, Maps and Sets by content; everything else by identity.

import { describeError, OnceproofError } from '../core/errors.ts';

/** Absent, any error will do. `code`: of an OnceproofError. */
export interface ExpectedError {
  readonly code?: string;
  readonly message?: string | RegExp;
}

/** The few assertions a suite uses; ava's `t` has all of them. */
export interface Judge {
  is(actual: unknown, expected: unknown, message?: string): void;
  not(actual: unknown, expected: unknown, message?: string): void;
  deepEqual(actual: unknown, expected: unknown, message?: string): void;
  true(actual: unknown, message?: string): void;
  false(actual: unknown, message?: string): void;
  regex(text: string, pattern: RegExp, message?: string): void;
  throws(run: () => unknown, expected?: ExpectedError, message?: string): unknown;
  throwsAsync(
    promise: Promise<unknown>,
    expected?: ExpectedError,
    message?: string,
  ): Promise<unknown>;
  pass(): void;
  fail(message?: string): void;
}

export const assertionJudge: Judge = {
  is(actual, expected, message) {
    if (!Object.is(actual, expected)) throw broken(message, show(expected), show(actual));
  },
  not(actual, expected, message) {
    if (Object.is(actual, expected)) throw broken(message, `anything but ${show(expected)}`, 'it');
  },
  deepEqual(actual, expected, message) {
    if (!isDeepEqual(actual, expected)) throw broken(message, show(expected), show(actual));
  },
  true(actual, message) {
    if (actual !== true) throw broken(message, 'true', show(actual));
  },
  false(actual, message) {
    if (actual !== false) throw broken(message, 'false', show(actual));
  },
  regex(text, pattern, message) {
    if (!pattern.test(text)) throw broken(message, `a text like ${String(pattern)}`, show(text));
  },
  throws(run, expected, message) {
    try {
      run();
    } catch (error) {
      return checkedError(error, expected, message);
    }
    throw broken(message, `an error${codeText(expected?.code)}`, 'none');
  },
  async throwsAsync(promise, expected, message) {
    try {
      await promise;
    } catch (error) {
      return checkedError(error, expected, message);
    }
    throw broken(message, `a rejection${codeText(expected?.code)}`, 'none');
  },
  pass() {
    // Says that a check has got this far.
  },
  fail(message) {
    throw broken(message, 'not to get here', 'it did');
  },
};

export function isDeepEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right)) return false;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (left instanceof Map && right instanceof Map) return areEqualLists([...left], [...right]);
  if (left instanceof Set && right instanceof Set) return areEqualLists([...left], [...right]);
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return left.length === right.length && left.every((byte, index) => byte === right[index]);
  }
  if (Array.isArray(left) && Array.isArray(right)) return areEqualLists(left, right);
  return areEqualLists(fieldsOf(left), fieldsOf(right));
}

function areEqualLists(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((one, index) => isDeepEqual(one, right[index]));
}

/** Sorted: the order of an object's fields means nothing. */
function fieldsOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function checkedError(error: unknown, expected: ExpectedError | undefined, law?: string): unknown {
  const code = error instanceof OnceproofError ? error.code : describeError(error);
  if (expected?.code !== undefined && code !== expected.code) {
    throw broken(law, `an error${codeText(expected.code)}`, code);
  }
  const text = error instanceof Error ? error.message : String(error);
  const wanted = expected?.message;
  const fits = typeof wanted === 'string' ? text === wanted : (wanted?.test(text) ?? true);
  if (!fits) throw broken(law, `an error that says ${String(wanted)}`, show(text));
  return error;
}

function codeText(code: string | undefined): string {
  return code === undefined ? '' : ` ${code}`;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Map || value instanceof Set) return `{${[...value].map(show).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (!isObject(value)) return String(value);
  return `{${fieldsOf(value)
    .map(([name, field]) => `${name}: ${show(field)}`)
    .join(', ')}}`;
}

function broken(what: string | undefined, expected: string, actual: string): OnceproofError {
  const law = what === undefined ? '' : ` (${what})`;
  return new OnceproofError(
    'OP-E207',
    `The contract is broken${law}: expected ${expected}, got ${actual}`,
    { remedy: 'Compare with the contract beside the type that is implemented' },
  );
}
