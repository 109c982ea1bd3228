// The canary dies: an engine that commits too early is caught, its replay line shows it again, and
// the real engine passes the very same seed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseEventLog } from '../../../reports/index.ts';
import { emptyDirectory, onceproof } from '../testing/command.ts';

test.serial(
  'the canary is killed, its replay reproduces, and the engine passes the seed',
  async (t) => {
    // What the mutant breaks goes on for two minutes of virtual time, on machines with much to do.
    t.timeout(300_000);
    const directory = emptyDirectory();
    const words = ['run', '--mutants=canary', '-n', '20', '--seed', '1', '-j', '2'];
    const { exit, stdout, stderr } = await onceproof(words, { directory });
    t.is(exit, 0, stderr + stdout);
    t.regex(stderr, /✓ commit-at-snapshot killed by [a-z-]+/);
    t.regex(stdout, / commit-at-snapshot +killed +[a-z-]+ /);
    t.regex(stdout, /score +1 of 1 killed/);
    const log = readFileSync(join(directory, '.onceproof/events.ndjson'), 'utf8');
    const { events } = parseEventLog(log);
    t.like(
      events.find(({ type }) => type === 'mutant'),
      { name: 'commit-at-snapshot', killed: true },
    );
    t.like(
      events.find(({ type }) => type === 'run.end'),
      { verdict: 'valid' },
    );

    const [line = ''] = /npx onceproof replay --mutants=canary \S+/.exec(stdout) ?? [];
    const replay = line.split(' ').slice(2);
    const again = await onceproof(replay, { directory });
    t.is(again.exit, 1, again.stderr);
    t.regex(again.stdout, / REPRODUCED +[a-z-]+/);
    t.true(again.stdout.includes(line));

    const clean = await onceproof(['replay', replay.at(-1) ?? ''], { directory });
    t.is(clean.exit, 0, clean.stdout);
    t.regex(clean.stdout, /all properties held, as recorded/);
    t.regex(clean.stdout, /event trace identical to the recording/);
  },
);

test.serial('the null mutant survives, and neither counts nor fails', async (t) => {
  t.timeout(300_000);
  const directory = emptyDirectory();
  const words = [
    'run',
    '--mutants=null',
    '--budget',
    '3',
    '--roots',
    '2',
    '--seed',
    '1',
    '-j',
    '1',
  ];
  const { exit, stdout, stderr } = await onceproof(words, { directory });
  t.is(exit, 0, stderr + stdout);
  t.regex(stdout, / null +survived +– +>3 +– +0\/2 /);
  t.notRegex(stdout, /score/);
});
