// How many requests a server takes within a second of its clock; what is beyond that is refused,
// and does not count.

import type { Clock } from '../../../engine/environment/clock.ts';

const WINDOW_MS = 1000;

export class RateLimit {
  readonly #clock: Clock;
  readonly #limit: number | undefined;
  /** When those of the last second came, in order. */
  #admitted: readonly number[] = [];

  constructor(clock: Clock, limit: number | undefined) {
    this.#clock = clock;
    this.#limit = limit;
  }

  admits(): boolean {
    if (this.#limit === undefined) return true;
    const now = this.#clock.now();
    const recent = this.#admitted.filter((atMs) => atMs > now - WINDOW_MS);
    const isAdmitted = recent.length < this.#limit;
    this.#admitted = isAdmitted ? [...recent, now] : recent;
    return isAdmitted;
  }
}
