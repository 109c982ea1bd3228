// Every flag there is, as data: what the command line accepts, what help prints and which variable
// of the environment stands for it (`--max-findings` is ONCEPROOF_MAX_FINDINGS) follow from it.

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What help shows for its value; a flag without one is on or off. */
  readonly value?: string;
  /** What the flag means when it is given without its value. */
  readonly bare?: { readonly means: string; readonly isValue: RegExp };
  /** May be given again; values add up, separated by commas. */
  readonly isList?: boolean;
  readonly text: string;
}

const OUT: Flag = {
  name: 'out',
  short: 'o',
  value: '<directory>',
  text: 'where results and reports go (default .onceproof)',
};

const SCREEN: readonly Flag[] = [
  { name: 'json', text: 'machine-readable output on stdout, one JSON object a line' },
  { name: 'color', value: '<when>', text: 'auto, always or never' },
  { name: 'ascii', text: 'no characters beyond ASCII' },
];

const SELECT: readonly Flag[] = [
  { name: 'grep', short: 'g', value: '<regexp>', text: 'only scenarios whose id or claim matches' },
  { name: 'grep-invert', short: 'G', value: '<regexp>', text: 'only scenarios that do not match' },
  { name: 'tag', short: 't', value: '<expression>', text: "by tags: 'recovery && !slow'" },
  {
    name: 'backend',
    short: 'b',
    value: '<id...>',
    isList: true,
    text: 'only these state backends, separated by commas',
  },
];

const MUTANTS: Flag = {
  name: 'mutants',
  value: '<which>',
  bare: { means: 'all', isValue: /^(canary|all|null|off)$/ },
  text: 'run against known-bad engines: canary, all, null, off, areas or names, by commas',
};

export const RUN_FLAGS: readonly Flag[] = [
  ...SELECT,
  { name: 'shard', value: '<i/n>', text: 'the i-th of n equal parts of the runs' },
  { name: 'list', text: 'say what would be selected, run nothing' },
  { name: 'dry-run', text: 'say what would be run, run nothing' },
  { name: 'profile', value: '<name>', text: 'how much to run: smoke, ci or nightly' },
  { name: 'seeds', short: 'n', value: '<N>', text: 'runs of each case' },
  { name: 'for', value: '<duration>', text: 'stop after this time: 30s, 5m, 2h' },
  { name: 'seed', value: '<root>', text: '16 hex digits, a decimal, a git commit, or random' },
  { name: 'max-findings', short: 'x', value: '<N>', text: 'stop after this many findings' },
  { name: 'workers', short: 'j', value: '<N|%>', text: 'worker processes (default: one a core)' },
  {
    name: 'verify-determinism',
    value: '<share>',
    bare: { means: '1', isValue: /^(\d*\.?\d+%?|off)$/ },
    text: 'which share of the runs is repeated and compared (default 0.05)',
  },
  MUTANTS,
  { name: 'budget', value: '<N>', text: 'with --mutants: runs for each mutant and root seed' },
  { name: 'roots', value: '<N>', text: 'with --mutants: hunt with so many root seeds (default 1)' },
  {
    name: 'shrink',
    value: '<duration>',
    bare: { means: '10s', isValue: /^(\d+(\.\d+)?(ms|s|m|h)|off)$/ },
    text: 'how long to make each new finding smaller, or off (default 10s)',
  },
  {
    name: 'crash-points',
    value: '<N>',
    bare: { means: '1', isValue: /^(\d+|off)$/ },
    text: 'then crash each case at every Nth durable operation of one run, before and after it',
  },
  { name: 'corpus', text: 'run saved repros first (default; see --no-corpus)' },
  { name: 'reporter', value: '<name...>', isList: true, text: 'replaces the reporters' },
  { name: 'add-reporter', value: '<name...>', isList: true, text: 'adds to the reporters' },
  OUT,
  { name: 'stable', text: 'leave out wall-clock times, so that two logs can be compared' },
  { name: 'trace', value: '<which>', text: 'keep traces of: findings (default), all or never' },
  { name: 'fail-on', value: '<what...>', isList: true, text: 'which outcomes are failures' },
  { name: 'pass-with-no-cases', text: 'nothing to run is no failure' },
  { name: 'quiet', short: 'q', text: 'only findings and the verdict' },
  { name: 'verbose', short: 'v', text: 'a line for every run' },
  ...SCREEN,
];

const REPLAY_FLAGS: readonly Flag[] = [
  MUTANTS,
  {
    name: 'expect-fixed',
    text: 'exit 0 if it is fixed, 1 if it still fails, 125 if it is stale, for git bisect run',
  },
  { name: 'print-events', text: 'all events of the run, not only the last' },
  { name: 'until', value: '<place>', text: 'stop before a step, or at a time: 1861, 12.377s' },
  {
    name: 'break',
    value: '<regexp>',
    text: "stop before an event; :<nth> for a later one: 'checkpoint-completed:3'",
  },
  {
    name: 'print',
    value: '<what...>',
    isList: true,
    text: 'where it stops: state:<operator>, events:<host>, files:<prefix>, parked',
  },
  { name: 'step', text: 'go on by commands: n(ext), b(ack), c(ontinue), p(rint), q(uit)' },
  {
    name: 'history',
    value: '<file>',
    text: "write all that was judged to a file: .json, or .edn for Jepsen's tools",
  },
  OUT,
  ...SCREEN,
];

const SHRINK_FLAGS: readonly Flag[] = [
  MUTANTS,
  { name: 'for', value: '<duration>', text: 'how long to try (default 60s)' },
  { name: 'tries', value: '<N>', text: 'how many runs to try (default: as many as fit)' },
  { name: 'to', value: '<file>', text: 'where to write the repro (default repros/ of --out)' },
  OUT,
  ...SCREEN,
];

const DIFF_FLAGS: readonly Flag[] = [MUTANTS, OUT, ...SCREEN];

const WHY_FLAGS: readonly Flag[] = [
  MUTANTS,
  { name: 'for', value: '<duration>', text: 'how long to try (default 60s)' },
  { name: 'tries', value: '<N>', text: 'how many futures to try from each step (default 20)' },
  OUT,
  ...SCREEN,
];

/** Of what is about one run. */
export const ONE_RUN_FLAGS = {
  replay: REPLAY_FLAGS,
  shrink: SHRINK_FLAGS,
  diff: DIFF_FLAGS,
  why: WHY_FLAGS,
} as const;

export const LIST_FLAGS: readonly Flag[] = [
  ...SELECT,
  { name: 'markdown', text: 'of mutants: as the tables of docs/mutants.md' },
  OUT,
  ...SCREEN,
];

export const REPORT_FLAGS: readonly Flag[] = [
  { name: 'reporter', value: '<name...>', isList: true, text: 'html, junit, markdown, json' },
  OUT,
  ...SCREEN,
];

export const CHECKPOINT_FLAGS: readonly Flag[] = [
  {
    name: 'key-file',
    value: '<id=path...>',
    isList: true,
    text: 'a key of encrypted checkpoints: its id, and a file with 32 bytes or 64 hex digits',
  },
  ...SCREEN,
];
