// A clock whose timers all end with it, so that what a job has left scheduled, a heartbeat or a
// timer of a window far ahead, neither runs after the job nor keeps its process alive.

import type { Clock, Timer } from '../environment/clock.ts';

export class BoundedClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  wallTime(): number {
    return this.#clock.wallTime();
  }

  /** Once the clock is closed, `wake` never runs. */
  schedule(delayMs: number, wake: () => void): Timer {
    if (this.#isClosed) return NEVER;
    const timer = this.#clock.schedule(delayMs, () => {
      this.#timers.delete(timer);
      wake();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}

const NEVER: Timer = { cancel: () => {} };
