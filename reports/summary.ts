/**
 * Folds an event log into the one model every rendering is made from.
 * It is total: any list of events gives a report, and whatever is missing or contradictory in the
 * log becomes a notice in the report instead of a silent guess.
 */
import { confidence } from './confidence.ts';
import type { ReportEvent, RunEnd, SuiteEnd, SuiteStart } from './events.ts';
import { formatCount } from './format.ts';
import type { CaseSummary, EnvironmentSummary, Notice, Report, RunSummary } from './model.ts';
import type { EventLog, LineProblem } from './parse-event.ts';
import { gapsOf } from './gaps.ts';
import { scoreOf } from './mutation-score.ts';
import { matrixOf, sum, sumByName, sumCheckpoints, summarizeCases } from './summarize-cases.ts';
import { summarizeFindings } from './summarize-findings.ts';
import type { Judgement } from './verdict.ts';
import { judge } from './verdict.ts';

/** Summarises a log. `log.problems` are shown in the report as notices. */
export function summarize(log: Pick<EventLog, 'events' | 'problems'>): Report {
  const events = lastSuite(log.events);
  const start = events.find((event) => event.type === 'suite.start');
  const end = events.findLast((event) => event.type === 'suite.end');
  const determinism = events.findLast((event) => event.type === 'determinism');
  const runs = events.filter((event) => event.type === 'run.end');
  const cases = summarizeCases(events);
  const findings = summarizeFindings(events, cases);
  const invalidRuns = sum(cases.map((summary) => summary.invalid));
  const totals = {
    runs: Math.max(runs.length, end?.runs ?? 0),
    findings: findings.length,
    cases: cases.length,
  };
  const judgement = judge(end, {
    runs: totals.runs,
    findings: totals.findings,
    invalidRuns,
    differed: determinism?.differed ?? 0,
  });
  const backends = [...new Set(cases.map((summary) => summary.backend))];
  const mutants = events.filter((event) => event.type === 'mutant').map(withoutEnvelope);
  const matrix = matrixOf(cases, backends);
  const sometimes = sometimesOf(events);
  return {
    schemaVersion: 1,
    verdict: judgement.verdict,
    headline: judgement.headline,
    exit: judgement.exit,
    exitMeaning: judgement.exitMeaning,
    complete: end !== undefined && end.interrupted !== true,
    totals,
    plannedRuns: start?.runs ?? totals.runs,
    plannedCases: start?.cases ?? totals.cases,
    invalidRuns,
    unknownRuns: sum(cases.map((summary) => summary.unknown)),
    environment: environmentOf(start),
    confidence: confidence({
      runs: runs.filter((run) => run.verdict === 'valid').length,
      smallestCase: smallestCase(cases),
      invalid: invalidRuns + totals.findings,
      isRepeatable: judgement.verdict !== 'nondeterministic',
    }),
    gaps: gapsOf({ matrix, backends, sometimes, mutants, cases }),
    wallMs: end?.wallMs ?? null,
    ...countsOf(runs),
    backends,
    matrix,
    cases,
    findings,
    sometimes,
    determinism: determinism === undefined ? null : withoutEnvelope(determinism),
    mutants,
    corpus: corpusOf(events),
    crashGrids: events.filter((event) => event.type === 'crash-points').map(withoutEnvelope),
    ...scoreOf(mutants),
    runs: runSummaries(runs),
    notices: [
      ...(start === undefined ? [NO_START] : []),
      ...totalsNotices({ start, end, counted: runs.length, findings: totals.findings }),
      ...verdictNotices(end, judgement),
      ...problemNotices(log.problems),
    ],
  };
}

const NO_START: Notice = {
  code: 'OP-E720',
  text: 'The log has no suite.start, so where and how it ran is unknown.',
};

/** A log that was appended to by a second suite is about the second. */
function lastSuite(events: readonly ReportEvent[]): readonly ReportEvent[] {
  return events.slice(
    Math.max(
      0,
      events.findLastIndex((event) => event.type === 'suite.start'),
    ),
  );
}

type Counts = Pick<
  Report,
  | 'simMs'
  | 'steps'
  | 'records'
  | 'commits'
  | 'recoveries'
  | 'checkpoints'
  | 'faults'
  | 'faultsTotal'
>;

