// OP-E401: a value that a serializer cannot represent. The error names the place inside the value,
// written as the expression that leads there, `record.user.callback`, and what was found.

import { OnceproofError } from '../../core/errors.ts';

const ROOT = 'record';
const CODE = 'OP-E401';
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** `step` leads from the root to the culprit: '.user.callback', '[3]', '' for the value itself. */
export function notSerializable(step: string, found: string, remedy: string): OnceproofError {
  const place = ROOT + step;
  return new OnceproofError(CODE, `Cannot serialize ${place}: ${found}`, { place, remedy });
}

/** A typed serializer met a value of another type. */
export function wrongType(expected: string, value: unknown): OnceproofError {
  return notSerializable(
    '',
    `${describeType(value)} where the serializer takes ${expected}`,
    `Give ${expected}, or declare another serializer for this place`,
  );
}

/** Puts `step` in front of the path, on the way out of a container. Other errors pass unchanged. */
export function within(error: unknown, step: string): unknown {
  if (!(error instanceof OnceproofError) || error.code !== CODE) return error;
  const inner = (error.place ?? ROOT).slice(ROOT.length);
  const found = error.message.slice(`Cannot serialize ${ROOT}${inner}: `.length);
  return notSerializable(step + inner, found, error.remedy ?? '');
}

export function propertyStep(name: string): string {
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return 'a plain object';
  const name: unknown = value.constructor?.name;
  return `an instance of ${typeof name === 'string' && name !== '' ? name : 'a class'}`;
}
