// Every kept repro holds on the engine as it is, with all its faults striking, and fails with the
// mutant that it names: a regression that proves nothing is a defect.

import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { macrotask } from '../../simulator/index.ts';
import { emptyDirectory, onceproof } from '../cli/testing/command.ts';
import { judgeRepro } from '../repro/judge-repro.ts';
import { parseRepro } from '../repro/parse-repro.ts';
import { printRepro } from '../repro/repro.ts';
import { runCase } from '../shrink/run-case.ts';
import { scenarios } from '../suites/index.ts';

const directory = dirname(fileURLToPath(import.meta.url));
const names = globSync('*.repro.json', { cwd: directory }).sort();

test('there are some', (t) => {
  t.true(names.length > 0);
});

for (const name of names) {
  const text = readFileSync(`${directory}/${name}`, 'utf8');
  const repro = parseRepro(text, name);

  test(`${name} is written as shrink writes it`, (t) => {
    t.is(printRepro(repro), text);
  });

  test.serial(`${name} holds, and proves something`, async (t) => {
    const scenario = scenarios.find(({ id }) => id === repro.case.scenario);
    if (scenario === undefined) return t.fail(repro.case.scenario);
    const result = await runCase({ scenario, stage: { drain: macrotask } }, repro.case);
    t.deepEqual(judgeRepro(repro, result), { kind: 'not-reproduced' });
    return undefined;
  });

  if (repro.mutant === undefined) continue;
  test.serial(`${name} fails with the mutant ${repro.mutant}`, async (t) => {
    const words = ['replay', `${directory}/${name}`];
    const { exit, stdout, stderr } = await onceproof(words, { directory: emptyDirectory() });
    t.is(exit, 1, stderr + stdout);
    t.regex(stdout, / REPRODUCED/);
  });
}
