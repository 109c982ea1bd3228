// What a job leaves scheduled ends with it, so that the process can end.

import test from 'ava';

import { NodeClock } from '../environment/node/node-clock.ts';
import { BoundedClock } from './bounded-clock.ts';

test('timers run until the clock is closed, and never after', async (t) => {
  const clock = new BoundedClock(new NodeClock());
  const fired: string[] = [];
  clock.schedule(0, () => fired.push('before'));
  clock.schedule(5, () => fired.push('canceled')).cancel();
  await new Promise<void>((resolve) => clock.schedule(10, resolve));
  clock.schedule(1, () => fired.push('after'));
  clock.close();
  clock.schedule(0, () => fired.push('much later')).cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.deepEqual(fired, ['before']);
});
