// Chance in the real world: a seeded generator whose seed comes from the operating system.

import { randomBytes } from 'node:crypto';

import type { Random } from '../random.ts';
import { SeededRandom } from '../seeded-random.ts';

export function nodeRandom(): Random {
  return new SeededRandom(randomBytes(16).toString('hex'));
}
