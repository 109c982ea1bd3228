// The list of declared marks is what the sources say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { declaredMarks, MARKS_FILE, marksOf } from './marks.ts';
import { ROOT } from './process.ts';

test('marksOf() finds calls, not comments and not other functions', (t) => {
  const text = "sometimes(a, 'b'); // sometimes(a, 'c')\nalways(a, 'd'); sometimes(x, 'a');";
  t.deepEqual(marksOf(text), ['a', 'b']);
});

test('the declared marks are those of the sources: run `npm run marks` if not', (t) => {
  t.is(readFileSync(join(ROOT, MARKS_FILE), 'utf8'), declaredMarks());
});
