// When periodic checkpoints are asked for: at a fixed rate, the first after a random delay so that
// many jobs started together do not write together. It only asks; whether one runs is decided
// elsewhere.

import { assert } from '../core/assert.ts';
import type { Clock, Timer } from '../environment/clock.ts';
import type { Random } from '../environment/random.ts';

export interface CheckpointSchedulerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly intervalMs: number;
  readonly minPauseMs: number;
  readonly fire: () => void;
}

export class CheckpointScheduler {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #intervalMs: number;
  readonly #minPauseMs: number;
  readonly #fire: () => void;
  #timer: Timer | undefined;

  constructor(options: CheckpointSchedulerOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#minPauseMs = options.minPauseMs;
    // A pause longer than the interval would have every other request turned away.
    this.#intervalMs = Math.max(options.intervalMs, options.minPauseMs);
    this.#fire = options.fire;
    assert(this.#intervalMs > 0, `Cannot schedule checkpoints every ${this.#intervalMs} ms`);
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  start(): void {
    this.stop();
    const spread = this.#intervalMs - this.#minPauseMs;
    this.#plan(this.#clock.now() + this.#minPauseMs + this.#random.below(spread + 1));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Moves the whole rhythm, so that the next request comes when it will not be turned away. */
  postpone(delayMs: number): void {
    if (!this.isRunning) return;
    this.stop();
    this.#plan(this.#clock.now() + delayMs);
  }

  #plan(atMs: number): void {
    const delayMs = Math.max(0, atMs - this.#clock.now());
    this.#timer = this.#clock.schedule(delayMs, () => {
      // The next beat is planned first: what `fire` decides may postpone it.
      this.#plan(this.#nextBeat(atMs));
      this.#fire();
    });
  }

  /** Beats missed while the host was paused are skipped, not made up for. */
  #nextBeat(previousMs: number): number {
    const missed = Math.floor((this.#clock.now() - previousMs) / this.#intervalMs);
    return previousMs + this.#intervalMs * (1 + Math.max(0, missed));
  }
}
