// The list of declared marks is what the sources say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { declaredIn, declaredMarks, MARKS_FILE } from './marks.ts';
import { ROOT } from './process.ts';

test('declaredIn() finds calls, not comments and not other functions', (t) => {
  const text = `sometimes(a, 'b'); // sometimes(a, 'c')
    always(a, 'd'); sometimes(x, 'a'); if (buggify('e')) sometimes(x, 'a');`;
  t.deepEqual(declaredIn(text), { marks: ['a', 'b'], sites: ['e'] });
});

test('the declared marks are those of the sources: run `npm run marks` if not', (t) => {
  t.is(readFileSync(join(ROOT, MARKS_FILE), 'utf8'), declaredMarks());
});
