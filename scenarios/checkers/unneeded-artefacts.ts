// Keeps account of the artefacts that are there and of who needs each, event by event, and tells
// which of them nobody has needed for long. What was there needlessly before all faults were over
// does not count, nor what its writer brought when it was unneeded already: that goes in the end.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { History } from './checker.ts';
import type { StorageEvent } from './observations.ts';
import { RetainedCheckpoints } from './retained.ts';

interface Unneeded {
  readonly sinceMs: number;
  completions: number;
}

const CHECKPOINT = /\/chk-([0-9]+)\//;
/** Its user's, to be kept or deleted. */
const OF_SAVEPOINT = /\/savepoint-[^/]+\//;

export class UnneededArtefacts {
  readonly #quietMs: number;
  readonly #retained: RetainedCheckpoints;
  readonly #writtenFor = new Map<string, number>();
  readonly #present = new Set<string>();
  /** Was needed once, so that somebody has to notice when it is not any more. */
  readonly #accounted = new Set<string>();
  readonly #unneeded = new Map<string, Unneeded>();
  readonly #pending = new Set<number>();
  /** The job's own copy of a savepoint's metadata: the next leader sweeps it up, nobody before. */
  readonly #leftToLeaders = new Set<number>();
  #newest = 0;
  /** Whatever was begun before the last deployment is over, and was swept up then. */
  #begunByEarlier = 0;
  #begun = 0;
  #isOver = false;

  constructor(history: History) {
    const { storage = [], retainedCheckpoints = 1, hadStorageFaults = false } = history;
    const { healedAtMs = Number.POSITIVE_INFINITY } = history;
    // What could not be removed is not tried again before the end, or the next leader.
    this.#quietMs = hadStorageFaults ? healedAtMs : 0;
    this.#retained = new RetainedCheckpoints(retainedCheckpoints, storage);
  }

  get unneededCount(): number {
    return this.#unneeded.size;
  }

  saw(seen: StorageEvent): void {
    if (seen.kind === 'job-over') this.#isOver = true;
    this.#retained.follow(seen);
    if (seen.kind === 'artefact-written') this.#writtenFor.set(seen.path, seen.checkpoint);
    if (seen.kind !== 'artefacts') return;
    for (const path of seen.removed) {
      this.#present.delete(path);
      this.#unneeded.delete(path);
      this.#accounted.delete(path);
    }
    for (const path of seen.appeared) {
      this.#present.add(path);
      // Somebody has to take care of what comes late for one that was given up, too.
      const overUpTo = Math.max(this.#newest, this.#begunByEarlier);
      if (this.#isNeeded(path, overUpTo)) this.#accounted.add(path);
    }
  }

  happened(timeMs: number, event: EngineEvent): void {
    this.#retained.happened(event);
    switch (event.kind) {
      case 'checkpoint-triggered':
        this.#pending.add(event.checkpoint);
        this.#begun = Math.max(this.#begun, event.checkpoint);
        break;
      case 'checkpoint-aborted':
        if (event.checkpoint !== undefined) this.#pending.delete(event.checkpoint);
        break;
      case 'checkpoint-completed':
        this.#pending.delete(event.checkpoint);
        if (event.savepoint) this.#leftToLeaders.add(event.checkpoint);
        this.#newest = Math.max(this.#newest, event.checkpoint);
        break;
      case 'leader-elected':
        this.#pending.clear();
        this.#leftToLeaders.clear();
        // It sweeps up what earlier ones could not remove any more.
        this.#unneeded.clear();
        break;
      case 'job-restoring':
        this.#begunByEarlier = this.#begun;
        break;
      default:
        return;
    }
    this.#settle(timeMs, event.kind === 'checkpoint-completed');
  }

  overdue(limits: {
    readonly timeMs: number;
    readonly completionsMax: number;
    readonly unneededMsMax: number;
  }): readonly string[] {
    if (this.#isOver) return [];
    const { timeMs, completionsMax, unneededMsMax } = limits;
    return [...this.#unneeded]
      .filter(([, { sinceMs }]) => sinceMs >= this.#quietMs && timeMs - sinceMs > unneededMsMax)
      .filter(([, { completions }]) => completions > completionsMax)
      .map(([path]) => path);
  }

  #settle(timeMs: number, isCompletion: boolean): void {
    for (const path of this.#present) {
      if (this.#isNeeded(path, this.#begun)) {
        this.#accounted.add(path);
        this.#unneeded.delete(path);
        continue;
      }
      if (!this.#accounted.has(path)) continue;
      const known = this.#unneeded.get(path);
      if (known === undefined) this.#unneeded.set(path, { sinceMs: timeMs, completions: 0 });
      else if (isCompletion) known.completions++;
    }
  }

  /** Of one under way too, and of those above `overUpTo`, whose triggering nobody has heard of. */
  #isNeeded(path: string, overUpTo: number): boolean {
    if (OF_SAVEPOINT.test(path) || this.#retained.mayNeed(path)) return true;
    const of = CHECKPOINT.exec(path)?.[1];
    const checkpoint = of === undefined ? this.#writtenFor.get(path) : Number(of);
    if (checkpoint === undefined) return false;
    if (this.#leftToLeaders.has(checkpoint)) return true;
    return this.#pending.has(checkpoint) || checkpoint > overUpTo;
  }
}
