// A plan is the same runs in the same order, whoever carries it out, and shards cut it without
// loss.

import test from 'ava';
import fc from 'fast-check';
import type { Entry } from './catalog.ts';
import { InOrder } from './in-order.ts';
import { countRuns, type Plan, planRuns } from './plan.ts';
import type { Case } from './select.ts';

function oneCase(id: string, backend: string): Case {
  const entry = { scenario: { id } } as unknown as Entry;
  return { id: `${id}@${backend}`, entry, backend };
}

const CASES = ['a/x', 'a/y', 'b/z'].flatMap((id) => [oneCase(id, 'memory'), oneCase(id, 'fs')]);

function planWith(changes: Partial<Plan>): Plan {
  return {
    cases: CASES,
    root: '00000000000000aa',
    seeds: 5,
    seedsInARow: 5,
    shard: undefined,
    determinismShare: 0,
    record: 'never',
    ...changes,
  };
}

function runsOf(changes: Partial<Plan>): string[] {
  return [...planRuns(planWith(changes))].map(({ run }) => run);
}

test('a plan finishes one case after the other and numbers its runs without gaps', (t) => {
  const runs = [...planRuns(planWith({}))];
  t.is(runs.length, 30);
  t.deepEqual(
    runs.map(({ sequence }) => sequence),
    runs.map((_, index) => index),
  );
  t.deepEqual(
    runs.slice(0, 6).map(({ case: { id }, index }) => `${id} ${index}`),
    ['a/x@memory 0', 'a/x@memory 1', 'a/x@memory 2', 'a/x@memory 3', 'a/x@memory 4', 'a/x@fs 0'],
  );
});

test('filters and the order of cases do not change what seed 3 of a case is', (t) => {
  const all = new Set(runsOf({}));
  t.true(runsOf({ cases: CASES.slice(2, 3) }).every((run) => all.has(run)));
  t.true(runsOf({ cases: CASES.toReversed(), seedsInARow: 2 }).every((run) => all.has(run)));
  t.false(runsOf({ root: '00000000000000ab' }).some((run) => all.has(run)));
});

test('shards are disjoint, and together they are the whole plan', (t) => {
  const law = fc.property(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 1, max: 6 }),
    (count, seeds, inARow) => {
      const plan = { seeds, seedsInARow: inARow };
      const shards = Array.from({ length: count }, (_, index) => ({ index: index + 1, count }));
      const parts = shards.map((shard) => runsOf({ ...plan, shard }));
      const counted = shards.map((shard) => countRuns(planWith({ ...plan, shard })));
      return (
        JSON.stringify(parts.flat().sort()) === JSON.stringify(runsOf(plan).sort()) &&
        parts.every((part, index) => part.length === counted[index])
      );
    },
  );
  t.notThrows(() => fc.assert(law));
});

test('which runs are repeated depends on their seeds alone, in about the asked share', (t) => {
  const repeated = (changes: Partial<Plan>): string[] =>
    [...planRuns(planWith({ seeds: 500, seedsInARow: 500, determinismShare: 0.1, ...changes }))]
      .filter(({ isRepeated }) => isRepeated)
      .map(({ run }) => run);
  const all = repeated({});
  t.true(all.length > 200 && all.length < 400, String(all.length));
  t.true(repeated({ cases: CASES.slice(3) }).every((run) => all.includes(run)));
  t.is(repeated({ determinismShare: 0 }).length, 0);
  t.is(repeated({ determinismShare: 1 }).length, 3_000);
});

test('without a number of seeds a plan has no end', (t) => {
  const plan = planWith({ seeds: Number.POSITIVE_INFINITY, seedsInARow: 2 });
  t.is(countRuns(plan), undefined);
  const runs = planRuns(plan);
  for (let index = 0; index < 1_000; index += 1) t.false(runs.next().done);
});

test('InOrder passes values on in the order of their numbers, however they come in', (t) => {
  const numbers = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 });
  const law = fc.property(numbers, (order) => {
    const passed: number[] = [];
    const inOrder = new InOrder<number>((value) => passed.push(value));
    for (const number of order) inOrder.push(number, number);
    return passed.every((value, index) => value === index) && passed.length === 10;
  });
  t.notThrows(() => fc.assert(law));
});

test('InOrder loses nothing on flush, and passes nothing on after stop', (t) => {
  const passed: number[] = [];
  const inOrder = new InOrder<number>((value) => passed.push(value));
  inOrder.push(0, 0);
  inOrder.push(3, 3);
  inOrder.push(2, 2);
  t.deepEqual(passed, [0]);
  inOrder.flush();
  t.deepEqual(passed, [0, 2, 3]);
  inOrder.stop();
  inOrder.push(1, 1);
  inOrder.flush();
  t.deepEqual(passed, [0, 2, 3]);
});
