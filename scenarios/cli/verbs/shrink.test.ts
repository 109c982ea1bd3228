// `onceproof shrink`, repro files and the corpus as a user meets them: a finding becomes a small
// file, the file shows the bug again, guards against its return, and says when it proves nothing.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseEventLog } from '../../../reports/index.ts';
import { parseRepro } from '../../repro/parse-repro.ts';
import { printRepro, type Repro } from '../../repro/repro.ts';
import { emptyDirectory, type Ended, onceproof, writeIn } from '../testing/command.ts';
import { userScenarioFile } from '../testing/user-scenarios.ts';

const BROKEN = {
  id: 'user/broken',
  verdict: 'return first > 100 ? `Record r${first} is odd` : null;',
};
const FIXED = { ...BROKEN, verdict: 'return null;' };

const directory = emptyDirectory();
const file = writeIn(directory, 'my.scenario.ts', userScenarioFile([BROKEN]));
const F1 = '.onceproof/repros/F1.repro.json';

function run(...words: readonly string[]): Promise<Ended> {
  return onceproof(words, { directory, environment: { ONCEPROOF_SHRINK: '20s' } });
}

function reproAt(path: string): Repro {
  return parseRepro(readFileSync(join(directory, path), 'utf8'), path);
}

test.serial('run makes a new finding small by itself, and says how to keep it', async (t) => {
  const { exit, stdout, stderr } = await run('run', file, '-n', '3', '--seed', '1');
  t.is(exit, 1, stderr);
  t.regex(stdout, /Minimal schedule, made from 0 planned faults/);
  t.regex(stdout, /Original +npx onceproof replay \.\/my\.scenario\.ts user\/broken@memory#\w+\n/);
  t.regex(stdout, /Reproduce +npx onceproof replay \.onceproof\/repros\/F1\.repro\.json\n/);
  const { case: one, expect, files } = reproAt(F1);
  t.is(expect.violates, 'user-check');
  t.deepEqual(files, [file]);
  t.is(one.input?.length, 1);
  t.is(one.seed, '0000000000000000');
  const { events } = parseEventLog(
    readFileSync(join(directory, '.onceproof/events.ndjson'), 'utf8'),
  );
  t.like(
    events.find(({ type }) => type === 'finding.shrunk'),
    { id: 'F1', faultsBefore: 0, replay: `npx onceproof replay ${F1}` },
  );
});

test.serial('replay says REPRODUCED, and NOT REPRODUCED once it is fixed', async (t) => {
  const again = await run('replay', F1);
  t.is(again.exit, 1, again.stderr);
  t.regex(again.stdout, / REPRODUCED +user-check, same fingerprint \w{8}, \d+ steps/);
  const unfixed = await run('replay', F1, '--expect-fixed');
  t.is(unfixed.exit, 1);
  const fixed = writeIn(directory, 'fixed.ts', userScenarioFile([FIXED]));
  const gone = await run('replay', fixed, F1);
  t.is(gone.exit, 5, gone.stderr);
  t.regex(gone.stdout, / NOT REPRODUCED +0 faults struck, all properties held/);
  t.is((await run('replay', fixed, F1, '--expect-fixed')).exit, 0);
});

test.serial('a fault that never strikes makes a repro STALE, by name', async (t) => {
  const repro = reproAt(F1);
  const after = { mark: 'checkpoint-completed', nth: 99 };
  const faults = [{ kind: 'kill', host: 'tm-1', atMs: 0, downMs: 0, after }] as never;
  const plan = { ...repro.case.plan, faults };
  const stale = { ...repro, case: { ...repro.case, plan, horizonMs: undefined } };
  writeFileSync(join(directory, 'stale.repro.json'), printRepro(stale));
  const fixed = writeIn(directory, 'fixed.ts', userScenarioFile([FIXED]));
  const { exit, stdout, stderr } = await run('replay', fixed, 'stale.repro.json');
  t.is(exit, 5, stderr);
  t.regex(stdout, / STALE +fault 1 of 1 never struck: kill tm-1 at checkpoint-completed 99/);
  t.is((await run('replay', fixed, 'stale.repro.json', '--expect-fixed')).exit, 125);
});

test.serial('shrink prints what each pass did, and writes the file', async (t) => {
  const { exit, stdout, stderr } = await run('shrink', 'F1', '--to', 'small.repro.json');
  t.is(exit, 0, stderr);
  t.regex(stdout, /^ F1 user-check · start: 0 faults, 3 records, 1 TaskManager, \d+ steps\n/);
  t.regex(stdout, /\n {3}fewer records +records 3 → 1 +\d+ (try|tries)\n/);
  t.regex(stdout, / MINIMAL +0 faults, 1 record, .* Nothing further can be removed\./);
  t.deepEqual(reproAt('small.repro.json').case, reproAt(F1).case);
  const again = await run('shrink', 'small.repro.json', '--json');
  t.is(again.exit, 0, again.stderr);
  t.regex(again.stdout, /^{"v":1,"type":"finding.shrunk","id":"small.repro.json"/);
});

test.serial('a budget that ends early is said: exit 2, with the smallest so far', async (t) => {
  const { exit, stdout } = await run('shrink', 'F1', '--tries', '1', '--to', 'part.repro.json');
  t.is(exit, 2, stdout);
  t.regex(stdout, / SMALLER +.*The time ended first/);
  t.true(existsSync(join(directory, 'part.repro.json')));
  t.is((await run('replay', 'part.repro.json')).exit, 1);
});

test.serial('saved repros run first; one that fails is a finding, without a seed', async (t) => {
  // No seed shows it: only the saved record does.
  const rare = {
    ...BROKEN,
    verdict: BROKEN.verdict.replace('> 100', `=== ${firstOf(reproAt(F1))}`),
  };
  const rareFile = writeIn(directory, 'my.scenario.ts', userScenarioFile([rare]));
  mkdirSync(join(directory, 'scenarios/regressions'), { recursive: true });
  const kept = 'scenarios/regressions/kept.repro.json';
  writeFileSync(join(directory, kept), readFileSync(join(directory, F1)));
  const words = ['run', rareFile, '-n', '2', '--seed', '5'];
  const { exit, stdout, stderr } = await run(...words);
  t.is(exit, 1, stderr + stdout);
  t.regex(stdout, /corpus +0 of 2 saved repros still fixed · failing: /);
  t.regex(stdout, /fails on +a saved repro/);
  t.is(stdout.match(/── F\d+/g)?.length, 1);
  const without = await run(...words, '--no-corpus');
  t.is(without.exit, 0, without.stdout);
  t.notRegex(without.stdout, /corpus/);
  writeIn(directory, 'my.scenario.ts', userScenarioFile([FIXED]));
  const fixed = await run(...words);
  t.is(fixed.exit, 0, fixed.stdout);
  t.regex(fixed.stdout, /corpus +2 saved repros still fixed/);
});

function firstOf({ case: { input } }: Repro): number {
  const [record] = input ?? [];
  return (record as { readonly first: number }).first;
}

test.serial('what holds is not shrunk, and what is no repro is named', async (t) => {
  const holds = await run('shrink', file, 'user/broken@fs#12');
  t.is(holds.exit, 5, holds.stdout);
  t.regex(holds.stderr, /OP-E159 Cannot shrink user\/broken@fs#0{15}c: all its properties hold/);
  const missing = await run('replay', 'nowhere.repro.json');
  t.is(missing.exit, 65);
  t.regex(missing.stderr, /OP-E155 /);
  writeFileSync(join(directory, 'bad.repro.json'), '{"version":1}');
  const bad = await run('shrink', 'bad.repro.json');
  t.is(bad.exit, 65);
  t.regex(bad.stderr, /OP-E157 Cannot use "onceproof" of the repro: it is missing/);
});
