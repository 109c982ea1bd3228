// Generators for GeneratorSource: record i is a hash of seed and i, so that it looks random, and is
// the same whenever it is generated again, in whatever order and on whatever subtask. Not for
// secrets.

import { OnceproofError } from '../core/errors.ts';

const TWO_TO_32 = 0x1_0000_0000;

/** What GeneratorSource takes: `new GeneratorSource({ name, ...sequence(1, 100) })`. */
export function sequence(
  first: number,
  last: number,
): { readonly count: number; readonly generate: (index: number) => number } {
  return { count: Math.max(0, last - first + 1), generate: (index) => first + index };
}

/** Uniform integers in min..max. */
export function randomInteger(seed: number, min: number, max: number): (index: number) => number {
  const span = max - min + 1;
  if (!Number.isSafeInteger(span) || span < 1 || span > TWO_TO_32) {
    throw new OnceproofError('OP-E302', `Cannot generate integers in ${min}..${max}`, {
      place: 'randomInteger()',
      remedy: 'Give whole numbers with min <= max and at most 2^32 values between them',
    });
  }
  return (index) => min + Math.floor(randomFractionAt(seed, index) * span);
}

/** Uniform numbers in [0, 1), with 32 bits of randomness. */
export function randomFraction(seed: number): (index: number) => number {
  return (index) => randomFractionAt(seed, index);
}

/** One of `values`, each as likely as the others. */
export function randomChoice<T>(seed: number, values: readonly T[]): (index: number) => T {
  if (values.length === 0) {
    throw new OnceproofError('OP-E302', 'Cannot choose a value: there are none to choose from', {
      place: 'randomChoice()',
      remedy: 'Give at least one value',
    });
  }
  // The index is below the length, which is not 0.
  return (index) => values[Math.floor(randomFractionAt(seed, index) * values.length)] as T;
}

function randomFractionAt(seed: number, index: number): number {
  let bits = finish((seed | 0) ^ 0x9e3779b9);
  bits = finish(bits ^ (index | 0));
  bits = finish(bits ^ Math.floor(index / TWO_TO_32));
  return (bits >>> 0) / TWO_TO_32;
}

/** MurmurHash3's finalizer: every input bit flips every output bit with probability one half. */
function finish(lane: number): number {
  let bits = lane | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
