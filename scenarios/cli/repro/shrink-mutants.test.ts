// What kills a mutant is made small enough to read: at most three faults, and at least four fifths
// of the events gone; and it shows the mutant, not the engine. Counted in tries, not in seconds.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseRepro } from '../../repro/parse-repro.ts';
import { emptyDirectory, onceproof } from '../testing/command.ts';

const TRIES = '600';
const FAULTS_MAX = 3;
const FEWER_MIN = 80;

for (const mutant of ['canary', 'forget-committables']) {
  test.serial(`${mutant}: a kill shrinks to what a person can read`, async (t) => {
    t.timeout(600_000);
    const directory = emptyDirectory();
    const run = (...words: readonly string[]) => onceproof(words, { directory });
    const hunt = await run('run', `--mutants=${mutant}`, '-n', '20', '--seed', '1', '-j', '2');
    t.is(hunt.exit, 0, hunt.stderr + hunt.stdout);
    const shrunk = await run('shrink', 'latest', '--tries', TRIES, '--to', 'kill.repro.json');
    t.true([0, 2].includes(shrunk.exit), shrunk.stderr);
    const [, fewer = '0'] = /\((\d+) % fewer\)/.exec(shrunk.stdout) ?? [];
    t.true(Number(fewer) >= FEWER_MIN, shrunk.stdout);
    const text = readFileSync(join(directory, 'kill.repro.json'), 'utf8');
    const repro = parseRepro(text, 'kill.repro.json');
    t.is(repro.mutant, mutant);
    t.true(repro.case.plan.faults.length <= FAULTS_MAX);
    const caught = await run('replay', 'kill.repro.json');
    t.is(caught.exit, 1, caught.stdout);
    const clean = await run('replay', 'kill.repro.json', '--mutants=off');
    t.regex(clean.stdout, / NOT REPRODUCED +\d faults? struck, all properties held/);
  });
}
