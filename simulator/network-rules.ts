// Rules of a simulated network: each looks at one message, returns a verdict and owns its dice, so
// that adding or removing a rule never changes what another one decides. They know no host.

import { assert } from '../engine/core/assert.ts';
import type { Address } from '../engine/environment/network.ts';
import type { Random } from '../engine/environment/random.ts';

/** A message at the moment it is sent. */
export interface Packet {
  readonly from: Address;
  readonly to: Address;
  readonly sizeBytes: number;
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
  | { readonly kind: 'duplicate'; readonly afterMs: number };

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
