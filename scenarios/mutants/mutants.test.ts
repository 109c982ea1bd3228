// A mutant changes exactly the statement it names, in TypeScript and in compiled JavaScript, or it
// is refused by name. That each is caught is tested by running it: `onceproof run --mutants`.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { STANDARD_CHECKERS } from '../checkers/index.ts';
import { MUTANTS } from './index.ts';
import { mutate } from './mutant.ts';

const mutant = { find: 'this.#commits.add(id, prepared);', replace: 'this.#commits.clear();' };

test('mutate() does not mind white space', (t) => {
  const compiled = 'x();\n    this.#commits\n        .add( id,prepared );\ny();';
  t.deepEqual(mutate(mutant, compiled), {
    kind: 'mutated',
    text: 'x();\n    this.#commits.clear();\ny();',
  });
});

test('mutate() refuses a statement that is not there exactly once', (t) => {
  t.deepEqual(mutate(mutant, 'nothing'), {
    kind: 'not-once',
    find: mutant.find,
    matches: 0,
  });
  const twice = `${mutant.find}\n${mutant.find}`;
  t.deepEqual(mutate(mutant, twice), { kind: 'not-once', find: mutant.find, matches: 2 });
});

test('mutate() takes neither text for a pattern', (t) => {
  const odd = { find: 'a.b(c) + $1;', replace: "$& $1 $' done" };
  t.deepEqual(mutate(odd, 'a.b(c) + $1;'), { kind: 'mutated', text: "$& $1 $' done" });
  t.is(mutate(odd, 'axb(c) + $1;').kind, 'not-once');
});

for (const one of MUTANTS) {
  test(`mutant ${one.name} fits the engine and names a checker that exists`, (t) => {
    const url = new URL(`../../engine/${one.file}.ts`, import.meta.url);
    const text = readFileSync(url, 'utf8');
    const result = mutate(one, text);
    t.is(result.kind, 'mutated');
    t.true(result.kind === 'mutated' && result.text.includes(one.replace));
    t.true(STANDARD_CHECKERS.some(({ name }) => name === one.expectedProperty));
  });
}
