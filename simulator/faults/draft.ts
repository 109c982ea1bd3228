// What drawing faults has in common: what may be drawn, and small choices. Each takes as many draws
// as it took before faults of other kinds were known, so that seeds keep their meaning.

import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import type { Corruption, FaultKind } from './fault.ts';

/** What may be drawn. */
export interface FaultMix {
  /** Each seed includes about half of these. */
  readonly kinds: readonly FaultKind[];
  /** Hosts that may crash, freeze, have wrong clocks and bad disks, and the ends of links. */
  readonly hosts: readonly Address[];
  /** Hosts of the list above that must stay up: clients, the simulated services. */
  readonly sturdy?: readonly Address[];
  /** Hosts that answer HTTP; those of the first list by default. */
  readonly services?: readonly Address[];
  /** The end of the safety phase; every fault begins before. */
  readonly healAtMs: number;
  /** At most this many faults of one kind; 4 by default. */
  readonly maxPerKind?: number;
  /** Where disk faults strike, by path prefix; everywhere by default. */
  readonly pathPrefixes?: readonly string[];
  /** Where those strike that nobody is told of; as the others by default. */
  readonly silentPrefixes?: readonly string[];
  /** Checkpoints that a run may complete at most; corruption strikes after one of them. */
  readonly checkpointsMax?: number;
  /** What corruption may do; what a disk does by default. */
  readonly corruptions?: readonly Corruption[];
  /** Of the engine, where it may be made to choose what it hardly ever does. */
  readonly sites?: readonly string[];
  /** Of the job that operators deal with. */
  readonly operations?: OperationMix;
}

export interface OperationMix {
  /** Up to this a job may be rescaled. */
  readonly parallelismMax: number;
  /** In which ways. */
  readonly rescaleVia: readonly ('savepoint' | 'failover')[];
  /** Between which it may be switched. */
  readonly stateBackends: readonly string[];
  /** Points of a run that an operation may wait for, each for one of its first few times. */
  readonly marks: readonly string[];
}

/** What one fault is drawn with. */
export interface Draft {
  readonly dice: Random;
  readonly mix: FaultMix;
}

export function pick<T>({ dice }: Draft, choices: readonly T[]): T {
  return choices[dice.below(choices.length)] as T;
}

/** One that may crash and freeze; undefined where none may. */
export function pickFrail(draft: Draft): Address | undefined {
  const { hosts, sturdy = [] } = draft.mix;
  const frail = hosts.filter((host) => !sturdy.includes(host));
  return frail.length === 0 ? undefined : pick(draft, frail);
}

export function momentOf({ dice, mix }: Draft): number {
  return dice.below(mix.healAtMs);
}

/** At least 1 ms long, and inside the safety phase. */
export function windowOf(draft: Draft): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = momentOf(draft);
  return { fromMs, toMs: fromMs + 1 + draft.dice.below(draft.mix.healAtMs - fromMs) };
}
