/**
 * Invented logs for tests and for looking at a report: one of each verdict.
 * The same options always give the same events. The numbers are plausible, not measured.
 */
import type { CaseStart, PropertyOutcome, ReportEvent, RunEnd, SuiteVerdict } from '../events.ts';
import { sampleFinding, sampleTrace } from './sample-trace.ts';

export interface SampleOptions {
  readonly verdict: SuiteVerdict;
  /** Runs of each of the nine cases. */
  readonly seeds: number;
}

const BACKENDS = ['memory', 'fs', 'rocksdb'] as const;
const SCENARIOS = [
  {
    name: 'exactly-once/keyed-sum',
    claim: 'Sums by key equal the model, whatever dies.',
    properties: ['no-lost-output', 'no-duplicate-output', 'matches-oracle'],
  },
  {
    name: 'sink/two-phase-commit',
    claim: 'Every prepared transaction is committed once or aborted once.',
    properties: ['no-lost-output', 'no-duplicate-output', 'transactions-are-atomic'],
  },
  {
    name: 'timers/event-time',
    claim: 'A timer that was registered fires once, also after a restore.',
    properties: ['timers-fire-once', 'watermarks-never-regress'],
  },
] as const;
const FAULTS = ['crash', 'network', 'disk', 'clock', 'checkpoint-corruption'] as const;
const MARKS = [
  'a checkpoint expires while aligning',
  'recovery from an incremental checkpoint',
  'two failovers overlap',
  'the sink is fenced',
] as const;

/** A whole log, in order. */
export function sampleLog({ verdict, seeds }: SampleOptions): ReportEvent[] {
  const cases = BACKENDS.flatMap((backend) =>
    SCENARIOS.map(
      ({ name, claim, properties }): CaseStart => ({
        v: 1,
        type: 'case.start',
        case: `${name}@${backend}`,
        scenario: name,
        backend,
        seeds,
        file: `scenarios/${name.replace('/', '-')}.scenario.ts`,
        line: 41,
        claim,
        properties,
      }),
    ),
  );
  const runs = cases.flatMap((start) =>
    Array.from({ length: seeds }, (_, index) => sampleRun(start, index, verdict)),
  );
  const violated = verdict === 'violated';
  const finding: ReportEvent[] = violated
    ? [sampleFinding(), { v: 1, type: 'finding.events', id: 'F1', events: sampleTrace() }]
    : [];
  return [
    suiteStart(cases.length, runs.length),
    ...cases,
    ...runs,
    ...finding,
    ...goals(runs, verdict),
    {
      v: 1,
      type: 'suite.end',
      verdict,
      exit: { 'no-violation': 0, violated: 1, inconclusive: 2, nondeterministic: 3 }[verdict],
      runs: runs.length,
      findings: violated ? 1 : 0,
      nondeterministic: verdict === 'nondeterministic' ? 1 : 0,
      wallMs: 87_500,
    },
  ];
}

/** The lines of a log as they stand in the file. */
export function toLines(events: readonly ReportEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function suiteStart(cases: number, runs: number): ReportEvent {
  return {
    v: 1,
    type: 'suite.start',
    onceproof: '0.4.0',
    root: '4c1e7f2d9a03b6e1',
    git: { sha: '4c1e7f2', dirty: true },
    cases,
    runs,
    profile: 'ci',
    shard: null,
    argv: ['onceproof', 'run', '--profile', 'ci'],
    node: 'v24.21.0',
    platform: 'linux x64',
  };
}

function sampleRun(start: CaseStart, index: number, verdict: SuiteVerdict): RunEnd {
  const dice = mix(start.case, index);
  const isSink = start.case === 'sink/two-phase-commit@rocksdb';
  const isInvalid = verdict === 'violated' && isSink && index % 70 === 7;
  const isUnknown = verdict === 'inconclusive' && isSink && index % 50 === 3;
  const result = isInvalid ? 'invalid' : isUnknown ? 'unknown' : 'valid';
  const seed = isInvalid && index === 7 ? '9f3c21aa04d7be10' : hex(dice) + hex(dice ^ 0x5bd1e995);
  return {
    v: 1,
    type: 'run.end',
    run: `${start.case}#${seed}`,
    case: start.case,
    seed,
    index,
    verdict: result,
    ...(result === 'valid' ? {} : { property: 'no-duplicate-output' }),
    ...(isUnknown ? { message: 'the run did not become quiescent in time' } : {}),
    steps: 900 + (dice % 1_900),
    simMs: 20_000 + (dice % 70_000),
    wallMs: 6 + (dice % 9),
    faults: Object.fromEntries(FAULTS.map((kind, bit) => [kind, (dice >>> (bit * 4)) % (9 - bit)])),
    recoveries: dice % 3,
    checkpoints: { triggered: 12, completed: 10 + (dice % 2), aborted: 2 - (dice % 2) },
    records: 500,
    commits: 10,
    digest: hex(dice ^ 0x9e3779b9),
    sometimes: MARKS.filter((_, bit) => bit < 3 && dice % (bit * 9 + 2) === 0),
    properties: Object.fromEntries(
      start.properties.map((name) => [name, outcome(start, name, result)]),
    ),
  };
}

function outcome(start: CaseStart, name: string, result: RunEnd['verdict']): PropertyOutcome {
  if (name === 'timers-fire-once' && start.backend === 'fs') {
    return { verdict: 'valid', evaluated: 0 };
  }
  return { verdict: name === 'no-duplicate-output' ? result : 'valid', evaluated: 206 };
}

function goals(runs: readonly RunEnd[], verdict: SuiteVerdict): ReportEvent[] {
  const isClean = verdict === 'no-violation';
  const marks = MARKS.slice(0, isClean ? 3 : 4).map((name): ReportEvent => {
    const reached = runs.filter((run) => run.sometimes.includes(name));
    const first = reached[0]?.run;
    const count = { name, runs: reached.length, of: runs.length };
    return { v: 1, type: 'sometimes', ...count, ...(first === undefined ? {} : { first }) };
  });
  const differed = verdict === 'nondeterministic' ? 1 : 0;
  const firstDifference = 'step 412 at tm-1: "ack 7" once, "timer" once';
  return [
    ...marks,
    {
      v: 1,
      type: 'determinism',
      repeated: Math.ceil(runs.length / 20),
      differed,
      ...(differed > 0 ? { firstDifference } : {}),
    },
    {
      v: 1,
      type: 'mutant',
      name: 'commit-on-pre-commit',
      description: 'The sink commits at the barrier instead of on completion.',
      killed: true,
      property: 'no-duplicate-output',
      seeds: 3,
      replay:
        'npx onceproof replay sink/two-phase-commit@memory#00b1 --mutant commit-on-pre-commit',
      area: 'sinks',
      operator: 'M17',
      standsFor: ['FLINK-1'],
      expectedProperty: 'no-commit-before-completion',
      roots: 20,
      kills: 19,
      seedsP95: 40,
    },
    {
      v: 1,
      type: 'mutant',
      name: 'skip-directory-sync',
      description: 'A checkpoint counts as durable before its name is.',
      killed: isClean,
      ...(isClean ? { property: 'no-lost-output' } : {}),
      seeds: isClean ? 41 : 200,
    },
  ];
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** A small integer hash; only has to look scattered. */
function mix(name: string, index: number): number {
  let hash = 0x811c9dc5 ^ index;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d + index * 2);
  return (hash ^ (hash >>> 13)) >>> 0;
}
