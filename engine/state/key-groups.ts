// Which subtask owns a key. A key falls into one of `maxParallelism` key groups, a subtask owns a
// range of them: rescaling moves whole groups and never splits one. Every checkpoint was laid out
// by these formulas, which are Flink's, so they must give the same answer everywhere and forever.

import { assert } from '../core/assert.ts';
import { OnceproofError } from '../core/errors.ts';
import { murmurHash } from '../core/hash.ts';
import { keyHashCode } from './lookup-key.ts';
import type { KeyGroupRange } from './state-handle.ts';

/** 2^15 keeps the products below 2^31, as in Flink. */
const MAX_PARALLELISM_LIMIT = 32_768;
/** Room to grow for small jobs; a key group costs next to nothing. */
const DEFAULT_MAX_PARALLELISM_FLOOR = 128;

/** The key group of `key`, in 0..maxParallelism-1. */
export function keyGroupOf(key: unknown, maxParallelism: number): number {
  return murmurHash(keyHashCode(key)) % maxParallelism;
}

/** The subtask that owns `keyGroup`. */
export function operatorIndexOf(
  keyGroup: number,
  parallelism: number,
  maxParallelism: number,
): number {
  assert(keyGroup >= 0 && keyGroup < maxParallelism, 'Cannot place a key group: out of range');
  return Math.floor((keyGroup * parallelism) / maxParallelism);
}

/** Inclusive at both ends. Ranges of all subtasks are contiguous and cover 0..maxParallelism-1. */
export function keyGroupRangeOf(options: {
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
}): KeyGroupRange {
  const { subtaskIndex, parallelism, maxParallelism } = options;
  checkParallelism(parallelism, maxParallelism);
  const isSubtask = subtaskIndex >= 0 && subtaskIndex < parallelism;
  assert(isSubtask, `Cannot place subtask ${subtaskIndex} of ${parallelism}`);
  return {
    first: Math.floor((subtaskIndex * maxParallelism + parallelism - 1) / parallelism),
    last: Math.floor(((subtaskIndex + 1) * maxParallelism - 1) / parallelism),
  };
}

/** The power of two that leaves half as much again of `parallelism`, in 128..32768. */
export function defaultMaxParallelism(parallelism: number): number {
  checkParallelism(parallelism, MAX_PARALLELISM_LIMIT);
  let power = DEFAULT_MAX_PARALLELISM_FLOOR;
  while (power < parallelism + Math.floor(parallelism / 2)) power *= 2;
  return Math.min(power, MAX_PARALLELISM_LIMIT);
}

/** OP-E311 and OP-E312: out of bounds. OP-E310: more subtasks than key groups. */
export function checkParallelism(parallelism: number, maxParallelism: number): void {
  if (!isCount(maxParallelism) || maxParallelism > MAX_PARALLELISM_LIMIT) {
    throw new OnceproofError('OP-E311', `Cannot use ${maxParallelism} as maximum parallelism`, {
      place: 'maxParallelism',
      remedy: `Set the maximum parallelism to an integer in 1..${MAX_PARALLELISM_LIMIT}`,
    });
  }
  if (!isCount(parallelism)) {
    throw new OnceproofError('OP-E312', `Cannot use ${parallelism} as parallelism`, {
      place: 'parallelism',
      remedy: 'Set the parallelism to an integer of at least 1',
    });
  }
  if (parallelism <= maxParallelism) return;
  throw new OnceproofError(
    'OP-E310',
    `Cannot run ${parallelism} subtasks: the maximum parallelism is ${maxParallelism}`,
    {
      place: 'parallelism',
      remedy:
        `Lower the parallelism to ${maxParallelism} or less; the maximum parallelism can be ` +
        'raised only in a job that starts without old state',
    },
  );
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
