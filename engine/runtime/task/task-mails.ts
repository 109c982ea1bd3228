// From the outcome of I/O to the mail that carries on with it.

import { InvariantViolation } from '../../core/assert.ts';
import { describeError, OnceproofError } from '../../core/errors.ts';
import type { Outcome } from '../actor/actor-system.ts';
import type { ToTask } from '../messages.ts';

export function settle<T>(
  outcome: Outcome<T>,
  done: (value: T) => void,
  failed: (cause: unknown) => void,
): ToTask {
  return {
    kind: 'call',
    run: () => (outcome.kind === 'done' ? done(outcome.value) : failed(outcome.cause)),
  };
}

export function withLabel(label: string, cause: unknown): unknown {
  if (cause instanceof OnceproofError || cause instanceof InvariantViolation) return cause;
  return new OnceproofError('OP-E605', `Cannot ${label}: ${describeError(cause)}`, { cause });
}
