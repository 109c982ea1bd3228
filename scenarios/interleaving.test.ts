// In which order ready events run is a decision of its own: drawn from the seed, told in the
// result, and without effect on what else the seed decides.

import test from 'ava';
import { macrotask, type SchedulePolicy } from '../simulator/index.ts';
import { simulate } from './simulate.ts';
import { failoverScenarios } from './suites/failover.ts';

const POLICIES: readonly SchedulePolicy[] = [
  { kind: 'fifo' },
  { kind: 'random' },
  { kind: 'pct', depth: 3, choices: 512 },
  { kind: 'delay-bounded', delays: 6, choices: 512 },
];
const DRAWN = [
  ['0000000000000003', 'fifo'],
  ['0000000000000001', 'random'],
  ['00000000000000a7', 'pct'],
  ['0000000000000009', 'delay-bounded'],
] as const;

function run(seed: string, interleaving?: SchedulePolicy) {
  const [scenario] = failoverScenarios;
  if (scenario === undefined) throw new RangeError('There is no scenario');
  return simulate({
    scenario,
    backend: 'memory',
    seed,
    drain: macrotask,
    ...(interleaving === undefined ? {} : { interleaving }),
  });
}

for (const [seed, expected] of DRAWN) {
  test(`seed ${seed} draws ${expected}, and what its result tells replays it`, async (t) => {
    const drawn = await run(seed);
    t.is(drawn.interleaving.kind, expected);
    t.is(drawn.verdict, 'valid', `${drawn.property}: ${drawn.message}`);
    const replayed = await run(seed, drawn.interleaving);
    t.is(replayed.digest, drawn.digest);
  });
}

test('the order of ready events changes the run, but not its faults and records', async (t) => {
  const seed = '0000000000000003';
  const runs = await Promise.all(POLICIES.map((policy) => run(seed, policy)));
  const [fifo] = runs;
  for (const one of runs) {
    t.is(one.verdict, 'valid', `${one.property}: ${one.message}`);
    t.deepEqual(one.plan, fifo?.plan);
    t.true(one.records === fifo?.records);
  }
  t.is(new Set(runs.map(({ digest }) => digest)).size, POLICIES.length);
});
