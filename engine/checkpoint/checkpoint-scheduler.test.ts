// When periodic checkpoints are asked for.

import test from 'ava';
import fc from 'fast-check';

import { ManualClock } from '../connector/testing/manual-clock.ts';
import { SeededRandom } from '../environment/seeded-random.ts';
import { CheckpointScheduler } from './checkpoint-scheduler.ts';

function scheduled(options: { seed?: string; intervalMs: number; minPauseMs?: number }): {
  clock: ManualClock;
  scheduler: CheckpointScheduler;
  firedAtMs: number[];
} {
  const clock = new ManualClock();
  const firedAtMs: number[] = [];
  const scheduler = new CheckpointScheduler({
    clock,
    random: new SeededRandom(options.seed ?? 'scheduler'),
    intervalMs: options.intervalMs,
    minPauseMs: options.minPauseMs ?? 0,
    fire: () => firedAtMs.push(clock.now()),
  });
  return { clock, scheduler, firedAtMs };
}

test('the first request comes after the pause, the rest at a fixed rate', (t) => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.nat(200), (seed, minPauseMs) => {
      const { clock, scheduler, firedAtMs } = scheduled({ seed, intervalMs: 100, minPauseMs });
      scheduler.start();
      const periodMs = Math.max(100, minPauseMs);
      clock.advance(periodMs * 4);
      const [first = -1, ...rest] = firedAtMs;
      t.true(first >= minPauseMs && first <= periodMs);
      t.deepEqual(
        rest,
        rest.map((_, index) => first + periodMs * (index + 1)),
      );
      t.true(rest.length >= 3);
    }),
  );
});

test('postponing moves the whole rhythm; stopping ends it', (t) => {
  const { clock, scheduler, firedAtMs } = scheduled({ intervalMs: 100, minPauseMs: 100 });
  scheduler.start();
  clock.advance(150);
  scheduler.postpone(30);
  clock.advance(230);
  t.deepEqual(firedAtMs, [100, 180, 280, 380]);
  scheduler.stop();
  clock.advance(1_000);
  t.is(firedAtMs.length, 4);
  t.false(scheduler.isRunning);
});
