// A mutant changes exactly the statement it names, in TypeScript and in compiled JavaScript, or it
// is refused by name. That each is caught is tested by running it: `onceproof run --mutants`.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { STANDARD_CHECKERS } from '../checkers/index.ts';
import { scenarios } from '../suites/index.ts';
import { MUTANTS, NULL_MUTANT } from './index.ts';
import { mutantsMarkdown } from './markdown.ts';
import { mutate } from './mutant.ts';

const checkers = new Set(
  [...STANDARD_CHECKERS, ...scenarios.flatMap((one) => one.checkers)].map(({ name }) => name),
);

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

test('a word after --mutants means one thing', (t) => {
  const names = [...MUTANTS, NULL_MUTANT].map(({ name }) => name);
  const words = [...names, 'all', 'canary', 'off', ...new Set(MUTANTS.map(({ area }) => area))];
  t.is(new Set(words).size, words.length);
});

test('the null mutant changes comments and nothing else, and is not part of the score', (t) => {
  const { find, replace } = NULL_MUTANT;
  t.is(replace.replace(/\s*\/\*.*?\*\//g, ''), find);
  t.not(replace, find);
  t.false(MUTANTS.some((one) => one.mustSurvive === true));
});

test('docs/mutants.md lists the mutants there are: onceproof list mutants --markdown', (t) => {
  const text = readFileSync(new URL('../../docs/mutants.md', import.meta.url), 'utf8');
  const [, tables] = text.split(/<!-- (?:mutants|end of mutants) -->\n/);
  t.is(tables, `\n${mutantsMarkdown(MUTANTS)}\n`);
});

for (const one of [...MUTANTS, NULL_MUTANT]) {
  test(`mutant ${one.name} fits the engine and names a checker that exists`, (t) => {
    const url = new URL(`../../engine/${one.file}.ts`, import.meta.url);
    const text = readFileSync(url, 'utf8');
    const result = mutate(one, text);
    t.is(result.kind, 'mutated');
    t.true(result.kind === 'mutated' && result.text.includes(one.replace));
    t.regex(one.operator, /^M([1-9]|1[0-8])$/);
    t.true(
      one.standsFor.every((bug) => /^(FLINK-\d+|[a-z-]+#\d+)$/.test(bug)),
      String(one.standsFor),
    );
    t.true(checkers.has(one.expectedProperty), one.expectedProperty);
  });
}
