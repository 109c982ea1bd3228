// The drained moment must be exact, and must come before anybody else's turn.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { macrotask } from './macrotask.ts';

test('macrotask() finds the moment at which no microtask is left', async (t) => {
  const seen: string[] = [];
  // From within a microtask, as a kernel always asks.
  await macrotask(() => undefined);
  const work = async () => {
    for (let depth = 0; depth < 100; depth += 1) await Promise.resolve();
    seen.push('last microtask');
  };
  void work();
  setImmediate(() => seen.push('other code of the process'));
  await macrotask(() => seen.push('drained'));
  seen.push('resolved');
  t.deepEqual(seen, ['last microtask', 'drained', 'other code of the process', 'resolved']);
});

const UNHANDLED = `
import { address } from './engine/environment/network.ts';
import { macrotask, World } from './simulator/index.ts';
const world = new World({ seed: '0000000000000001', drain: macrotask });
process.on('unhandledRejection', (error) => world.fail(error));
const boot = (environment, io) => {
  const work = async (label) => {
    await io.perform(label, 5, () => 1);
    if (label === 'third') throw new Error('lost');
  };
  for (const label of ['first', 'second', 'third', 'fourth']) void work(label);
};
world.addHost(address('tm-1'), { boot });
const { kind, failure } = await world.run({ until: () => false, deadlineMs: 100 });
console.log([kind, failure.host, failure.step, failure.label, failure.error.message].join(' '));
`;

test('an unhandled rejection surfaces in the drain of the step that caused it', async (t) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module-typescript', '--eval', UNHANDLED],
    { cwd: new URL('../../', import.meta.url) },
  );
  t.is(stdout.trim(), 'host-threw tm-1 4 third lost');
});
