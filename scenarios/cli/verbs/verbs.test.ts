// The other commands as a user meets them: replay, list, describe, report, and their mistakes.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseEventLog, summarize } from '../../../reports/index.ts';
import { emptyDirectory, type Ended, onceproof, writeIn } from '../testing/command.ts';
import { userScenarioFile } from '../testing/user-scenarios.ts';

const BROKEN = {
  id: 'user/broken',
  verdict: 'return first % 3 === 0 ? `Record r${first} is odd` : null;',
  tags: ['odd'],
};
const HOLDS = { id: 'user/holds', verdict: 'return null;', backends: ['fs'], tags: ['even'] };

const directory = emptyDirectory();
const file = writeIn(directory, 'my.scenario.ts', userScenarioFile([BROKEN, HOLDS]));

function run(...words: readonly string[]): Promise<Ended> {
  return onceproof(words, { directory });
}

interface Mistake {
  readonly words: readonly string[];
  readonly exit: number;
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  { words: ['repaly', 'F1'], exit: 64, says: /OP-E111 .*Did you mean "replay"/ },
  { words: ['run', '--sedes=5'], exit: 64, says: /OP-E110 .*Did you mean "--seeds"/ },
  { words: ['run', '-n', 'many'], exit: 64, says: /OP-E112 Cannot use "many" for --seeds/ },
  { words: ['run', '--seed', 'xyz'], exit: 64, says: /OP-E112 Cannot use "xyz" for --seed/ },
  {
    words: ['run', 'failover/keyd-count'],
    exit: 4,
    says: /OP-E120 .*Did you mean "failover\/keyed-count"/,
  },
  { words: ['run', 'failover/keyed-count', 'nothing/*'], exit: 4, says: /OP-E120/ },
  { words: ['run', '-t', 'no-such-tag'], exit: 4, says: /OP-E150/ },
  { words: ['run', '-b', 'rocksd'], exit: 64, says: /OP-E124 Cannot find backend "rocksd"/ },
  { words: ['run', './no-such-file.ts'], exit: 65, says: /OP-E101 .*there is no such file/ },
  { words: ['run', './empty.ts'], exit: 65, says: /OP-E121 .*none of its exports is a scenario/ },
  { words: ['run', './enum.ts'], exit: 65, says: /OP-E101 .*Node runs TypeScript by erasing/s },
  { words: ['run', './bad-id.ts'], exit: 65, says: /OP-E130 .*kebab-case/ },
  { words: ['run', './twice.ts'], exit: 65, says: /OP-E122 .*is defined twice/ },
  { words: ['run', '--mutants=canari'], exit: 64, says: /OP-E140 .*Did you mean "canary"/ },
  { words: ['replay'], exit: 64, says: /OP-E113/ },
  { words: ['replay', 'a@b#xyz'], exit: 64, says: /OP-E125 .*its seed "xyz" is not 16/ },
  { words: ['replay', 'failover/keyed-count'], exit: 64, says: /OP-E125 .*of the form/ },
  {
    words: ['replay', 'failover/keyed-cont@fs#12'],
    exit: 64,
    says: /OP-E120 .*Did you mean "failover\/keyed-count"/,
  },
  { words: ['replay', 'failover/keyed-count@hadoop#12'], exit: 64, says: /OP-E124 .*memory, fs/s },
  { words: ['replay', 'F1', '-o', 'nowhere'], exit: 64, says: /OP-E126 .*onceproof run/s },
  { words: ['list', 'scenarois'], exit: 64, says: /OP-E112 .*Did you mean "scenarios"/ },
  { words: ['describe', 'no-leftover'], exit: 64, says: /OP-E120 .*Did you mean "no-leftovers"/ },
  { words: ['describe'], exit: 64, says: /OP-E113/ },
  { words: ['report', 'nowhere'], exit: 64, says: /OP-E126/ },
];

test.before(() => {
  writeIn(directory, 'empty.ts', 'export const nothing = 1;');
  writeIn(directory, 'enum.ts', 'export enum Color { Red }');
  const bad = userScenarioFile([{ ...HOLDS, id: 'Not Kebab' }]);
  writeIn(directory, 'bad-id.ts', bad);
  writeIn(directory, 'twice.ts', userScenarioFile([HOLDS, HOLDS]));
});

