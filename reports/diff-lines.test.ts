/** Every line of both sides is in the difference, once. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { diffLines } from './diff-lines.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });

testProp(
  'short lists can be put together again from their difference',
  [lines, lines],
  (t, a, b) => {
    let at = 0;
    const diff = diffLines(a, b).flatMap(({ mark, text }) => {
      const count = mark === 'skipped' ? Number.parseInt(text, 10) : mark === 'added' ? 0 : 1;
      at += count;
      return mark === 'skipped' ? a.slice(at - count, at).map(same) : [{ mark, text }];
    });
    const side = (left: string): string[] =>
      diff.filter(({ mark }) => mark === 'same' || mark === left).map(({ text }) => text);
    t.deepEqual(side('missing'), a);
    t.deepEqual(side('added'), b);
  },
);

function same(text: string): { readonly mark: 'same'; readonly text: string } {
  return { mark: 'same', text };
}

test('long equal stretches are folded', (t) => {
  const many = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  const diff = diffLines(many, [...many, 'extra']);
  t.deepEqual(
    diff.map(({ mark }) => mark),
    ['skipped', 'same', 'same', 'same', 'added'],
  );
  t.is(diff[0]?.text, '47 equal lines');
});

test('very long lists are compared without positions', (t) => {
  const many = Array.from({ length: 3_000 }, (_, index) => `line ${index}`);
  t.deepEqual(diffLines(many, [...many.slice(1), 'extra']), [
    { mark: 'missing', text: 'line 0' },
    { mark: 'added', text: 'extra' },
  ]);
});
