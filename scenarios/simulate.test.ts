// Runs are deterministic, judged, and refuse what they cannot run.

import test from 'ava';
import { macrotask } from '../simulator/index.ts';
import { defineScenario } from './scenario.ts';
import { simulate } from './simulate.ts';
import { scenarios } from './suites/index.ts';
import { failoverScenarios } from './suites/failover.ts';
import { countByPage } from './workloads/count-by-page.ts';

const [keyedCount] = failoverScenarios;

for (const scenario of scenarios) {
  test(`${scenario.id}: the same seed gives the same run, and a clean engine passes`, async (t) => {
    const { backends, backendsOnRequest } = scenario;
    for (const backend of backends.length > 0 ? backends : backendsOnRequest) {
      const options = { scenario, backend, seed: '00000000000000a7', drain: macrotask };
      const first = await simulate(options);
      const second = await simulate({ ...options, record: true });
      t.is(first.verdict, 'valid', `${first.property}: ${first.message}`);
      t.is(second.digest, first.digest);
      t.is(second.steps, first.steps);
      t.deepEqual(second.properties, first.properties);
    }
  });
}

test('faults are really injected, and recoveries follow', async (t) => {
  const kinds = new Set<string>();
  let recoveries = 0;
  for (const seed of ['0000000000000003', '0000000000000009', '000000000000000d']) {
    if (keyedCount === undefined) return t.fail();
    const run = await simulate({ scenario: keyedCount, backend: 'fs', seed, drain: macrotask });
    for (const kind of Object.keys(run.faults)) kinds.add(kind);
    recoveries += run.recoveries;
  }
  t.true(kinds.size >= 4, [...kinds].join());
  t.true(recoveries > 0);
});

test('a job that gives something else than its model is found out', async (t) => {
  const wrong = defineScenario({
    id: 'test/wrong-model',
    claim: 'It is not.',
    ...countByPage({ records: 20 }),
    model: () => [{ page: 'none', id: 'x', count: 1 }],
    faults: [],
  });
  const seed = '0000000000000001';
  const run = await simulate({ scenario: wrong, backend: 'memory', seed, drain: macrotask });
  t.is(run.verdict, 'invalid');
  t.is(run.property, 'equals-sequential-model');
});

test('a job whose function throws for ever is stuck, and the reason is told', async (t) => {
  const broken = defineScenario({
    id: 'test/throws',
    claim: 'It finishes.',
    ...countByPage({ records: 20 }),
    job: ({ source, sink }) => {
      source()
        .map(({ page, id }) => {
          if (id === 'v7') throw new Error('record v7 is poison');
          return { page, id, count: 1 };
        })
        .sinkTo(sink());
    },
    project: ({ id }) => ({ id }),
    faults: [],
    safetyMs: 100,
    livenessMs: 2_000,
  });
  const seed = '0000000000000001';
  const run = await simulate({ scenario: broken, backend: 'memory', seed, drain: macrotask });
  t.is(run.verdict, 'invalid');
  t.is(run.property, 'finishes-once-healed');
});

test('simulate() refuses unknown backends and malformed seeds', async (t) => {
  if (keyedCount === undefined) return t.fail();
  const run = { scenario: keyedCount, backend: 'fs', seed: '1', drain: macrotask };
  await t.throwsAsync(simulate(run), { message: /not 16 hexadecimal digits/ });
  const unknown = simulate({ ...run, backend: 'tape' });
  await t.throwsAsync(unknown, { message: /no backend "tape"/ });
});

test('defineScenario() refuses what cannot be run', (t) => {
  const base = { claim: '', ...countByPage({ records: 20 }), faults: [] };
  t.throws(() => defineScenario({ ...base, id: 'Not Kebab' }), { message: /kebab-case/ });
  const cluster = { taskManagers: 1, slots: 1, parallelism: 2 };
  t.throws(() => defineScenario({ ...base, id: 'a/b', cluster }), { message: /needs 2 slots/ });
});
