// Paces records by the clock: n records may leave in floor(elapsed * rate / 1000) at any moment,
// counted from its creation. What was not used is kept for one second and then lost, so that a
// reader which was held back does not flood what comes after it.

import { assert } from '../core/assert.ts';

/** How much of the unused allowance is kept. */
const BURST_MS = 1000;

export class RateLimiter {
  readonly #recordsPerSecond: number;
  readonly #burst: number;
  #startMs: number;
  #used = 0;

  constructor(recordsPerSecond: number, nowMs: number) {
    assert(recordsPerSecond > 0, `Cannot pace by ${recordsPerSecond} records per second`);
    this.#recordsPerSecond = recordsPerSecond;
    this.#burst = Math.max(1, Math.floor((recordsPerSecond * BURST_MS) / 1000));
    this.#startMs = nowMs;
  }

  /** How many records may leave now, at most `limit`. */
  available(nowMs: number, limit: number): number {
    const allowed = this.#allowedBy(nowMs);
    if (allowed - this.#used > this.#burst) {
      this.#startMs = nowMs - Math.floor((this.#burst * 1000) / this.#recordsPerSecond);
      this.#used = 0;
    }
    return Math.min(limit, this.#allowedBy(nowMs) - this.#used);
  }

  use(count: number): void {
    this.#used += count;
  }

  /** When the next record may leave, as a delay from now; at least 1 where none may leave now. */
  delayMs(nowMs: number): number {
    const dueMs = this.#startMs + Math.ceil(((this.#used + 1) * 1000) / this.#recordsPerSecond);
    return Math.max(1, dueMs - nowMs);
  }

  #allowedBy(nowMs: number): number {
    return Math.floor(((nowMs - this.#startMs) * this.#recordsPerSecond) / 1000);
  }
}
