// A Random from a seed, over seedrandom's xor128. The generator is linear in its state, so that the
// streams of similar seeds would be correlated; the seed and the labels are hashed first, and the
// hash is the state. Good for simulation and for jitter, not for secrets.

import seedrandom from 'seedrandom';

import { assert } from '../core/assert.ts';
import type { Random } from './random.ts';

const TWO_TO_32 = 0x1_0000_0000;

/** The same path gives the same draws on every machine, and forever: failures are named by it. */
export class SeededRandom implements Random {
  readonly #path: string;
  #generator: { int32(): number } | undefined;

  /** `path` is a seed, or a seed and the labels that lead to this stream, joined by `/`. */
  constructor(path: string) {
    assert(path.length > 0, 'Cannot seed a random stream with an empty text');
    this.#path = path;
  }

  /** A slash inside a label is escaped, to keep `fork('a/b')` apart from `fork('a').fork('b')`. */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.#path}/${label.replaceAll('/', '%2f')}`);
  }

  /** Draws again where a remainder would favor small results: fewer than two draws on average. */
  below(limit: number): number {
    const isLimit = Number.isInteger(limit) && limit >= 1 && limit <= TWO_TO_32;
    assert(isLimit, `Cannot draw below ${limit}: not an integer in 1..2^32`);
    const fair = TWO_TO_32 - (TWO_TO_32 % limit);
    let draw = this.#draw();
    while (draw >= fair) draw = this.#draw();
    return draw % limit;
  }

  fraction(): number {
    return this.#draw() / TWO_TO_32;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  #draw(): number {
    // Seeded at the first draw: most forks are only forked again.
    this.#generator ??= seedrandom.xor128('', { state: initialState(this.#path) });
    return this.#generator.int32() >>> 0;
  }
}

/** 128 bits, never all zero (xor128 would stay there): four lanes of multiply and xor-shift. */
function initialState(path: string): { x: number; y: number; z: number; w: number } {
  let x = 0x243f6a88;
  let y = 0x85a308d3;
  let z = 0x13198a2e;
  let w = 0x03707344;
  for (let index = 0; index < path.length; index++) {
    const unit = path.charCodeAt(index);
    x = y ^ Math.imul(x ^ unit, 0x239b961b);
    y = z ^ Math.imul(y ^ unit, 0xab0e9789);
    z = w ^ Math.imul(z ^ unit, 0x38b34ae5);
    w = x ^ Math.imul(w ^ unit, 0xa1e38b93);
  }
  x = finish(x + z);
  y = finish(y + w + x);
  z = finish(z + y);
  w = finish(w + z);
  return (x | y | z | w) === 0 ? { x: 1, y, z, w } : { x, y, z, w };
}

/** MurmurHash3's finalizer: every input bit flips every output bit with probability one half. */
function finish(lane: number): number {
  let bits = lane | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
