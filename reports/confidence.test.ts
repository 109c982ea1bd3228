/** The rule of three never claims more than it can. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { caseBound, confidence, ruleOfThree } from './confidence.ts';

testProp(
  'a bug at the stated rate is seen with 95 %',
  [fc.integer({ min: 30, max: 1e6 })],
  (t, n) => {
    const bound = ruleOfThree(n) ?? 0;
    t.true((1 - 1 / bound) ** n <= 0.05);
  },
);

test('few runs prove nothing, and say so', (t) => {
  t.is(ruleOfThree(29), null);
  t.is(caseBound(12, 0, 0), '12 runs are too few for a bound');
  t.regex(
    confidence({ runs: 9, smallestCase: 1, invalid: 0, isRepeatable: true }).text,
    /Too few runs/,
  );
});

test('the weaker number comes first, and violations take the overall one away', (t) => {
  const clean = confidence({ runs: 8_400, smallestCase: 200, invalid: 0, isRepeatable: true });
  t.regex(clean.text, /1 of 66 runs of one case, or 1 of 2\u00A0800 runs overall/);
  const broken = confidence({ runs: 8_397, smallestCase: 200, invalid: 3, isRepeatable: true });
  t.is(broken.overall, null);
  t.regex(broken.text, /^In the cases that held/);
});

test('runs that do not repeat have no bound', (t) => {
  const none = confidence({ runs: 900, smallestCase: 100, invalid: 0, isRepeatable: false });
  t.like(none, { perCase: null, overall: null });
  t.regex(none.text, /^No bound/);
});

test('undecided runs do not count', (t) => {
  t.is(caseBound(100, 0, 40), 'at most 1 of 20 runs, 95\u00A0% sure');
});
