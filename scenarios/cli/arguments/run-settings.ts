// What `onceproof run` was asked to do, checked and complete. Nothing below this line looks at
// flags or at the environment for it again.

import { availableParallelism } from 'node:os';
import { parseSeed } from '../../seeds.ts';
import type { ParsedLine } from './command-line.ts';
import { parseTagExpression, type TagTest } from './tag-expression.ts';
import { type EnvironmentVariables, Values } from './values.ts';

export interface Selection {
  /** Ids, globs on ids, and paths of scenario files. */
  readonly filters: readonly string[];
  readonly grep: RegExp | undefined;
  readonly grepInvert: RegExp | undefined;
  readonly tag: TagTest | undefined;
  readonly backends: readonly string[] | undefined;
}

export type Outcome = 'violation' | 'nondeterminism' | 'gate' | 'inconclusive';
export type Reporter = 'live' | 'lines' | 'brief' | 'none' | 'github' | FileReporter;
export type FileReporter = 'html' | 'junit' | 'markdown' | 'json';
export type Profile = 'smoke' | 'ci' | 'nightly';

export interface ScreenSettings {
  readonly json: boolean;
  readonly color: 'auto' | 'always' | 'never';
  readonly ascii: boolean;
}

export interface RunSettings {
  readonly selection: Selection;
  readonly screen: ScreenSettings;
  readonly profile: Profile;
  /** Of each case. */
  readonly seeds: number;
  /** The time is the budget; `seeds` is then the most, if it was given. */
  readonly forMs: number | undefined;
  readonly root: string | undefined;
  readonly maxFindings: number;
  readonly workers: number;
  readonly determinismShare: number;
  /** `off`, or, separated by commas: `all`, `canary`, `null`, areas and names of mutants. */
  readonly mutants: string;
  /** Runs for each mutant and root seed, whatever `seeds` says of each case. */
  readonly budget: number;
  /** How many root seeds a mutant is hunted with. */
  readonly roots: number;
  /** How long each new finding is made smaller; undefined: not at all. */
  readonly shrinkMs: number | undefined;
  /** Every so many durable operations of a run are crashed at; undefined: none. */
  readonly crashPointsEvery: number | undefined;
  /** Saved repros run first. */
  readonly runsCorpus: boolean;
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  readonly task: 'run' | 'list' | 'dry-run';
  readonly reporters: readonly Reporter[] | undefined;
  readonly addedReporters: readonly Reporter[];
  readonly out: string;
  readonly stable: boolean;
  readonly trace: 'findings' | 'all' | 'never';
  readonly failOn: readonly Outcome[];
  readonly passWithNoCases: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
}

export const DEFAULT_OUT = '.onceproof';

const SEEDS_OF: Readonly<Record<Profile, number>> = { smoke: 5, ci: 200, nightly: 2_000 };
const SHRINK_MS = 10_000;
const DETERMINISM_SHARE = 0.05;
const OUTCOMES: readonly Outcome[] = ['violation', 'nondeterminism', 'gate', 'inconclusive'];
const REPORTERS: readonly Reporter[] = [
  'live',
  'lines',
  'brief',
  'none',
  'github',
  'html',
  'junit',
  'markdown',
  'json',
];

