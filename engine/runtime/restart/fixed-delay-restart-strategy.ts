// The two strategies that know no time: never, and a fixed number of times after a fixed delay.

import type { RestartStrategyConfig } from '../../graph/restart-strategy-config.ts';

type FixedDelay = Extract<RestartStrategyConfig, { kind: 'fixed-delay' }>;

export class NoRestartStrategy {
  notifyFailure(): boolean {
    return true;
  }

  canRestart(): boolean {
    return false;
  }

  backoffMs(): number {
    return 0;
  }
}

export class FixedDelayRestartStrategy {
  readonly #attempts: number;
  readonly #delayMs: number;
  #failures = 0;

  constructor({ attempts, delayMs }: Pick<FixedDelay, 'attempts' | 'delayMs'>) {
    this.#attempts = attempts;
    this.#delayMs = delayMs;
  }

  notifyFailure(): boolean {
    this.#failures += 1;
    return true;
  }

  canRestart(): boolean {
    return this.#failures <= this.#attempts;
  }

  backoffMs(): number {
    return this.#delayMs;
  }
}
