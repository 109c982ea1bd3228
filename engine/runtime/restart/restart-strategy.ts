// When, and how often, a failed job is restarted: Flink's strategies with Flink's exact rules. A
// strategy counts failures and answers questions; it neither waits nor restarts anything.

import type { Clock } from '../../environment/clock.ts';
import type { Random } from '../../environment/random.ts';
import type { RestartStrategyConfig } from '../../graph/restart-strategy-config.ts';
import { ExponentialDelayRestartStrategy } from './exponential-delay-restart-strategy.ts';
import { FailureRateRestartStrategy } from './failure-rate-restart-strategy.ts';
import { FixedDelayRestartStrategy, NoRestartStrategy } from './fixed-delay-restart-strategy.ts';

/** Used in this order: a failure is noted, then asked about. */
export interface RestartStrategy {
  /** False if this failure is part of the attempt that an earlier one has begun. */
  notifyFailure(): boolean;
  canRestart(): boolean;
  /** How long to wait from now on. */
  backoffMs(): number;
}

export function createRestartStrategy(
  config: RestartStrategyConfig,
  clock: Clock,
  random: Random,
): RestartStrategy {
  switch (config.kind) {
    case 'none':
      return new NoRestartStrategy();
    case 'fixed-delay':
      return new FixedDelayRestartStrategy(config);
    case 'failure-rate':
      return new FailureRateRestartStrategy(config, clock);
    case 'exponential-delay':
      return new ExponentialDelayRestartStrategy(config, clock, random);
  }
}
