// Rules of a simulated network: each looks at one message, returns a verdict and owns its dice, so
// that adding or removing a rule never changes what another one decides. They know no host.
// Rules without dice are in `link-rules.ts`.

import { assert } from '../engine/core/assert.ts';
import type { Address } from '../engine/environment/network.ts';
import type { Random } from '../engine/environment/random.ts';

/** A message at the moment it is sent. */
export interface Packet {
  readonly from: Address;
  readonly to: Address;
  readonly bytes: Uint8Array;
  /** A segment below HTTP, and no message of a program. */
  readonly isSegment: boolean;
  readonly atMs: number;
}

export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  /** Arrives this much later, and does not hold back the messages behind it. */
  | { readonly kind: 'delay'; readonly byMs: number }
  /** Arrives later, and so does everything sent after it on the link. */
  | { readonly kind: 'slow'; readonly byMs: number }
  /** Arrives a second time, this much after the first. */
  | { readonly kind: 'duplicate'; readonly afterMs: number }
  /** Arrives with these of its bits turned over, counted from the first of its first byte. */
  | { readonly kind: 'alter'; readonly bits: readonly number[] };

/** Asked once about every message that is sent. */
export type Rule = (packet: Packet) => Verdict;

const PASS: Verdict = { kind: 'pass' };
const DROP: Verdict = { kind: 'drop' };

/** Loses one message in `oneIn`. */
export function lossy(random: Random, oneIn: number): Rule {
  const dice = random.fork('lossy');
  return () => (dice.below(oneIn) === 0 ? DROP : PASS);
}

/** Delivers one message in `oneIn` twice, the copy up to `maxMs` later. */
export function duplicating(random: Random, oneIn: number, maxMs: number): Rule {
  const dice = random.fork('duplicating');
  return () => {
    if (dice.below(oneIn) !== 0) return PASS;
    return { kind: 'duplicate', afterMs: dice.below(maxMs + 1) };
  };
}

/** Holds back one message in `oneIn` by up to `maxMs`, so that later ones overtake it. */
export function reordering(random: Random, oneIn: number, maxMs: number): Rule {
  assert(maxMs >= 1, `Cannot reorder by up to ${maxMs} ms`);
  const dice = random.fork('reordering');
  return () => {
    if (dice.below(oneIn) !== 0) return PASS;
    return { kind: 'delay', byMs: 1 + dice.below(maxMs) };
  };
}

/** Longer bursts are as easy to notice, and 32 bits the shortest that some checksums miss. */
const ALTERED_BITS_MAX = 4;

/**
 * Turns over some bits of one message in `oneIn`. Below HTTP there is TCP, which notices that and
 * drops the segment.
 */
export function altering(random: Random, oneIn: number): Rule {
  const dice = random.fork('altering');
  return ({ bytes, isSegment }) => {
    if (dice.below(oneIn) !== 0) return PASS;
    const count = 1 + dice.below(ALTERED_BITS_MAX);
    const draws = Array.from({ length: count }, () => dice.below(2 ** 30));
    if (isSegment) return DROP;
    if (bytes.length === 0) return PASS;
    // The same bit twice would be no bit at all.
    return { kind: 'alter', bits: [...new Set(draws.map((draw) => draw % (bytes.length * 8)))] };
  };
}
