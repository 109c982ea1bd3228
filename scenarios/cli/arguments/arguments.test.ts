// What the words of a command line come to, and what is said about those that come to nothing.

import test from 'ava';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { parseCommandLine, type ParsedLine } from './command-line.ts';
import { readRunSettings, type RunSettings } from './run-settings.ts';
import { parseTagExpression } from './tag-expression.ts';

function parse(...words: readonly string[]): ParsedLine {
  const line = parseCommandLine(words, '1.2.3');
  if (line.kind === 'text') throw new Error(line.text);
  return line;
}

function settings(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): RunSettings {
  return readRunSettings(parse('run', ...words), environment);
}

function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof OnceproofError ? `${error.code} ${error.message}` : String(error);
  }
  return 'no error';
}

test('"run" may be left out before a filter or a flag, not before an unknown word', (t) => {
  t.is(parse('failover/*').verb, 'run');
  t.is(parse('./my.scenario.ts').verb, 'run');
  t.is(parse('-n', '5').verb, 'run');
  t.is(parse().verb, 'run');
  t.regex(
    errorOf(() => parse('repaly', 'F1')),
    /^OP-E111 Cannot find command "repaly"\. Did you mean "replay"\?/,
  );
  t.regex(
    errorOf(() => parse('shrnk', 'F1')),
    /^OP-E111 Cannot find command "shrnk"/,
  );
});

test('an unknown flag is named, with the nearest one that exists', (t) => {
  const message = errorOf(() => parse('run', '--sedes', '5'));
  t.is(message, 'OP-E110 Cannot use flag "--sedes": it is unknown. Did you mean "--seeds"?');
  t.regex(
    errorOf(() => parse('replay', '--max-findings', '3', 'F1')),
    /^OP-E110 Cannot use flag "--max-findings": it is unknown/,
  );
  t.is(
    errorOf(() => parse('run', '-n')),
    'OP-E113 Cannot use flag "--seeds": its value is missing',
  );
});

test('help and version are texts, on stdout and without an error', (t) => {
  t.deepEqual(parseCommandLine(['--version'], '1.2.3'), { kind: 'text', text: '1.2.3\n' });
  for (const words of [['--help'], ['run', '--help'], ['help', 'run'], ['replay', '-h']]) {
    const line = parseCommandLine(words, '1.2.3');
    t.true(line.kind === 'text' && line.text.includes('Usage: onceproof'), words.join(' '));
  }
});

test('a flag without its optional value does not swallow the filter after it', (t) => {
  t.like(settings(['--mutants', 'failover/*']), { mutants: 'all' });
  t.deepEqual(settings(['--mutants', 'failover/*']).selection.filters, ['failover/*']);
  t.like(settings(['--mutants', 'canary']), { mutants: 'canary' });
  t.like(settings(['--mutants=canary']), { mutants: 'canary' });
  t.is(settings(['--verify-determinism', 'failover/*']).determinismShare, 1);
  t.is(settings(['--verify-determinism=0.25']).determinismShare, 0.25);
  t.is(settings(['--verify-determinism', '50%']).determinismShare, 0.5);
  t.is(settings([]).determinismShare, 0.05);
});

test('lists may be given with commas, again and again, or both', (t) => {
  t.deepEqual(settings(['-b', 'fs,memory', '-b', 'hdfs']).selection.backends, [
    'fs',
    'memory',
    'hdfs',
  ]);
  t.deepEqual(settings(['--reporter', 'html', '--reporter=junit']).reporters, ['html', 'junit']);
  t.deepEqual(settings(['-b', 'fs', 'a/b']).selection.filters, ['a/b']);
});

test('what is typed wins over the environment, which wins over the default', (t) => {
  t.is(settings([]).seeds, 5);
  t.is(settings([], { ONCEPROOF_SEEDS: '7' }).seeds, 7);
  t.is(settings(['-n', '9'], { ONCEPROOF_SEEDS: '7' }).seeds, 9);
  t.is(settings([], { ONCEPROOF_MAX_FINDINGS: '3' }).maxFindings, 3);
  t.true(settings([], { ONCEPROOF_STABLE: '1' }).stable);
  t.false(settings(['--no-stable'], { ONCEPROOF_STABLE: '1' }).stable);
  t.regex(
    errorOf(() => settings([], { ONCEPROOF_SEEDS: 'many' })),
    /^OP-E112 Cannot use "many" for ONCEPROOF_SEEDS/,
  );
});

test('the profile decides the number of seeds, and CI decides the profile', (t) => {
  t.like(settings([]), { profile: 'smoke', seeds: 5 });
  t.like(settings([], { CI: 'true' }), { profile: 'ci', seeds: 200 });
  t.like(settings(['--profile', 'nightly']), { profile: 'nightly', seeds: 2_000 });
  t.like(settings(['--for', '30s']), { forMs: 30_000, seeds: Number.POSITIVE_INFINITY });
  t.like(settings(['--for', '1.5m', '-n', '4']), { forMs: 90_000, seeds: 4 });
});

test('a value that cannot be used is an error that says what can', (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['-n', '0'], /"0" for --seeds: it must be a whole number above 0/],
    [['-n', '1e3'], /"1e3" for --seeds/],
    [['--for', '10'], /"10" for --for: it must be a number with a unit/],
    [['--seed', 'xyz'], /"xyz" for --seed: it must be 16 hexadecimal digits/],
    [['-j', '0'], /"0" for --workers/],
    [['-j', 'all'], /"all" for --workers/],
    [['--shard', '5/4'], /"5\/4" for --shard: it must be i\/n/],
    [['--verify-determinism=2'], /"2" for --verify-determinism/],
    [['-t', 'a &&'], /"a &&" for --tag: it must be an expression/],
    [['-g', '('], /"\(" for --grep: it must be a regular expression/],
    [['--profile', 'nightli'], /Did you mean "nightly"/],
    [['--reporter', 'htm'], /"htm" is not one of .*Did you mean "html"/],
    [['--fail-on', 'gates'], /Did you mean "gate"/],
    [['--color', 'blue'], /it must be one of auto, always, never/],
  ];
  for (const [words, message] of cases) {
    const text = errorOf(() => settings(words));
    t.regex(text, message, words.join(' '));
    t.true(text.startsWith('OP-E112 '), text);
  }
});

test('the root seed may be hexadecimal, decimal, a commit, or random', (t) => {
  t.is(settings(['--seed', '4c1e7f2d9a03b6e1']).root, '4c1e7f2d9a03b6e1');
  t.is(settings(['--seed', '255']).root, '00000000000000ff');
  t.is(settings(['--seed', 'a'.repeat(40)]).root, 'a'.repeat(16));
  t.is(settings(['--seed', 'random']).root, undefined);
});

test('-1 is a name of the latest run, not a flag', (t) => {
  t.deepEqual(parse('replay', '-1').words, ['latest']);
});

test('parseTagExpression() binds not tighter than and, and tighter than or', (t) => {
  const holds = (text: string, ...tags: string[]): boolean | undefined =>
    parseTagExpression(text)?.(tags);
  t.true(holds('recovery && !slow', 'recovery'));
  t.false(holds('recovery && !slow', 'recovery', 'slow'));
  t.true(holds('a or b and c', 'a'));
  t.false(holds('(a or b) and c', 'a'));
  t.true(holds('not not two-phase-commit', 'two-phase-commit'));
  for (const text of ['', 'a b', '(a', 'a)', '&&', 'a ||', '!', 'a & b']) {
    t.is(parseTagExpression(text), undefined, text);
  }
});
