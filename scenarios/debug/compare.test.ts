// Two runs part where the first event differs, and nowhere else; outputs are compared as multisets.

import test from 'ava';
import fc from 'fast-check';
import type { TraceEntry } from '../../simulator/index.ts';
import { outputDifference, partingOf, type RecordedRun } from './compare.ts';

function entryOf(text: string, index: number): TraceEntry {
  const step = index + 1;
  return { step, timeMs: step, host: 'jm', kind: 'io', text, cause: 0, digest: text };
}

function runOf(outputs: readonly string[]): RecordedRun {
  return { outputs, trace: [], completed: [], result: {} as RecordedRun['result'] };
}

test('runs part at the first event that differs, and equal ones do not', (t) => {
  const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 30 });
  fc.assert(
    fc.property(texts, texts, texts, (common, left, right) => {
      const [one, other] = [
        [...common, 'x', ...left].map(entryOf),
        [...common, 'y', ...right].map(entryOf),
      ];
      const parting = partingOf(one, other);
      t.is(parting?.same, common.length);
      t.is(parting?.left[0]?.text, 'x');
      t.is(parting?.right[0]?.text, 'y');
      t.is(partingOf(one, one), undefined);
      const shorter = partingOf(one, one.slice(0, -1));
      t.is(shorter?.same, one.length - 1);
      t.deepEqual(shorter?.right, []);
    }),
  );
});

test('digests that part before any text does are told apart from it', (t) => {
  const left = ['a', 'b', 'c'].map(entryOf);
  const right = left.map((entry) => {
    if (entry.step < 2) return entry;
    return { ...entry, digest: 'z', text: entry.step === 3 ? 'q' : entry.text };
  });
  t.like(partingOf(left, right), { same: 2, unseenSince: 2 });
});

test('of outputs counts matter and their order does not', (t) => {
  const { onlyLeft, onlyRight } = outputDifference(
    runOf(['a', 'b', 'b', 'b', 'c']),
    runOf(['c', 'b', 'd', 'a']),
  );
  t.deepEqual([...onlyLeft], [['b', 2]]);
  t.deepEqual([...onlyRight], [['d', 1]]);
});
