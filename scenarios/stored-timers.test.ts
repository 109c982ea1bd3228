// Timers in RocksDB under faults, a few seeds of each claim. Timers are really read from the store
// and leave memory, and the runs are deterministic.

import test from 'ava';

import { macrotask } from '../simulator/index.ts';
import { simulate } from './simulate.ts';
import { storedTimerScenarios } from './suites/stored-timers.ts';

const SEEDS = ['0000000000000007', '00000000000000b7'];

for (const scenario of storedTimerScenarios) {
  test.serial(`${scenario.id} holds, and reaches what it is about`, async (t) => {
    const marks = new Set<string>();
    for (const seed of SEEDS) {
      const options = { scenario, backend: 'rocksdb', seed, drain: macrotask };
      const result = await simulate(options);
      t.is(result.verdict, 'valid', `${seed} ${result.property ?? ''}: ${result.message ?? ''}`);
      t.true(result.checkpoints.completed > 0);
      for (const mark of result.sometimes) marks.add(mark);
    }
    t.true(marks.has('timers of a RocksDB backend leave memory'));
    t.true(marks.has('timers that are due are read from RocksDB'));
  });
}

test.serial('the same seed gives the same run', async (t) => {
  const scenario = storedTimerScenarios.find(({ id }) => id === 'stored-timers/bells');
  if (scenario === undefined) return t.fail();
  const options = { scenario, backend: 'rocksdb', seed: '00000000000000b7', drain: macrotask };
  t.is((await simulate(options)).digest, (await simulate(options)).digest);
  return undefined;
});
