// Chance in the real world: a seeded generator whose seed comes from the operating system.

import { randomBytes } from 'node:crypto';

import type { Random } from '../random.ts';
import { SeededRandom } from '../seeded-random.ts';

export function nodeRandom(): Random {
  return new SeededRandom(randomBytes(16).toString('hex'));
}

/** Of the operating system, fit for cryptography; a view that nobody else writes to. */
export function nodeRandomBytes(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
