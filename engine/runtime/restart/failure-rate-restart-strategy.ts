// Restarts while failures are rare: at most so many within any interval of so long.

import type { Clock } from '../../environment/clock.ts';
import type { RestartStrategyConfig } from '../../graph/restart-strategy-config.ts';

type FailureRate = Extract<RestartStrategyConfig, { kind: 'failure-rate' }>;

export class FailureRateRestartStrategy {
  readonly #clock: Clock;
  readonly #maxFailures: number;
  readonly #intervalMs: number;
  readonly #delayMs: number;
  /** The last `maxFailures + 1` failures. */
  readonly #failedAtMs: number[] = [];

  constructor(config: Omit<FailureRate, 'kind'>, clock: Clock) {
    this.#clock = clock;
    this.#maxFailures = config.maxFailuresPerInterval;
    this.#intervalMs = config.intervalMs;
    this.#delayMs = config.delayMs;
  }

  notifyFailure(): boolean {
    this.#failedAtMs.push(this.#clock.now());
    if (this.#failedAtMs.length > this.#maxFailures + 1) this.#failedAtMs.shift();
    return true;
  }

  canRestart(): boolean {
    const oldestMs = this.#failedAtMs[0];
    if (oldestMs === undefined || this.#failedAtMs.length <= this.#maxFailures) return true;
    return this.#clock.now() - oldestMs > this.#intervalMs;
  }

  backoffMs(): number {
    return this.#delayMs;
  }
}
