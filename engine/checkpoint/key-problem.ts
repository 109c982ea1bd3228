// Which errors say nothing about a checkpoint, only that it cannot be opened with the keys there
// are.

import { OnceproofError } from '../core/errors.ts';

/** Mended by other settings alone: no older checkpoint and no other copy would do instead. */
export function isKeyProblem(error: unknown): boolean {
  return error instanceof OnceproofError && KEY_PROBLEMS.has(error.code);
}

const KEY_PROBLEMS = new Set(['OP-E570', 'OP-E571', 'OP-E572', 'OP-E573', 'OP-E574']);