export function readRunSettings(line: ParsedLine, environment: EnvironmentVariables): RunSettings {
  const values = new Values(line.typed, environment);
  const isCi = environment['CI'] !== undefined && environment['CI'] !== 'false';
  const profiles: readonly [Profile, ...Profile[]] = isCi
    ? ['ci', 'smoke', 'nightly']
    : ['smoke', 'ci', 'nightly'];
  const profile = values.choice('profile', profiles);
  const forMs = values.durationMs('for');
  const seeds = values.count('seeds');
  const budget = values.count('budget');
  const mutants = values.text('mutants') ?? 'off';
  if (budget !== undefined && mutants === 'off') {
    throw values.unusable('budget', 'it is for hunts, so --mutants has to say of which mutants');
  }
  const isLimited = forMs !== undefined || budget !== undefined;
  return {
    selection: readSelection(line.words, values),
    screen: readScreen(values),
    profile,
    seeds: seeds ?? (isLimited ? Number.POSITIVE_INFINITY : SEEDS_OF[profile]),
    forMs,
    root: readRoot(values),
    maxFindings: values.count('max-findings') ?? Number.POSITIVE_INFINITY,
    workers: readWorkers(values),
    determinismShare: readShare(values),
    mutants,
    budget: budget ?? Number.POSITIVE_INFINITY,
    roots: values.count('roots') ?? 1,
    shrinkMs: readShrinkMs(values),
    crashPointsEvery: readCrashPoints(values),
    runsCorpus: values.text('corpus') === undefined || values.isOn('corpus'),
    shard: readShard(values),
    task: values.isOn('list') ? 'list' : values.isOn('dry-run') ? 'dry-run' : 'run',
    reporters: values.choices('reporter', REPORTERS),
    addedReporters: values.choices('add-reporter', REPORTERS) ?? [],
    out: values.text('out') ?? DEFAULT_OUT,
    stable: values.isOn('stable'),
    trace: values.choice('trace', ['findings', 'all', 'never']),
    failOn: values.choices('fail-on', OUTCOMES) ?? OUTCOMES,
    passWithNoCases: values.isOn('pass-with-no-cases'),
    verbosity: values.isOn('quiet') ? 'quiet' : values.isOn('verbose') ? 'verbose' : 'normal',
  };
}

export function readSelection(filters: readonly string[], values: Values): Selection {
  const tagText = values.text('tag');
  const tag = tagText === undefined ? undefined : parseTagExpression(tagText);
  if (tagText !== undefined && tag === undefined) {
    throw values.unusable('tag', "it must be an expression on tags, as in 'recovery && !slow'");
  }
  return {
    filters,
    grep: values.pattern('grep'),
    grepInvert: values.pattern('grep-invert'),
    tag,
    backends: values.list('backend'),
  };
}

export function readScreen(values: Values): ScreenSettings {
  return {
    json: values.isOn('json'),
    color: values.choice('color', ['auto', 'always', 'never']),
    ascii: values.isOn('ascii'),
  };
}

/** Undefined: nobody asked for one. */
function readRoot(values: Values): string | undefined {
  const text = values.text('seed');
  if (text === undefined || text === 'random') return undefined;
  const seed = parseSeed(text);
  if (seed !== undefined) return seed;
  throw values.unusable(
    'seed',
    'it must be 16 hexadecimal digits, a decimal number below 2^64, the 40 digits of a git ' +
      'commit, or random',
  );
}

function readWorkers(values: Values): number {
  const cores = availableParallelism();
  const text = values.text('workers');
  if (text === undefined) return cores;
  const [, number = '', percent] = /^(\d{1,4})(%?)$/.exec(text) ?? [];
  const workers = percent === '%' ? Math.round((cores * Number(number)) / 100) : Number(number);
  if (number !== '' && Number(number) > 0) return Math.max(1, workers);
  throw values.unusable('workers', 'it must be a number above 0, or a percentage of the cores');
}

function readShare(values: Values): number {
  const text = values.text('verify-determinism');
  if (text === undefined) return DETERMINISM_SHARE;
  if (text === 'off' || text === 'false') return 0;
  if (text === 'true') return 1;
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (share >= 0 && share <= 1 && /\d/.test(text)) return share;
  throw values.unusable('verify-determinism', 'it must be a share between 0 and 1, as in 0.05');
}

function readShrinkMs(values: Values): number | undefined {
  const text = values.text('shrink');
  if (text === undefined || text === 'true') return SHRINK_MS;
  return text === 'off' || text === 'false' ? undefined : values.durationMs('shrink');
}

function readCrashPoints(values: Values): number | undefined {
  const text = values.text('crash-points');
  if (text === undefined || text === 'off' || text === 'false') return undefined;
  return text === 'true' ? 1 : values.count('crash-points');
}

function readShard(values: Values): RunSettings['shard'] {
  const text = values.text('shard');
  if (text === undefined) return undefined;
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count) return shard;
  throw values.unusable('shard', 'it must be i/n with i from 1 to n, as in 2/4');
}
