// Calls run one at a time, in their order, and fail alone.

import test from 'ava';

import { SerialCalls } from './serial-calls.ts';

test('a call begins when the one before it has ended, however that ended', async (t) => {
  const calls = new SerialCalls();
  const log: string[] = [];
  const work = (name: string, turns: number) => async (): Promise<string> => {
    log.push(`${name} begins`);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    log.push(`${name} ends`);
    if (name === 'b') throw new Error(name);
    return name;
  };
  const failed = t.throwsAsync(calls.run(work('b', 5)), { message: 'b' });
  const done = Promise.all([calls.run(work('c', 3)), calls.run(() => 'at once')]);
  t.deepEqual(log, []);
  await calls.idle();
  t.deepEqual(log, ['b begins', 'b ends', 'c begins', 'c ends']);
  t.deepEqual(await done, ['c', 'at once']);
  await failed;
});
