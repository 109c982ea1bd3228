// `onceproof run` as a user meets it: a process, its output, its exit code, its files.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseEventLog, type ReportEvent, summarize } from '../../reports/index.ts';
import { emptyDirectory, type Ended, onceproof, writeIn } from './testing/command.ts';
import { userScenarioFile } from './testing/user-scenarios.ts';

const HOLDS = { id: 'user/holds', verdict: 'return null;' };
const BROKEN = {
  id: 'user/broken',
  verdict: 'return first % 3 === 0 ? `Record r${first} is odd` : null;',
};
const DEADLY = {
  id: 'user/deadly',
  verdict: "if (first % 4 === 0) process.kill(process.pid, 'SIGKILL'); return null;",
};

interface Attempt extends Ended {
  readonly directory: string;
  readonly events: readonly ReportEvent[];
}

async function attempt(
  scenarios: Parameters<typeof userScenarioFile>[0],
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Attempt> {
  const directory = emptyDirectory();
  const file = writeIn(directory, 'my.scenario.ts', userScenarioFile(scenarios));
  const ended = await onceproof(['run', file, '--seed', '1', ...words], { directory, environment });
  const log = join(directory, '.onceproof/events.ndjson');
  const events = existsSync(log) ? parseEventLog(readFileSync(log, 'utf8')).events : [];
  return { ...ended, directory, events };
}

test.serial(
  "a user's scenario that holds: exit 0, and the numbers of the end are those of the log",
  async (t) => {
    const { exit, stdout, stderr, events, directory } = await attempt([HOLDS], ['-n', '20']);
    t.is(exit, 0, stderr + stdout);
    t.regex(stdout, /NO VIOLATION FOUND/);
    t.regex(stdout, /runs +40 in 2 cases/);
    t.regex(stdout, /95 % sure to have seen any bug that shows in 1 of 13 runs overall/);
    t.regex(stdout, / exit 0: no violation found · root seed 0000000000000001\n$/);
    t.regex(stderr, /^onceproof \S+ · root seed 0000000000000001/);
    const report = summarize({ events, problems: [] });
    t.deepEqual(report.totals, { runs: 40, findings: 0, cases: 2 });
    t.deepEqual(report.notices, []);
    for (const name of ['index.html', 'junit.xml', 'summary.md', 'results.json']) {
      t.true(statSync(join(directory, '.onceproof/report', name)).size > 0, name);
    }
  },
);

test.serial(
  'a violation: exit 1, one block with rates that add up, and a line that reproduces it',
  async (t) => {
    const { exit, stdout, stderr, events, directory } = await attempt([BROKEN], ['-n', '12']);
    t.is(exit, 1, stderr + stdout);
    const failed = events.filter(
      (event) => event.type === 'run.end' && event.verdict === 'invalid',
    );
    const failing = (backend: string): number =>
      failed.filter((event) => event.type === 'run.end' && event.case.endsWith(`@${backend}`))
        .length;
    t.true(failing('memory') > 0 && failing('fs') > 0);
    t.true(stdout.includes(`memory ${failing('memory')}/12 · fs ${failing('fs')}/12`), stdout);
    t.regex(stdout, new RegExp(`VIOLATED +1 finding, ${failed.length} of 24 runs`));
    t.is(stdout.match(/── F\d+/g)?.length, 1);
    const [line = ''] = /npx onceproof replay .*/.exec(stdout) ?? [];
    t.regex(line, /^npx onceproof replay \.\/my\.scenario\.ts user\/broken@memory#[0-9a-f]{16}$/);

    const replay = await onceproof(line.split(' ').slice(2), { directory });
    t.is(replay.exit, 1, replay.stderr);
    t.regex(replay.stdout, /REPRODUCED +user-check/);
    t.regex(replay.stdout, /event trace identical to the recording/);
    t.true(replay.stdout.includes(line));

    for (const name of ['F1', 'latest', '-1']) {
      const byName = await onceproof(['replay', name], { directory });
      t.is(byName.exit, 1, byName.stderr);
      t.true(byName.stdout.includes(line), name);
    }
    const finding = events.find((event) => event.type === 'finding.events');
    t.true(finding?.type === 'finding.events' && finding.events.length > 100);
  },
);

test.serial('-x stops at the first finding, wherever workers are', async (t) => {
  const second = { ...BROKEN, id: 'user/second' };
  const runs = async (workers: string): Promise<string> => {
    const words = ['-n', '30', '-x', '1', '-j', workers, '--json', '--stable'];
    const { exit, stdout, stderr } = await attempt([BROKEN, second], words);
    t.is(exit, 1, stderr);
    return stdout;
  };
  const [one, two] = [await runs('1'), await runs('2')];
  t.is(one, two);
  t.is(one.match(/"type":"finding.new"/g)?.length, 1);
});

test.serial('one worker and two write the same bytes, of all events but the clock', async (t) => {
  const scenarios = [HOLDS, BROKEN];
  const words = ['-n', '15', '--json', '--stable', '--verify-determinism=0.2'];
  const one = await attempt(scenarios, [...words, '-j', '1']);
  const two = await attempt(scenarios, [...words, '-j', '2']);
  t.is(one.stdout, two.stdout);
  t.is(one.stdout, readFileSync(join(one.directory, '.onceproof/events.ndjson'), 'utf8'));
  t.is(one.stdout.match(/"type":"run.end"/g)?.length, 60);
  t.notRegex(one.stdout, /wallMs|"progress"/);
  t.regex(one.stdout, /"type":"determinism","repeated":1\d,"differed":0/);
});

test.serial('shards cut the runs without changing any', async (t) => {
  const digests = async (...words: readonly string[]): Promise<string[]> => {
    const { events, exit } = await attempt([HOLDS], ['-n', '5', ...words]);
    t.is(exit, 0);
    return events.flatMap((event) =>
      event.type === 'run.end' ? [`${event.run} ${event.digest}`] : [],
    );
  };
  const whole = await digests();
  const parts = [...(await digests('--shard', '1/2')), ...(await digests('--shard=2/2'))];
  t.deepEqual(parts.toSorted(), whole.toSorted());
});

test.serial(
  'a run that differs when it is repeated: exit 3, and the difference is shown',
  async (t) => {
    const verdict = 'return calls % 2 === 0 ? `Called ${calls} times` : null;';
    const words = ['-n', '2', '-j', '1', '--verify-determinism'];
    const { exit, stdout, stderr } = await attempt([{ id: 'user/moody', verdict }], words);
    t.is(exit, 3, stderr + stdout);
    t.regex(stdout, /NONDETERMINISTIC/);
    t.regex(stdout, /4 runs repeated, 4 differed/);
    t.regex(stdout, /first: user\/moody@memory#/);
  },
);

test.serial('a worker that dies: exit 70 with the seed, and everything else is run', async (t) => {
  const { exit, stdout, stderr, events } = await attempt([DEADLY], ['-n', '12', '-j', '2']);
  t.is(exit, 70, stderr + stdout);
  const deaths = stderr.match(/OP-E151 Cannot carry out user\/deadly@\w+#[0-9a-f]{16}/g) ?? [];
  t.true(deaths.length > 0);
  const runs = events.filter(({ type }) => type === 'run.end').length;
  t.is(runs + deaths.length, 24, 'every run is in the log, or named as failed');
  t.regex(stdout, /trouble +\d+ runs? could not be carried out/);
});

test.serial(
  'a scenario that throws inside the engine is a violation with a seed, not a crash',
  async (t) => {
    const verdict = "throw new TypeError('checker is broken')";
    const { exit, stderr } = await attempt([{ id: 'user/throws', verdict }], ['-n', '1']);
    t.is(exit, 70);
    t.regex(
      stderr,
      /Cannot carry out user\/throws@memory#[0-9a-f]{16}: TypeError: checker is broken/,
    );
  },
);

test.serial('ten megabytes of JSON arrive whole through a pipe', async (t) => {
  const verdict = "return `Broken ${'x'.repeat(500_000)}`;";
  const scenario = { id: 'user/loud', verdict, backends: ['memory'] };
  const { exit, stdout, stderr } = await attempt(
    [scenario],
    ['-n', '20', '--json', '--reporter=none'],
  );
  t.is(exit, 1, stderr);
  t.true(stdout.length > 10_000_000, String(stdout.length));
  const { events, problems } = parseEventLog(stdout);
  t.deepEqual(problems, []);
  t.is(events.at(-1)?.type, 'suite.end');
});

test.serial('what a scenario prints does not get between the lines of JSON', async (t) => {
  const verdict = "console.log('hello from a scenario'); return null;";
  const words = ['-n', '2', '--json'];
  const { stdout, stderr, exit } = await attempt([{ id: 'user/chatty', verdict }], words);
  t.is(exit, 0, stderr);
  t.deepEqual(parseEventLog(stdout).problems, []);
  t.notRegex(stdout + stderr, /hello from a scenario/);
  const verbose = await attempt([{ id: 'user/chatty', verdict }], [...words, '-v']);
  t.regex(verbose.stderr, /hello from a scenario/);
});

for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  test.serial(`${signal}: exit ${code}, and the log is complete and readable`, async (t) => {
    const directory = emptyDirectory();
    const file = writeIn(directory, 'my.scenario.ts', userScenarioFile([HOLDS]));
    let isSent = false;
    const { exit, stdout } = await onceproof(['run', file, '-n', '100000', '-v'], {
      directory,
      onOutput(text, interrupt) {
        if (isSent || (text.match(/✓ held/g)?.length ?? 0) < 5) return;
        isSent = true;
        interrupt(signal);
      },
    });
    t.is(exit, code, stdout);
    const text = readFileSync(join(directory, '.onceproof/events.ndjson'), 'utf8');
    const { events, problems } = parseEventLog(text);
    t.deepEqual(problems, []);
    t.like(events.at(-1), { type: 'suite.end', exit: code, interrupted: true });
    t.true(events.filter(({ type }) => type === 'run.end').length >= 5);
    t.true(existsSync(join(directory, '.onceproof/report/index.html')));
  });
}

test.serial('--for ends in time, having given every case its turn', async (t) => {
  const { exit, stdout, events } = await attempt([HOLDS], ['--for', '4s']);
  t.is(exit, 0, stdout);
  const cases = new Set(events.flatMap((event) => (event.type === 'run.end' ? [event.case] : [])));
  t.is(cases.size, 2);
});

test.serial(
  'a report that cannot be written: exit 7, and the verdict is there all the same',
  async (t) => {
    const directory = emptyDirectory();
    const file = writeIn(directory, 'my.scenario.ts', userScenarioFile([HOLDS]));
    writeIn(directory, 'taken', 'a file where a directory should be');
    const words = ['run', file, '-n', '1', '-o', 'taken'];
    const { exit, stdout } = await onceproof(words, { directory });
    t.is(exit, 7, stdout);
    t.regex(stdout, /OP-E70\d/);
    t.regex(stdout, /runs +2 in 2 cases/);
  },
);

test.serial('GitHub gets an annotation at the place of the scenario, and a summary', async (t) => {
  const summary = join(emptyDirectory(), 'summary.md');
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
  const { stdout } = await attempt([BROKEN], ['-n', '9'], environment);
  t.regex(
    stdout,
    /^::error file=my\.scenario\.ts,line=\d+,title=F1 user-check \(memory\)::Record r/m,
  );
  t.regex(readFileSync(summary, 'utf8'), /onceproof: violated, 1 finding/);
});

test.serial('--ascii and NO_COLOR leave nothing but ASCII, --color=always colors', async (t) => {
  const plain = await attempt([BROKEN], ['-n', '9', '--ascii']);
  t.regex(plain.stdout + plain.stderr, /^[\x00-\x7f]*$/);
  t.notRegex(plain.stdout, /\u001B/);
  const colored = await attempt([BROKEN], ['-n', '9', '--color=always'], { NO_COLOR: '1' });
  t.regex(colored.stdout, /\u001B\[31m/);
});

test.serial('the brief form names what a program needs', async (t) => {
  const { stdout, stderr } = await attempt([BROKEN], ['-n', '9'], { AI_AGENT: '1' });
  t.regex(stdout, /^VIOLATED exit=1 findings=1 runs=18 root=0000000000000001\n/);
  t.regex(
    stdout,
    /\n {2}replay: npx onceproof replay \.\/my\.scenario\.ts user\/broken@memory#\w+ --json\n/,
  );
  t.is(stderr, '');
});

test.serial('--trace all keeps the events of every run', async (t) => {
  const scenario = { ...HOLDS, backends: ['fs'] };
  const words = ['-n', '2', '--trace=all'];
  const { directory, events, exit } = await attempt([scenario], words);
  t.is(exit, 0);
  const runs = events.flatMap((event) => (event.type === 'run.end' ? [event.seed] : []));
  t.is(runs.length, 2);
  for (const seed of runs) {
    const path = join(directory, `.onceproof/traces/user_holds_fs_${seed}.ndjson`);
    t.true(statSync(path).size > 1_000, path);
  }
});
