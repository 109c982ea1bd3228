// Processing time that moves only when a test says so. Timers fire in order of their time, then of
// their registration, and never inside schedule().

import type { Timer } from '../../environment/clock.ts';
import type { ProcessingTimeService } from '../stream-operator.ts';

interface Scheduled {
  readonly timeMs: number;
  readonly wake: (nowMs: number) => void;
}

export class ManualProcessingTime implements ProcessingTimeService {
  #nowMs = 0;
  #scheduled: Scheduled[] = [];

  now(): number {
    return this.#nowMs;
  }

  /** Physical timers that wait, by time: ascending. */
  get scheduledTimes(): readonly number[] {
    return this.#scheduled.map(({ timeMs }) => timeMs).sort((left, right) => left - right);
  }

  schedule(timeMs: number, wake: (nowMs: number) => void): Timer {
    const scheduled = { timeMs, wake };
    this.#scheduled.push(scheduled);
    return {
      cancel: () => {
        this.#scheduled = this.#scheduled.filter((other) => other !== scheduled);
      },
    };
  }

  advanceTo(nowMs: number): void {
    for (;;) {
      const next = this.#nextUntil(nowMs);
      if (next === undefined) break;
      this.#scheduled = this.#scheduled.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.timeMs);
      next.wake(this.#nowMs);
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  #nextUntil(nowMs: number): Scheduled | undefined {
    let earliest: Scheduled | undefined;
    for (const scheduled of this.#scheduled) {
      if (scheduled.timeMs > nowMs) continue;
      if (earliest === undefined || scheduled.timeMs < earliest.timeMs) earliest = scheduled;
    }
    return earliest;
  }
}
