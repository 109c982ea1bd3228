// What every Clock must do. The bench lets time pass: for real, or by running a simulation.

import test from 'ava';

import type { Clock } from './clock.ts';

export interface ClockBench {
  readonly clock: Clock;
  /** Lets time pass until the condition holds; rejects when it never will. */
  readonly until: (isDone: () => boolean) => Promise<void>;
}

export function clockContract(name: string, open: () => ClockBench): void {
  timerContract(name, open);

  test(`${name}: now() is a whole number and never goes backwards`, async (t) => {
    const { clock, until } = open();
    const before = clock.now();
    let isFired = false;
    clock.schedule(3, () => (isFired = true));
    await until(() => isFired);
    t.true(Number.isInteger(before) && Number.isInteger(clock.now()));
    t.true(clock.now() >= before + 3);
  });

  test(`${name}: wallTime() is a whole number`, (t) => {
    t.true(Number.isInteger(open().clock.wallTime()));
  });

  test(`${name}: schedule() never wakes before it returns, nor before the deadline`, async (t) => {
    const { clock, until } = open();
    for (const delayMs of [0, 1, 2, 5]) {
      const deadlineMs = clock.now() + delayMs;
      let wokenMs: number | undefined;
      clock.schedule(delayMs, () => (wokenMs = clock.now()));
      t.is(wokenMs, undefined);
      await until(() => wokenMs !== undefined);
      t.true((wokenMs ?? 0) >= deadlineMs);
    }
  });

  test(`${name}: schedule() wakes exactly once`, async (t) => {
    const { clock, until } = open();
    let count = 0;
    let isOver = false;
    clock.schedule(1, () => (count += 1));
    clock.schedule(5, () => (isOver = true));
    await until(() => isOver);
    t.is(count, 1);
  });

  test(`${name}: deadlines fire in order, equal ones as they were asked for`, async (t) => {
    const { clock, until } = open();
    const fired: string[] = [];
    for (const [delayMs, label] of [
      [9, 'late'],
      [4, 'first of four'],
      [4, 'second of four'],
      [0, 'first of none'],
      [4, 'third of four'],
      [0, 'second of none'],
    ] as const) {
      clock.schedule(delayMs, () => fired.push(label));
    }
    await until(() => fired.length === 6);
    const expected = ['first of none', 'second of none', 'first of four', 'second of four'];
    t.deepEqual(fired, [...expected, 'third of four', 'late']);
  });
}

function timerContract(name: string, open: () => ClockBench): void {
  test(`${name}: a timer may schedule another, which runs later`, async (t) => {
    const { clock, until } = open();
    const fired: string[] = [];
    clock.schedule(0, () => {
      clock.schedule(0, () => fired.push('inner'));
      fired.push('outer');
    });
    await until(() => fired.length === 2);
    t.deepEqual(fired, ['outer', 'inner']);
  });

  test(`${name}: a canceled timer does not fire, and canceling again does nothing`, async (t) => {
    const { clock, until } = open();
    const fired: string[] = [];
    const canceled = clock.schedule(2, () => fired.push('canceled'));
    const kept = clock.schedule(2, () => fired.push('kept'));
    canceled.cancel();
    canceled.cancel();
    await until(() => fired.length > 0);
    kept.cancel();
    t.deepEqual(fired, ['kept']);
  });

  test(`${name}: a timer may cancel another with the same deadline`, async (t) => {
    const { clock, until } = open();
    const fired: string[] = [];
    clock.schedule(2, () => {
      fired.push('first');
      second.cancel();
    });
    const second = clock.schedule(2, () => fired.push('second'));
    clock.schedule(4, () => fired.push('third'));
    await until(() => fired.includes('third'));
    t.deepEqual(fired, ['first', 'third']);
  });

  test(`${name}: a delay beyond 2^31 ms waits`, async (t) => {
    const { clock, until } = open();
    const fired: string[] = [];
    const distant = clock.schedule(2 ** 31 + 5, () => fired.push('distant'));
    clock.schedule(3, () => fired.push('near'));
    await until(() => fired.length > 0);
    distant.cancel();
    t.deepEqual(fired, ['near']);
  });
}
