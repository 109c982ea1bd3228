// In which order events run that are ready at the same virtual time, as data. Whatever the policy,
// a lane keeps its order: the messages of a link, a host's timers, its I/O, and what the world
// does.

import { unreachable } from '../../engine/core/assert.ts';
import type { Random } from '../../engine/environment/random.ts';
import { type Chooser, delayBoundedChooser, pctChooser, randomChooser } from './choosers.ts';

export type SchedulePolicy =
  /** In the order in which they were asked for. */
  | { readonly kind: 'fifo' }
  /** Each lane is as likely as the others. */
  | { readonly kind: 'random' }
  /**
   * Probabilistic concurrency testing (Burckhardt and others, 2010): lanes have priorities, and
   * `depth` - 1 times the lane that is about to run falls behind all others. Of n lanes and
   * `choices` choices, a bug that takes `depth` orderings is found with a probability of at least
   * 1 / (n × choices^(depth - 1)).
   */
  | { readonly kind: 'pct'; readonly depth: number; readonly choices: number }
  /**
   * First in, first out, but for at most `delays` moments among the first `choices` choices
   * (Emmi and others, 2011): there the lane whose turn it is waits for all that is ready then.
   */
  | { readonly kind: 'delay-bounded'; readonly delays: number; readonly choices: number };

export const FIFO: SchedulePolicy = { kind: 'fifo' };

/**
 * A run of a scenario has some hundred choices or a few thousand; what matters comes early, too.
 */
const CHOICES = [64, 128, 256, 512, 1_024, 2_048, 4_096] as const;
const DEPTH_MAX = 4;
const DELAYS_MAX = 8;
/** Of this many runs, one is of each policy but for the first, which has the rest. */
const SWARM = 8;

/** Mostly the order that everything else is tuned to; of the others some. */
export function drawPolicy(random: Random): SchedulePolicy {
  const which = random.below(SWARM);
  const choices = CHOICES[random.below(CHOICES.length)] ?? 64;
  if (which === 1) return { kind: 'random' };
  if (which === 2) return { kind: 'pct', depth: 1 + random.below(DEPTH_MAX), choices };
  if (which === 3) return { kind: 'delay-bounded', delays: 1 + random.below(DELAYS_MAX), choices };
  return FIFO;
}

/** Undefined where there is nothing to choose. */
export function chooserOf(policy: SchedulePolicy, random: Random): Chooser | undefined {
  switch (policy.kind) {
    case 'fifo':
      return undefined;
    case 'random':
      return randomChooser(random);
    case 'pct':
      return pctChooser(random, policy);
    case 'delay-bounded':
      return delayBoundedChooser(random, policy);
    default:
      return unreachable(policy);
  }
}
