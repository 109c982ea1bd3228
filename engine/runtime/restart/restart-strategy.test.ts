// When a failed job restarts: Flink's vectors.

import test from 'ava';
import fc from 'fast-check';

import { ManualClock } from '../../connector/testing/manual-clock.ts';
import { InvariantViolation } from '../../core/assert.ts';
import { SeededRandom } from '../../environment/seeded-random.ts';
import {
  DEFAULT_EXPONENTIAL_DELAY,
  type RestartStrategyConfig,
} from '../../graph/restart-strategy-config.ts';
import { createRestartStrategy, type RestartStrategy } from './restart-strategy.ts';

type Exponential = Extract<RestartStrategyConfig, { kind: 'exponential-delay' }>;

function strategyOf(
  config: RestartStrategyConfig,
  seed = 'restart',
): { strategy: RestartStrategy; clock: ManualClock } {
  const clock = new ManualClock();
  return { strategy: createRestartStrategy(config, clock, new SeededRandom(seed)), clock };
}

function exponential(
  initialBackoffMs: number,
  backoffMultiplier: number,
  maxBackoffMs: number,
  more: Partial<Exponential> = {},
): Exponential {
  return {
    kind: 'exponential-delay',
    initialBackoffMs,
    maxBackoffMs,
    backoffMultiplier,
    resetBackoffThresholdMs: 1_000_000_000,
    jitterFactor: 0,
    attemptsBeforeResetBackoff: Number.POSITIVE_INFINITY,
    ...more,
  };
}

/** Each failure comes just after the restart that the one before it led to. */
function backoffs(config: Exponential, count: number, seed?: string): number[] {
  const { strategy, clock } = strategyOf(config, seed);
  return Array.from({ length: count }, () => {
    strategy.notifyFailure();
    const backoffMs = strategy.backoffMs();
    clock.advance(backoffMs + 1);
    return backoffMs;
  });
}

test('none never restarts', (t) => {
  const { strategy } = strategyOf({ kind: 'none' });
  t.true(strategy.notifyFailure());
  t.false(strategy.canRestart());
});

test('fixed-delay restarts as often as configured, after the same delay', (t) => {
  const { strategy } = strategyOf({ kind: 'fixed-delay', attempts: 3, delayMs: 50 });
  const verdicts = [1, 2, 3, 4].map(() => {
    strategy.notifyFailure();
    return strategy.canRestart();
  });
  t.deepEqual(verdicts, [true, true, true, false]);
  t.is(strategy.backoffMs(), 50);
});

test('failure-rate restarts while failures within the interval are few', (t) => {
  const one = {
    kind: 'failure-rate',
    maxFailuresPerInterval: 1,
    intervalMs: 100,
    delayMs: 5,
  } as const;
  for (const [pauseMs, canRestart] of [
    [100, false],
    [101, true],
  ] as const) {
    const { strategy, clock } = strategyOf(one);
    strategy.notifyFailure();
    t.true(strategy.canRestart());
    clock.advance(pauseMs);
    strategy.notifyFailure();
    t.is(strategy.canRestart(), canRestart);
    t.is(strategy.backoffMs(), 5);
  }
  const { strategy, clock } = strategyOf({ ...one, maxFailuresPerInterval: 3 });
  const verdicts = [1, 2, 3, 4].map(() => {
    clock.advance(10);
    strategy.notifyFailure();
    return strategy.canRestart();
  });
  t.deepEqual(verdicts, [true, true, true, false]);
});

test('exponential-delay grows by its multiplier up to its maximum, in whole milliseconds', (t) => {
  const documented = exponential(1_000, 2, 10_000);
  t.deepEqual(backoffs(documented, 6), [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  t.deepEqual(
    backoffs(exponential(1_000, 1.5, 60_000), 13),
    [1000, 1500, 2250, 3375, 5062, 7593, 11390, 17085, 25628, 38443, 57665, 60000, 60000],
  );
  t.deepEqual(backoffs(exponential(4, 2.3, 300), 7), [4, 9, 21, 48, 111, 257, 300]);
});

test('jitter spreads the backoff by its factor, between first and maximum', (t) => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (seed) => {
      const some = backoffs(exponential(2, 2, 7, { jitterFactor: 0.25 }), 4, seed);
      t.true([3, 4, 5].includes(some[1] ?? 0));
      t.true([6, 7].includes(some[2] ?? 0));
      t.is(some[3], 7);
      const all = backoffs(exponential(1, 2, 7, { jitterFactor: 1 }), 3, seed);
      t.true([1, 2].includes(all[0] ?? 0));
      t.true([1, 2, 3, 4].includes(all[1] ?? 0));
      t.true([1, 2, 3, 4, 5, 6, 7].includes(all[2] ?? 0));
    }),
  );
});

test('jitter is drawn, not constant', (t) => {
  const drawn = ['a', 'b', 'c', 'd', 'e'].map(
    (seed) => backoffs({ ...exponential(1_000, 1.5, 60_000), jitterFactor: 0.1 }, 3, seed)[2],
  );
  t.true(new Set(drawn).size > 1);
});

test('exponential-delay gives up after its attempts', (t) => {
  const config = exponential(1, 2, 10, { attemptsBeforeResetBackoff: 13 });
  const { strategy, clock } = strategyOf(config);
  for (let failure = 1; failure <= 13; failure++) {
    clock.advance(100);
    strategy.notifyFailure();
    t.true(strategy.canRestart());
  }
  clock.advance(100);
  strategy.notifyFailure();
  t.false(strategy.canRestart());
});

test('a long quiet time starts over, a shorter one does not', (t) => {
  const config = exponential(1, 2, 5, { resetBackoffThresholdMs: 8 });
  const { strategy, clock } = strategyOf(config);
  strategy.notifyFailure();
  t.is(strategy.backoffMs(), 1);
  clock.advance(8 + 1 - 1);
  strategy.notifyFailure();
  t.is(strategy.backoffMs(), 2);
  clock.advance(8 + 2);
  strategy.notifyFailure();
  t.is(strategy.backoffMs(), 1);
});

test('failures up to the planned restart are part of the same attempt', (t) => {
  const { strategy, clock } = strategyOf(exponential(2, 2, 6, { attemptsBeforeResetBackoff: 3 }));
  t.true(strategy.notifyFailure());
  t.is(strategy.backoffMs(), 2);
  for (const leftMs of [2, 1, 0]) {
    t.false(strategy.notifyFailure());
    t.is(strategy.backoffMs(), leftMs);
    clock.advance(1);
  }
  t.true(strategy.notifyFailure());
  t.is(strategy.backoffMs(), 4);
  clock.advance(5);
  t.true(strategy.notifyFailure());
  t.is(strategy.backoffMs(), 6);
  t.true(strategy.canRestart());
  clock.advance(7);
  t.true(strategy.notifyFailure());
  t.false(strategy.canRestart());
});

test('a backoff is asked for after a failure only', (t) => {
  const { strategy } = strategyOf(DEFAULT_EXPONENTIAL_DELAY);
  t.throws(() => strategy.backoffMs(), { instanceOf: InvariantViolation });
});
