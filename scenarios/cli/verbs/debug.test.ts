// Debugging as a user meets it: a replay that stops and goes back, two runs side by side, and the
// point from which on a failure was unavoidable.

import test from 'ava';
import { emptyDirectory, type Ended, onceproof, writeIn } from '../testing/command.ts';
import { userScenarioFile } from '../testing/user-scenarios.ts';

/** Whether it fails is decided when its first checkpoint completes, and by chance. */
const ODD = {
  id: 'user/odd',
  verdict: `
    const done = history.events.find(({ event }) => event.kind === 'checkpoint-completed');
    return done !== undefined && done.timeMs % 2 === 1 ? 'Odd: it completed too late' : null;`,
  backends: ['memory'],
};
const HOLDS = { id: 'user/holds', verdict: 'return null;', backends: ['memory'] };

const directory = emptyDirectory();
const file = writeIn(directory, 'my.scenario.ts', userScenarioFile([ODD, HOLDS]));
const RUN = 'user/holds@memory#0000000000000005';
const COUNT = 'failover/keyed-count@fs#0000000000000003';

function run(...words: readonly string[]): Promise<Ended> {
  return onceproof(words, { directory });
}

function stepsIn({ stdout }: Ended): readonly string[] {
  return [...stdout.matchAll(/^ step ([\d ]+?) · /gm)].map(([, step = '']) => step);
}

test.serial('a replay stops before a step, a time or an event, and shows all', async (t) => {
  const words = ['replay', COUNT, '--break', 'checkpoint-completed:2', '--until', '900s'];
  const prints = ['--print', 'state:count,files:/shared/output', '--print', 'events:jm'];
  const stopped = await run(...words, ...prints);
  t.is(stopped.exit, 0, stopped.stderr);
  const { stdout } = stopped;
  t.regex(
    stdout,
    /^ replaying failover\/keyed-count@fs#0{15}3 · [\d ]+ steps, all properties hold\n/,
  );
  t.regex(stdout, /\n step [\d ]+ · \d+\.\d{3}s · next: /);
  for (const title of ['Last events', 'Hosts', 'Tasks', 'Waiting', 'Completed', 'Committed']) {
    t.true(stdout.includes(`\n   ${title}`), title);
  }
  t.regex(stdout, /State of .* on tm-\d, key groups 0 to \d+: \d+ entr/);
  t.regex(stdout, /\n {5}count\["page-\d"\] = \d+\n/);
  t.regex(stdout, /Files below "\/shared\/output"/);
  t.regex(stdout, /Events of jm, the last \d+ of \d+/);
  // The second one is what comes next.
  t.is(stdout.match(/ checkpoint \d+, (retained|removed)\n/g)?.length, 1);
  const json = await run('replay', file, RUN, '--until', '3', '--json');
  t.like(JSON.parse(json.stdout), { type: 'replay.place', step: 3 });
  const timed = await run('replay', file, RUN, '--until', '40ms', '--json');
  const { timeMs } = JSON.parse(timed.stdout) as { readonly timeMs: number };
  t.true(timeMs > 0 && timeMs <= 40, timed.stdout);
  const never = await run('replay', file, RUN, '--break', 'no such thing');
  t.is(never.exit, 64);
  t.regex(never.stderr, /OP-E169 Cannot stop: no event of the run match/);
});

test.serial('--step takes commands, and going back shows what was there before', async (t) => {
  const input = 'n\nn 3\nb\nb 100\nc\nb\np parked\np nonsense\nx\nq\nn\n';
  const words = ['replay', file, RUN, '--step', '--until', '20', '--break', 'job-running'];
  const session = await onceproof(words, { directory, input });
  t.is(session.exit, 0, session.stderr);
  const [first, ...others] = stepsIn(session);
  t.is(first, '20');
  t.deepEqual(others.slice(0, 4), ['21', '24', '23', '1']);
  // To the breakpoint, one step back from it, and nothing after the q.
  const [stop, back, ...more] = others.slice(4).map(Number);
  t.is(back, (stop ?? 0) - 1);
  t.deepEqual(more, []);
  t.regex(session.stdout, / Cannot print "nonsense"\. Use state:<operator>/);
  t.regex(session.stdout, / there is no command "x"/);
  const direct = await run('replay', file, RUN, '--until', '23');
  const shown = direct.stdout.slice(direct.stdout.indexOf(' step 23'));
  t.true(session.stdout.includes(shown));
});

test.serial('diff finds where a run parts from another, and that it equals itself', async (t) => {
  const same = await run('diff', file, RUN, RUN);
  t.is(same.exit, 0, same.stderr);
  t.regex(same.stdout, /All [\d ]+ events are the same\n/);
  t.regex(same.stdout, /They end in the same way/);
  const other = await run('diff', file, RUN, 'user/odd@memory#6');
  t.is(other.exit, 1, other.stderr);
  t.regex(
    other.stdout,
    /The first difference: after \d+ events? that (are|is) the same, at step \d+/,
  );
  t.regex(other.stdout, /\n {5}< +\d+ .*\n(.*\n)* {5}> +\d+ /);
  t.regex(other.stdout, /\n {3}digest +\w{16} +\w{16}\n/);
  const mistake = await run('diff', file, RUN);
  t.is(mistake.exit, 64);
  t.regex(mistake.stderr, /OP-E171 Cannot tell what to compare/);
});

test.serial('diff compares a run with the same run on a mutant', async (t) => {
  const run1 = 'two-phase-commit/pass-through@memory#d44c1c0b1320098d';
  const { exit, stdout, stderr } = await run('diff', run1, '--mutants=canary', '--json');
  t.is(exit, 1, stderr);
  const found = JSON.parse(stdout) as { readonly parting: object; readonly end: readonly object[] };
  t.truthy(found.parting);
  t.like(
    found.end.find((row) => 'what' in row && row.what === 'verdict'),
    { left: 'all hold', right: 'violated: no-commit-before-completion' },
  );
});

test.serial('why finds the step that decided, and says so only if it tried', async (t) => {
  const suite = await run('run', file, 'user/odd', '-n', '6', '--seed', '1', '-j', '1');
  t.is(suite.exit, 1, suite.stdout);
  const why = await run('why', 'F1', '--tries', '12', '--json');
  t.is(why.exit, 0, why.stderr + why.stdout);
  const { outcome, last } = JSON.parse(why.stdout) as { outcome: string; last: number };
  t.is(outcome, 'found');
  const [decided = ''] = stepsIn(await run('replay', 'F1', '--break', 'checkpoint-completed'));
  const step = Number(decided.replaceAll(' ', ''));
  t.true(last > 1 && last <= step, `${last} of ${step}`);
  const short = await run('why', 'F1', '--for', '1ms');
  t.is(short.exit, 2, short.stdout);
  t.regex(short.stdout, / NOT DETERMINED +the time ended before the search did/);
  const holds = await run('why', file, RUN);
  t.is(holds.exit, 5);
  t.regex(holds.stderr, /OP-E166 Cannot say why .* fails: all its properties hold/);
});
