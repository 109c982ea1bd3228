// Who goes first among lanes that are ready: the three ways in which that is not the one that has
// waited longest. A draw that gives the least always means to go on as first in, first out.

import { assert, present } from '../../engine/core/assert.ts';
import type { Random } from '../../engine/environment/random.ts';

/**
 * Given the lanes that are ready, at least two and in the order in which their first events were
 * asked for: the index of the one to run.
 */
export type Chooser = (lanes: readonly string[]) => number;

export function randomChooser(random: Random): Chooser {
  return (lanes) => random.below(lanes.length);
}

interface PctOptions {
  readonly depth: number;
  readonly choices: number;
}

export function pctChooser(random: Random, { depth, choices }: PctOptions): Chooser {
  assert(depth >= 1 && choices >= 1, `Cannot choose with depth ${depth} among ${choices}`);
  const priorities = new Map<string, number>();
  // Lanes that fall get one of 1..depth-1, each another; the others are at or above `depth`.
  const changes = pointsOf(random.fork('changes'), depth - 1, choices);
  const first = random.fork('priorities');
  let choice = 0;
  const priorityOf = (lane: string): number => {
    const known = priorities.get(lane);
    if (known !== undefined) return known;
    const priority = depth + first.fraction();
    priorities.set(lane, priority);
    return priority;
  };
  return (lanes) => {
    const ranks = lanes.map(priorityOf);
    const fallen = changes.indexOf(choice);
    choice += 1;
    if (fallen >= 0) {
      const index = greatest(ranks);
      priorities.set(present(lanes[index], 'Cannot choose among no lanes'), fallen + 1);
      ranks[index] = fallen + 1;
    }
    return greatest(ranks);
  };
}

/** Of equal ones the first. */
function greatest(ranks: readonly number[]): number {
  return ranks.reduce((best, rank, index) => (rank > (ranks[best] ?? 0) ? index : best), 0);
}

interface DelayOptions {
  readonly delays: number;
  readonly choices: number;
}

export function delayBoundedChooser(random: Random, { delays, choices }: DelayOptions): Chooser {
  assert(choices >= 1, `Cannot delay among ${choices} choices`);
  const points = pointsOf(random.fork('delays'), delays, choices);
  /** Lanes that wait, each for the lanes that were ready when its turn was taken. */
  const waiting = new Map<string, Set<string>>();
  let choice = 0;
  const firstFree = (lanes: readonly string[]): number => {
    const index = lanes.findIndex((lane) => !mustWait(waiting, lane, lanes));
    return Math.max(0, index);
  };
  return (lanes) => {
    for (const point of points) {
      if (point !== choice) continue;
      const lane = present(lanes[firstFree(lanes)], 'Cannot choose among no lanes');
      waiting.set(lane, new Set(lanes.filter((other) => other !== lane)));
    }
    choice += 1;
    const chosen = firstFree(lanes);
    settle(waiting, present(lanes[chosen], 'Cannot choose among no lanes'));
    return chosen;
  };
}

function mustWait(
  waiting: ReadonlyMap<string, ReadonlySet<string>>,
  lane: string,
  ready: readonly string[],
): boolean {
  const others = waiting.get(lane);
  return others !== undefined && ready.some((other) => others.has(other));
}

/** A lane that has run is waited for no longer, and waits no longer itself. */
function settle(waiting: Map<string, Set<string>>, lane: string): void {
  waiting.delete(lane);
  for (const others of waiting.values()) others.delete(lane);
}

/** Numbers of choices, counted from 0; the same may come twice. */
function pointsOf(random: Random, count: number, choices: number): readonly number[] {
  return Array.from({ length: count }, () => random.below(choices));
}
