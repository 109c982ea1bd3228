// Clocks that are wrong must still keep the contract of Clock: never backwards, never too early.

import test from 'ava';
import fc from 'fast-check';
import type { Clock } from '../engine/environment/clock.ts';
import { address } from '../engine/environment/network.ts';
import { macrotask } from './kernel/macrotask.ts';
import { World } from './world.ts';

const tm = address('tm-1');

interface Drift {
  readonly atMs: number;
  readonly ppm: number;
  readonly stepMs: number;
}

function worldWith(boot: (clock: Clock) => void, driftPpm = 0): World {
  const world = new World({
    seed: '00000000000000c1',
    drain: macrotask,
    startWallTimeMs: 1_000_000,
  });
  world.addHost(tm, {
    boot: (environment) => boot(environment.clock),
    clock: { driftPpm, wallOffsetMs: -7 },
  });
  return world;
}

async function runTo(world: World, deadlineMs: number): Promise<void> {
  await world.run({ until: () => false, deadlineMs });
}

const drifts = fc.array(
  fc.record({
    atMs: fc.nat(2_000),
    ppm: fc.integer({ min: -400_000, max: 400_000 }),
    stepMs: fc.integer({ min: -100_000, max: 100_000 }),
  }) as fc.Arbitrary<Drift>,
  { maxLength: 6 },
);

test('now() never goes backwards and no timer is early, however the clock drifts', async (t) => {
  await fc.assert(
    fc.asyncProperty(drifts, fc.array(fc.nat(500), { maxLength: 10 }), async (list, delays) => {
      let lastMs = 0;
      let firedCount = 0;
      const world = worldWith((clock) => {
        for (const delayMs of delays) {
          clock.schedule(delayMs, () => {
            t.true(clock.now() >= delayMs && Number.isInteger(clock.now()));
            t.true(clock.now() >= lastMs);
            lastMs = clock.now();
            firedCount += 1;
          });
        }
      });
      for (const { atMs, ppm, stepMs } of list) {
        world.at(atMs, 'disturb', () => {
          world.driftClock(tm, ppm);
          world.stepClock(tm, stepMs);
        });
      }
      await runTo(world, 20_000);
      t.is(firedCount, delays.length);
    }),
    { numRuns: 40 },
  );
});

test('a drifting clock counts its own milliseconds', async (t) => {
  const seen: number[] = [];
  const world = worldWith((clock) => {
    clock.schedule(1_000, () => seen.push(clock.now(), world.nowMs));
  }, 250_000);
  await runTo(world, 10_000);
  t.deepEqual(seen, [1_000, 800]);
});

test('wallTime() shows start, offset and steps; now() knows nothing of them', async (t) => {
  const seen: number[] = [];
  const world = worldWith((clock) => {
    clock.schedule(100, () => seen.push(clock.wallTime(), clock.now()));
    clock.schedule(200, () => seen.push(clock.wallTime(), clock.now()));
  });
  world.at(150, 'step', () => world.stepClock(tm, -1_000));
  await runTo(world, 1_000);
  t.deepEqual(seen, [1_000_000 - 7 + 100, 100, 1_000_000 - 7 + 200 - 1_000, 200]);
});

test('the wall clock goes on through a crash, the monotonic clock starts anew', async (t) => {
  const seen: (readonly [number, number])[] = [];
  const world = worldWith((clock) => seen.push([clock.now(), clock.wallTime()]));
  world.at(300, 'crash', () => world.crash(tm));
  world.at(500, 'restart', () => world.restart(tm));
  await runTo(world, 1_000);
  t.deepEqual(seen, [
    [0, 999_993],
    [0, 1_000_493],
  ]);
});

test('schedule(0) runs later, equal deadlines run in order, and cancel() is final', async (t) => {
  const seen: string[] = [];
  const world = worldWith((clock) => {
    clock.schedule(5, () => seen.push('asked first'));
    const cancelled = clock.schedule(5, () => seen.push('cancelled'));
    clock.schedule(2, () => clock.schedule(3, () => seen.push('asked last')));
    clock.schedule(0, () => seen.push('zero'));
    clock.schedule(4, () => {
      cancelled.cancel();
      cancelled.cancel();
    });
    seen.push('booted');
  });
  await runTo(world, 100);
  t.deepEqual(seen, ['booted', 'zero', 'asked first', 'asked last']);
});

test('schedule() refuses what is no delay', async (t) => {
  for (const delayMs of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const world = worldWith((clock) => {
      clock.schedule(delayMs, () => undefined);
    });
    t.is((await world.run({ until: () => false, deadlineMs: 1 })).kind, 'host-threw');
  }
});
