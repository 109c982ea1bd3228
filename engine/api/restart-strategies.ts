// Restart strategies by Flink's names, checked on the spot.

import { checkInteger, invalidValue } from '../graph/config-check.ts';
import {
  DEFAULT_EXPONENTIAL_DELAY,
  type RestartStrategyConfig,
} from '../graph/restart-strategy-config.ts';

export type ExponentialDelayOptions = Partial<
  Omit<Extract<RestartStrategyConfig, { kind: 'exponential-delay' }>, 'kind'>
>;

export const RestartStrategies = {
  noRestart(): RestartStrategyConfig {
    return { kind: 'none' };
  },

  fixedDelayRestart(attempts: number, delayMs: number): RestartStrategyConfig {
    checkInteger({ key: 'restart-strategy.fixed-delay.attempts', value: attempts, min: 1 });
    checkInteger({ key: 'restart-strategy.fixed-delay.delay', value: delayMs, min: 0 });
    return { kind: 'fixed-delay', attempts, delayMs };
  },

  failureRateRestart(
    maxFailuresPerInterval: number,
    intervalMs: number,
    delayMs: number,
  ): RestartStrategyConfig {
    const key = 'restart-strategy.failure-rate';
    checkInteger({
      key: `${key}.max-failures-per-interval`,
      value: maxFailuresPerInterval,
      min: 1,
    });
    checkInteger({ key: `${key}.failure-rate-interval`, value: intervalMs, min: 1 });
    checkInteger({ key: `${key}.delay`, value: delayMs, min: 0 });
    return { kind: 'failure-rate', maxFailuresPerInterval, intervalMs, delayMs };
  },

  /** What is left out has Flink's default. */
  exponentialDelayRestart(options: ExponentialDelayOptions = {}): RestartStrategyConfig {
    const config = { ...DEFAULT_EXPONENTIAL_DELAY, ...options, kind: 'exponential-delay' } as const;
    const key = 'restart-strategy.exponential-delay';
    const strategy = config as Extract<RestartStrategyConfig, { kind: 'exponential-delay' }>;
    const { initialBackoffMs, maxBackoffMs, backoffMultiplier, jitterFactor } = strategy;
    checkInteger({ key: `${key}.initial-backoff`, value: initialBackoffMs, min: 1 });
    checkInteger({ key: `${key}.max-backoff`, value: maxBackoffMs, min: initialBackoffMs });
    const { resetBackoffThresholdMs, attemptsBeforeResetBackoff } = strategy;
    checkInteger({ key: `${key}.reset-backoff-threshold`, value: resetBackoffThresholdMs, min: 1 });
    if (attemptsBeforeResetBackoff !== Number.POSITIVE_INFINITY) {
      const value = attemptsBeforeResetBackoff;
      checkInteger({ key: `${key}.attempts-before-reset-backoff`, value, min: 1 });
    }
    if (!(backoffMultiplier >= 1) || !Number.isFinite(backoffMultiplier)) {
      throw invalidValue(`${key}.backoff-multiplier`, backoffMultiplier, 'a number of at least 1');
    }
    if (!(jitterFactor >= 0 && jitterFactor <= 1)) {
      throw invalidValue(`${key}.jitter-factor`, jitterFactor, 'a number in 0..1');
    }
    return strategy;
  },
};
