// The suites as users run them: with no test runner of ours. The heap backend passes; one that
// forgets what it was told does not.

import test from 'ava';

import { HashMapStateBackend } from '../state/hash-map-state-backend.ts';
import type { CreateBackend } from '../state/testing/state-world.ts';
import { conformance } from './index.ts';

const heap: CreateBackend = (options) => new HashMapStateBackend().createKeyedStateBackend(options);

async function failures(create: CreateBackend): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, run } of conformance.stateBackend('mine', create)) {
    try {
      await run();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

test('the backend on the heap passes every check', async (t) => {
  t.true(conformance.stateBackend('mine', heap).length > 50);
  t.deepEqual(await failures(heap), []);
});

test('a backend that restores nothing is found out', async (t) => {
  const forgetful: CreateBackend = (options) => heap({ ...options, restore: [] });
  t.true((await failures(forgetful)).length > 10);
});
