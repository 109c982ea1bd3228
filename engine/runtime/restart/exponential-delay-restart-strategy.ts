// Waits longer after every failure, up to a maximum, and starts over after a long quiet time.
// Jitter keeps many jobs that failed together from restarting together. Failures during the wait
// are part of the attempt that is waited for.

import { assert, present } from '../../core/assert.ts';
import type { Clock } from '../../environment/clock.ts';
import type { Random } from '../../environment/random.ts';
import type { RestartStrategyConfig } from '../../graph/restart-strategy-config.ts';

type ExponentialDelay = Omit<Extract<RestartStrategyConfig, { kind: 'exponential-delay' }>, 'kind'>;

/** Far beyond any maximum, and far from infinity. */
const FACTOR_MAX = 2 ** 40;
/** A draw has 32 bits. */
const SPREAD_MAX_MS = 2 ** 31 - 1;

export class ExponentialDelayRestartStrategy {
  readonly #config: ExponentialDelay;
  readonly #clock: Clock;
  readonly #random: Random;
  #attempt = 0;
  /**
   * multiplier^attempt, multiplied step by step: powers differ between engines, products do not.
   */
  #factor = 1;
  #nextRestartMs: number | undefined;

  constructor(config: ExponentialDelay, clock: Clock, random: Random) {
    assert(config.initialBackoffMs >= 1, 'Cannot back off by less than 1 ms');
    assert(config.backoffMultiplier > 1, 'Cannot grow a backoff by a factor of 1 or less');
    this.#config = config;
    this.#clock = clock;
    this.#random = random;
  }

  notifyFailure(): boolean {
    const nowMs = this.#clock.now();
    if (this.#nextRestartMs !== undefined) {
      if (nowMs <= this.#nextRestartMs) return false;
      const quietMs = nowMs - this.#nextRestartMs;
      if (quietMs >= this.#config.resetBackoffThresholdMs) this.#reset();
    }
    this.#nextRestartMs = nowMs + this.#drawBackoffMs();
    this.#attempt += 1;
    this.#factor = Math.min(this.#factor * this.#config.backoffMultiplier, FACTOR_MAX);
    return true;
  }

  canRestart(): boolean {
    return this.#attempt <= this.#config.attemptsBeforeResetBackoff;
  }

  backoffMs(): number {
    const nextMs = present(this.#nextRestartMs, 'Cannot tell a backoff before the first failure');
    return Math.max(0, nextMs - this.#clock.now());
  }

  #drawBackoffMs(): number {
    const { initialBackoffMs, maxBackoffMs, jitterFactor } = this.#config;
    const baseMs = Math.trunc(this.#baseMs());
    const spreadMs = Math.min(Math.floor(baseMs * jitterFactor), SPREAD_MAX_MS);
    const jitterMs = spreadMs === 0 ? 0 : this.#random.below(2 * spreadMs + 1) - spreadMs;
    return Math.max(initialBackoffMs, Math.min(baseMs + jitterMs, maxBackoffMs));
  }

  #baseMs(): number {
    return this.#config.initialBackoffMs * this.#factor;
  }

  #reset(): void {
    this.#attempt = 0;
    this.#factor = 1;
  }
}
