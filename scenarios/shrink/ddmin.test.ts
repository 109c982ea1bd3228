// Delta debugging finds what matters, leaves nothing out that matters, and takes few questions.

import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { ddmin } from './ddmin.ts';

const all = Array.from({ length: 46 }, (_, index) => index);

test('the two of 46 that matter are found in fewer than 100 questions', async (t) => {
  let questions = 0;
  const kept = await ddmin(all, async (part) => {
    questions += 1;
    return part.includes(7) && part.includes(41);
  });
  t.deepEqual(kept, [7, 41]);
  t.true(questions < 100, String(questions));
});

test('where nothing is needed, one question is enough', async (t) => {
  let questions = 0;
  const kept = await ddmin(all, async () => {
    questions += 1;
    return true;
  });
  t.deepEqual(kept, []);
  t.is(questions, 1);
});

testProp(
  'exactly the needed ones are kept, in their order',
  [fc.uniqueArray(fc.integer({ min: 0, max: 45 }), { maxLength: 8 })],
  async (t, needed) => {
    const fails = async (part: readonly number[]): Promise<boolean> =>
      needed.every((one) => part.includes(one));
    t.deepEqual(
      await ddmin(all, fails),
      needed.toSorted((a, b) => a - b),
    );
  },
);

testProp(
  'whatever fails, the result fails, and none of it can be left out',
  [fc.integer({ min: 0, max: 2 ** 30 })],
  async (t, salt) => {
    // Not monotonic: a smaller part may pass while a still smaller one fails.
    const fails = (part: readonly number[]): boolean =>
      part.includes(3) && (part.length > 30 || (part.length * 7 + salt) % 5 < 3);
    if (!fails(all)) return;
    const kept = await ddmin(all, async (part) => fails(part));
    t.true(fails(kept));
    for (const one of kept) {
      const without = kept.filter((other) => other !== one);
      t.false(kept.length > 1 && fails(without), `${one} can be left out`);
    }
  },
);

test('a limit in pieces ends the search early, with something that fails', async (t) => {
  let questions = 0;
  const fails = async (part: readonly number[]): Promise<boolean> => {
    questions += 1;
    return part.length > 40;
  };
  const kept = await ddmin(all, fails, 8);
  t.true(kept.length > 40);
  t.true(questions < 60, String(questions));
});