function countsOf(runs: readonly RunEnd[]): Counts {
  const faults = sumByName(runs.flatMap((run) => Object.entries(run.faults)));
  return {
    simMs: sum(runs.map((run) => run.simMs)),
    steps: sum(runs.map((run) => run.steps)),
    records: sum(runs.map((run) => run.records)),
    commits: sum(runs.map((run) => run.commits)),
    recoveries: sum(runs.map((run) => run.recoveries)),
    checkpoints: sumCheckpoints(runs.map((run) => run.checkpoints)),
    faults,
    faultsTotal: sum(faults.map((fault) => fault.count)),
  };
}

function smallestCase(cases: readonly CaseSummary[]): number | null {
  const held = cases.filter((summary) => summary.invalid === 0);
  return held.length === 0 ? null : Math.min(...held.map(({ runs, unknown }) => runs - unknown));
}

function corpusOf(events: readonly ReportEvent[]): Report['corpus'] {
  const corpus = events.findLast((event) => event.type === 'corpus');
  return corpus === undefined ? null : withoutEnvelope(corpus);
}

function sometimesOf(events: readonly ReportEvent[]): Report['sometimes'] {
  const marks = new Map(
    events
      .filter((event) => event.type === 'sometimes')
      .map(({ name, runs, of, first }) => [name, { name, runs, of, first: first ?? null }]),
  );
  return [...marks.values()].sort((left, right) => left.runs - right.runs);
}

function runSummaries(runs: readonly RunEnd[]): RunSummary[] {
  const rank = { invalid: 0, unknown: 1, valid: 2 } as const;
  return runs
    .map((run) => ({
      run: run.run,
      verdict: run.verdict,
      property: run.property ?? null,
      steps: run.steps,
      simMs: run.simMs,
      faults: sum(Object.values(run.faults)),
      recoveries: run.recoveries,
      commits: run.commits,
      digest: run.digest,
    }))
    .sort((left, right) => rank[left.verdict] - rank[right.verdict]);
}

function environmentOf(start: SuiteStart | undefined): EnvironmentSummary {
  const git = start?.git ?? null;
  return {
    onceproof: start?.onceproof ?? 'unknown',
    root: start?.root ?? 'unknown',
    git: git === null ? null : `${git.sha}${git.dirty ? ' with local changes' : ''}`,
    profile: start?.profile ?? 'unknown',
    shard: start?.shard ?? null,
    command: start?.argv.join(' ') ?? 'unknown',
    node: start?.node ?? 'unknown',
    platform: start?.platform ?? 'unknown',
  };
}

function totalsNotices(log: {
  readonly start: SuiteStart | undefined;
  readonly end: SuiteEnd | undefined;
  readonly counted: number;
  readonly findings: number;
}): Notice[] {
  const { start, end, counted, findings } = log;
  const notices: Notice[] = [];
  const note = (text: string): number => notices.push({ code: 'OP-E721', text });
  if (end !== undefined && end.runs !== counted) {
    note(`The suite counted ${formatCount(end.runs)} runs, the log holds ${formatCount(counted)}.`);
  }
  if (end !== undefined && end.findings !== findings) {
    note(`The suite counted ${end.findings} findings, the log holds ${findings}.`);
  }
  if (start !== undefined && Math.max(counted, end?.runs ?? 0) < start.runs) {
    note(`${formatCount(start.runs)} runs were planned, ${formatCount(counted)} are in the log.`);
  }
  return notices;
}

/** A file that is no log at all has a problem on every line. */
const PROBLEMS_MAX = 20;

function problemNotices(problems: readonly LineProblem[]): Notice[] {
  const notices = problems.slice(0, PROBLEMS_MAX).map(({ code, line, cause, remedy }) => ({
    code,
    text: `Line ${line}: ${cause}. ${remedy}.`,
  }));
  const more = problems.length - notices.length;
  const text = `${formatCount(more)} more lines could not be used.`;
  return more > 0 ? [...notices, { code: 'OP-E710', text }] : notices;
}

function verdictNotices(end: SuiteEnd | undefined, judgement: Judgement): Notice[] {
  if (end === undefined) {
    return [{ code: 'OP-E722', text: 'The log ends before the suite did: it was cut short.' }];
  }
  if (judgement.overruled) {
    const text = `The suite ended as "${end.verdict}", but the log shows "${judgement.verdict}".`;
    return [{ code: 'OP-E723', text }];
  }
  if (end.interrupted === true) {
    return [{ code: 'OP-E724', text: 'The suite was interrupted; what ran is complete.' }];
  }
  return [];
}

function withoutEnvelope<Event extends { readonly v: 1; readonly type: string }>(
  event: Event,
): Omit<Event, 'v' | 'type'> {
  const { v: _version, type: _type, ...rest } = event;
  return rest;
}
