// The search for the point of no return, on futures whose chances are known: it finds the step,
// says when it cannot, and stays within what it was given.

import test from 'ava';
import fc from 'fast-check';
import type { TraceEntry } from '../../simulator/index.ts';
import type { RunResult } from '../simulate.ts';
import type { Ending, Try } from './departures.ts';
import { findNoReturn, type NoReturn, type Probe, traitsOf } from './point-of-no-return.ts';

const RESULT = {
  faults: {},
  sometimes: [],
  recoveries: 0,
  checkpoints: { triggered: 0, completed: 0, aborted: 0 },
} as unknown as RunResult;

function traceOf(steps: number): readonly TraceEntry[] {
  return Array.from({ length: steps }, (_, index): TraceEntry => {
    const step = index + 1;
    return { step, timeMs: step, host: 'jm', kind: 'io', text: '', cause: 0, digest: '' };
  });
}

interface World {
  readonly steps: number;
  readonly endingOf: (step: number, nth: number) => Ending;
  readonly tries?: number;
  readonly budget?: number;
  readonly parts?: (step: number) => boolean;
}

async function search(world: World): Promise<{ readonly found: NoReturn; readonly tried: number }> {
  let tried = 0;
  const found = await findNoReturn({
    original: { trace: traceOf(world.steps) },
    tries: world.tries ?? 4,
    attempt: (step, nth): Promise<Try> => {
      tried += 1;
      return Promise.resolve({ ending: world.endingOf(step, nth), result: RESULT });
    },
    sharesPast: (step) => !(world.parts?.(step) ?? false),
    isOver: () => tried >= (world.budget ?? Infinity),
  });
  return { found, tried };
}

test('the last step from which a future passes is found, wherever it is', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 500 }), fc.nat(), async (steps, chosen) => {
      const last = 1 + (chosen % steps);
      // Only one future in four passes, and not the first one.
      const endingOf = (step: number, nth: number): Ending =>
        step <= last && nth % 4 === 3 ? 'passed' : 'failed';
      const { found, tried } = await search({ steps, endingOf });
      t.is(found.kind, 'found');
      if (found.kind !== 'found') return;
      t.is(found.last.step, last);
      t.is(found.first.step, last + 1);
      t.deepEqual([found.last.passed, found.last.failed], [1, 3]);
      t.deepEqual([found.first.passed, found.first.failed], [0, 4]);
      t.true(tried <= 4 * (3 + Math.ceil(Math.log2(steps + 1))));
    }),
  );
});

test('what no future escapes is unavoidable from the start', async (t) => {
  const { found } = await search({ steps: 50, endingOf: () => 'failed' });
  t.like(found, { kind: 'from-the-start', first: { step: 1, failed: 4 } });
});

test('a budget that ends gives the steps between which it is', async (t) => {
  const endingOf = (step: number): Ending => (step <= 300 ? 'passed' : 'failed');
  const { found, tried } = await search({ steps: 1_000, endingOf, budget: 12 });
  t.is(tried, 12);
  t.is(found.kind, 'out-of-budget');
  if (found.kind !== 'out-of-budget') return;
  t.true(found.above <= 300 && found.upTo > 300 && found.upTo < 1_000);
});

test('a try that had another past is not counted', async (t) => {
  const { found } = await search({
    steps: 100,
    endingOf: (step) => (step <= 80 ? 'passed' : 'failed'),
    parts: (step) => step > 40,
  });
  t.deepEqual(found, { kind: 'past-differs', step: 51 });
});

test('what tells futures apart is what comes in one group and not in the other', (t) => {
  const future = (ending: Ending, sometimes: readonly string[]): Try => {
    return { ending, result: { ...RESULT, sometimes } };
  };
  const results = [
    future('failed', ['both', 'bad']),
    future('failed', ['both', 'bad', 'rare']),
    future('failed', ['both', 'bad']),
    future('passed', ['both']),
    future('passed', ['both']),
    future('passed', ['both']),
    future('failed-otherwise', ['good']),
  ];
  const counts = { step: 1, tries: 7, failed: 3, failedOtherwise: 1, passed: 3 };
  const probe: Probe = { ...counts, results };
  t.deepEqual(traitsOf(probe), [{ what: 'reached "bad"', failed: 3, passed: 0 }]);
  t.deepEqual(traitsOf({ ...probe, results: results.slice(2) }), []);
});
