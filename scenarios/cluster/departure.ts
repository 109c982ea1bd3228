// A run that goes another way: up to some step it is the run that it was, and from there on chance
// follows from another seed, and faults that had not begun are others. So one past gets many
// futures, and what they have in common had been decided before.

import { assert } from '../../engine/core/assert.ts';
import type { Random } from '../../engine/environment/random.ts';
import {
  type Fault,
  type FaultKind,
  type FaultPlan,
  type Mark,
  SeededRandom,
} from '../../simulator/index.ts';
import type { Scenario } from '../scenario.ts';
import { planOf } from './planned-faults.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

export interface Departure {
  /** The first step that may differ, counted from 1. */
  readonly beforeStep: number;
  /** When the step before it happened, and what had been announced by then. */
  readonly timeMs: number;
  /** Kinds of faults that begin at that very time, and not before this step. */
  readonly pending: readonly FaultKind[];
  readonly marks: readonly (Mark & { readonly timeMs: number })[];
  /** Of chance from there on. */
  readonly seed: string;
}

/** `random` until the step, the other chance from there on. */
export function departed(
  random: Random,
  { beforeStep, seed }: Departure,
  stepNow: () => number,
): Random {
  const stage = { beforeStep, stepNow };
  return new DepartedRandom(random, new SeededRandom(seed), stage);
}

/** What had begun stays; of what is drawn anew, what begins later is added. */
export function departingPlan(
  past: FaultPlan,
  departure: Departure,
  scenario: Scenario,
  cluster: SimulatedCluster,
): FaultPlan {
  const future = planOf(scenario, new SeededRandom(departure.seed), cluster);
  return {
    healAtMs: past.healAtMs,
    faults: [
      ...past.faults.filter((fault) => hasBegun(fault, departure)),
      ...future.faults.filter((fault) => isToCome(fault, departure)),
    ],
  };
}

function hasBegun(fault: Fault, departure: Departure): boolean {
  if (fault.kind === 'crash-point') return fault.beforeStep < departure.beforeStep;
  if (isFromTheStart(fault)) return true;
  const startMs = startOf(fault, departure);
  if (startMs === undefined || startMs > departure.timeMs) return false;
  return startMs < departure.timeMs || !departure.pending.includes(fault.kind);
}

/** A fault that waits for what has happened already would never strike. */
function isToCome(fault: Fault, departure: Departure): boolean {
  if (fault.kind === 'crash-point' || isFromTheStart(fault)) return false;
  const startMs = startOf(fault, departure);
  if (startMs === undefined) return true;
  return fault.after === undefined && startMs > departure.timeMs;
}

/** Staged before the first step. */
function isFromTheStart({ kind, after }: Fault): boolean {
  return kind === 'clock-offset' && after === undefined;
}

/** Undefined while what it waits for has not happened. */
function startOf(fault: Exclude<Fault, CrashPoint>, { marks }: Departure): number | undefined {
  const { after } = fault;
  const base = after === undefined ? 0 : timeOf(after, marks);
  if (base === undefined) return undefined;
  if (fault.kind === 'corrupt-checkpoint') {
    return timeOf({ mark: 'checkpoint-completed', nth: fault.afterCheckpoint }, marks);
  }
  if (fault.kind === 'clock-offset') return base;
  return base + ('atMs' in fault ? fault.atMs : fault.fromMs);
}

type CrashPoint = Extract<Fault, { readonly kind: 'crash-point' }>;

function timeOf({ mark, nth }: Mark, marks: Departure['marks']): number | undefined {
  return marks.find((reached) => reached.mark === mark && reached.nth === nth)?.timeMs;
}

interface Stage {
  readonly beforeStep: number;
  readonly stepNow: () => number;
}

class DepartedRandom implements Random {
  readonly #before: Random;
  readonly #after: Random;
  readonly #stage: Stage;
  #hasLeft = false;

  constructor(before: Random, after: Random, stage: Stage) {
    this.#before = before;
    this.#after = after;
    this.#stage = stage;
  }

  fork(label: string): Random {
    return new DepartedRandom(this.#before.fork(label), this.#after.fork(label), this.#stage);
  }

  below(limit: number): number {
    return this.#now().below(limit);
  }

  fraction(): number {
    return this.#now().fraction();
  }

  chance(probability: number): boolean {
    return this.#now().chance(probability);
  }

  #now(): Random {
    if (!this.#hasLeft) {
      const { beforeStep, stepNow } = this.#stage;
      assert(beforeStep >= 1, `Cannot depart before step ${beforeStep}: steps count from 1`);
      this.#hasLeft = stepNow() >= beforeStep;
    }
    return this.#hasLeft ? this.#after : this.#before;
  }
}
