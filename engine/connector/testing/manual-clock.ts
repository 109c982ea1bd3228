// A Clock that a test moves by hand. Timers run inside advance(), in order of deadline, then of
// request.

import { assert } from '../../core/assert.ts';
import type { Clock, Timer } from '../../environment/clock.ts';

interface Waiting {
  readonly atMs: number;
  readonly wake: () => void;
}

export class ManualClock implements Clock {
  #nowMs = 0;
  #waiting: Waiting[] = [];

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, wake: () => void): Timer {
    assert(delayMs >= 0, `Cannot schedule ${delayMs} ms from now`);
    const entry = { atMs: this.#nowMs + delayMs, wake };
    this.#waiting.push(entry);
    return {
      cancel: () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== entry);
      },
    };
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      const due = next;
      this.#waiting = this.#waiting.filter((waiting) => waiting !== due);
      this.#nowMs = due.atMs;
      due.wake();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.atMs > untilMs) continue;
      if (first === undefined || waiting.atMs < first.atMs) first = waiting;
    }
    return first;
  }
}