for (const { words, exit, says } of MISTAKES) {
  test.serial(`mistake: onceproof ${words.join(' ')}`, async (t) => {
    const ended = await run(...words);
    t.is(ended.exit, exit, ended.stderr);
    t.regex(ended.stderr, says);
    t.regex(ended.stderr, new RegExp(` exit ${exit}: [^\n]+\n$`));
    t.is(ended.stdout, '');
  });
}

test.serial('nothing to run is no failure if it was said to be none', async (t) => {
  const { exit, stderr } = await run('run', 'nothing/*', '--pass-with-no-cases');
  t.is(exit, 0, stderr);
});

test.serial('--dry-run and --list say what would be done, and do nothing', async (t) => {
  const dry = await run('run', file, '-n', '3', '--dry-run', '--seed', '1', '-o', 'dry');
  t.is(dry.exit, 0, dry.stderr);
  t.regex(dry.stdout, / 9 runs of 3 cases, root seed 0000000000000001\n/);
  t.is(dry.stdout.match(/^ {3}user\/\w+@\w+#[0-9a-f]{16}$/gm)?.length, 9);
  const listed = await run('run', file, '--list', '-t', 'odd');
  t.regex(listed.stdout, /user\/broken +\d+ properties +memory fs +my\.scenario\.ts:\d+/);
  t.regex(listed.stdout, / 1 of 2 scenarios/);
});

test.serial('replay tells what is fixed from what holds as it should', async (t) => {
  const words = ['run', file, '-n', '9', '--seed', '1', '-q'];
  t.is((await run(...words)).exit, 1);
  const { events } = parseEventLog(
    readFileSync(join(directory, '.onceproof/events.ndjson'), 'utf8'),
  );
  const runs = events.filter((event) => event.type === 'run.end');
  const held = runs.find(({ verdict }) => verdict === 'valid')?.run ?? '';
  const broken = runs.find(({ verdict }) => verdict === 'invalid')?.run ?? '';

  const asRecorded = await run('replay', file, held);
  t.is(asRecorded.exit, 0, asRecorded.stderr);
  t.regex(asRecorded.stdout, /REPRODUCED +all properties held, as recorded/);

  const unheard = await run('replay', file, 'user/holds@fs#ffffffffffffffff', '-o', 'nowhere');
  t.is(unheard.exit, 5, unheard.stderr);
  t.regex(unheard.stdout, /NOT REPRODUCED +all properties held/);

  const fixed = writeIn(directory, 'fixed.ts', userScenarioFile([{ ...BROKEN, ...HOLDS_NOW }]));
  const gone = await run('replay', fixed, broken);
  t.is(gone.exit, 5, gone.stdout);
  t.regex(gone.stdout, /NOT REPRODUCED +all properties held/);

  const other = { ...BROKEN, verdict: "return 'Something else';" };
  const changed = writeIn(directory, 'other.ts', userScenarioFile([other]));
  const different = await run('replay', changed, broken);
  t.is(different.exit, 5);
  t.regex(different.stdout, /NOT REPRODUCED +user-check instead of user-check, or with another/);
  const newly = await run('replay', changed, held.replace('user/holds@fs', 'user/broken@fs'));
  t.true([1, 5].includes(newly.exit));
});

const HOLDS_NOW = { verdict: 'return null;' };

test.serial('replay shows the last events, or all of them, or JSON', async (t) => {
  const some = await run('replay', file, 'user/holds@fs#12');
  const all = await run('replay', file, 'user/holds@fs#12', '--print-events');
  t.regex(some.stdout, /Events, the last 20 of \d/);
  t.true(all.stdout.split('\n').length > some.stdout.split('\n').length + 50);
  const json = await run('replay', file, 'user/holds@fs#12', '--json');
  const { problems, events, ignoredLines } = parseEventLog(json.stdout);
  t.deepEqual(problems, []);
  t.is(ignoredLines, 1, 'the line of the replay itself');
  t.like(events[1], { type: 'run.end', run: 'user/holds@fs#000000000000000c', verdict: 'valid' });
  t.regex(
    json.stdout,
    /"type":"replay","run":"user\/holds@fs#000000000000000c","outcome":"not-repro/,
  );
});

test.serial('list knows everything there is', async (t) => {
  const expectations: readonly (readonly [string, RegExp])[] = [
    ['scenarios', / failover\/keyed-count +\d+ properties +memory fs( \w+)* +scenarios\/\S+:\d+/],
    ['properties', / exactly-once-ledger +Every input record/],
    ['faults', / partition  .* a link is cut, one way or both/],
    ['backends', / memory +\d+ scenarios/],
    ['mutants', / commit-at-snapshot +commits when the snapshot is taken/],
  ];
  for (const [kind, line] of expectations) {
    const { exit, stdout, stderr } = await run('list', kind);
    t.is(exit, 0, stderr);
    t.regex(stdout, line, kind);
    const json = await run('list', kind, '--json');
    for (const text of json.stdout.trim().split('\n'))
      t.notThrows(() => void JSON.parse(text), text);
  }
  const filtered = await run('list', 'scenarios', 'failover/*', '-b', 'fs');
  t.notRegex(filtered.stdout, /two-phase-commit|memory/);
});

test.serial('list findings and runs are about the last suite', async (t) => {
  await run('run', file, '-n', '9', '--seed', '1', '-q', '-o', 'listed');
  const findings = await run('list', 'findings', '-o', 'listed');
  t.regex(findings.stdout, / F1 +user-check +user\/broken@memory#\w+ +Record r\d+ is odd/);
  const runs = await run('list', 'runs', '-o', 'listed');
  t.regex(runs.stdout, / 27 runs/);
});

test.serial('describe tells everything about one thing', async (t) => {
  const scenario = await run('describe', 'user/broken', file);
  t.regex(scenario.stdout, /user\/broken +my\.scenario\.ts:\d+\n {3}A user claims this\./);
  t.regex(scenario.stdout, /cluster +1 JobManager, 1 TaskManager × 1 slot, parallelism 1/);
  for (const id of ['no-leftovers', 'partition', 'commit-at-snapshot']) {
    const { exit, stdout, stderr } = await run('describe', id);
    t.is(exit, 0, stderr);
    t.true(stdout.startsWith(` ${id}`), stdout);
  }
});

test.serial('report renders again what a suite left, and puts shards together', async (t) => {
  const words = ['run', file, '-n', '8', '--seed', '1', '-q'];
  await run(...words, '-o', 'whole');
  for (const part of ['1', '2']) await run(...words, '--shard', `${part}/2`, '-o', `shard-${part}`);
  const again = await run('report', 'whole', '--reporter', 'html', '-o', 'again');
  t.is(again.exit, 0, again.stderr);
  t.regex(again.stdout, /again\/index\.html/);
  t.notRegex(again.stdout, /junit/);
  const merged = await run('report', 'shard-1', 'shard-2', '-o', 'merged');
  t.is(merged.exit, 0, merged.stderr);
  t.regex(merged.stdout, /merged 2 logs · 24 runs · 1 finding · 3 cases/);
  const read = (path: string) =>
    summarize(parseEventLog(readFileSync(join(directory, path), 'utf8')));
  const [whole, both] = [read('whole/events.ndjson'), read('merged/events.ndjson')];
  t.deepEqual(both.matrix, whole.matrix);
  t.deepEqual(both.totals, whole.totals);
  const marks = ({ sometimes }: typeof both): string[] =>
    sometimes.map(({ name, runs, of }) => `${name} ${runs}/${of}`).sort();
  t.deepEqual(marks(both), marks(whole));
  t.deepEqual(both.notices, []);
});

test.serial('report does not put together what does not belong together', async (t) => {
  writeFileSync(
    join(directory, 'other-root.ndjson'),
    readFileSync(join(directory, 'whole/events.ndjson'), 'utf8').replace(
      '0000000000000001',
      '0000000000000002',
    ),
  );
  const { exit, stderr } = await run('report', 'whole', 'other-root.ndjson', '-o', 'mixed');
  t.is(exit, 64);
  t.regex(stderr, /OP-E127 Cannot merge results of 2 root seeds/);
});
