// A hunt has as many runs as its budget, none twice, the scenarios it is about first, and the seeds
// that any other suite of its root has.

import test from 'ava';
import { caseIdOf, runSeedOf } from '../../seeds.ts';
import type { Entry } from '../suite/catalog.ts';
import type { Case } from '../suite/select.ts';
import { huntRuns } from './hunt-order.ts';

const root = '0000000000000001';
const cases = ['a/one', 'a/two', 'b/three'].map((id): Case => {
  const entry = { scenario: { id } } as unknown as Entry;
  return { id: caseIdOf(id, 'memory'), entry, backend: 'memory' };
});
const [, two] = cases;
const first = two === undefined ? [] : [two];

test('every run of a hunt is another one, and all cases have all seeds', (t) => {
  const runs = [...huntRuns({ cases, first, root, seeds: 20, budget: 1_000 })];
  t.is(runs.length, 60);
  t.is(new Set(runs.map(({ run }) => run)).size, 60);
  t.deepEqual(
    runs.map(({ sequence }) => sequence),
    runs.map((_, index) => index),
  );
  for (const { case: one, index, seed } of runs) t.is(seed, runSeedOf(root, one.id, index));
});

test('the budget ends a hunt without a number of seeds, and the first cases come first', (t) => {
  const seeds = Number.POSITIVE_INFINITY;
  const runs = [...huntRuns({ cases, first, root, seeds, budget: 50 })];
  t.is(runs.length, 50);
  const others = runs.findIndex(({ case: one }) => one !== two);
  t.true(others > 1, String(others));
  t.true(runs.slice(0, others).every(({ case: one }) => one === two));
  t.is(new Set(runs.slice(others).map(({ scenario }) => scenario)).size, 3);
});
