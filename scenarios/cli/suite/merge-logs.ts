// Makes one log of the logs of several shards. Counts are added up and findings with one
// fingerprint become one; a shard that was cut short leaves the merged log interrupted, so nobody
// takes it for complete.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type {
  CaseStart,
  FindingNew,
  Mutant,
  ReportEvent,
  RunEnd,
  Sometimes,
  SuiteEnd,
  SuiteStart,
  SuiteVerdict,
} from '../../../reports/index.ts';

type Log = readonly ReportEvent[];
type OfType<T extends ReportEvent['type']> = Extract<ReportEvent, { readonly type: T }>;

const RANK: readonly SuiteVerdict[] = [
  'no-violation',
  'inconclusive',
  'violated',
  'nondeterministic',
];

export function mergeLogs(logs: readonly Log[]): ReportEvent[] {
  const suites = logs.map(lastSuite);
  const starts = suites.flatMap((suite) => all(suite, 'suite.start'));
  const [start] = starts;
  if (start === undefined) return suites.flat();
  refuseStrangers(starts);
  const runs = distinct(suites, 'run.end', ({ run }: RunEnd) => run);
  const findings = mergeFindings(suites);
  return [
    mergeStarts(start, starts),
    ...distinct(suites, 'case.start', (one: CaseStart) => one.case),
    ...runs,
    ...findings.events,
    ...mergeMarks(suites),
    mergeDeterminism(suites),
    ...worstCorpus(suites),
    ...distinct(suites, 'mutant', ({ name }: Mutant) => name),
    mergeEnds(suites, runs.length, findings.count),
  ];
}

function lastSuite(log: Log): Log {
  return log.slice(
    Math.max(
      0,
      log.findLastIndex(({ type }) => type === 'suite.start'),
    ),
  );
}

function all<T extends ReportEvent['type']>(log: Log, type: T): OfType<T>[] {
  return log.filter((event): event is OfType<T> => event.type === type);
}

function distinct<T extends ReportEvent['type']>(
  suites: readonly Log[],
  type: T,
  key: (event: OfType<T>) => string,
): OfType<T>[] {
  const events = suites.flatMap((suite) => all(suite, type));
  return [...new Map(events.map((event) => [key(event), event])).values()];
}

function refuseStrangers(starts: readonly SuiteStart[]): void {
  const roots = [...new Set(starts.map(({ root }) => root))];
  if (roots.length <= 1) return;
  throw new OnceproofError('OP-E127', `Cannot merge results of ${roots.length} root seeds`, {
    place: roots.join(', '),
    remedy: 'Merge the shards of one suite: give all of them the same --seed',
  });
}

function mergeStarts(first: SuiteStart, starts: readonly SuiteStart[]): SuiteStart {
  const runs = starts.reduce((sum, start) => sum + start.runs, 0);
  const cases = Math.max(...starts.map((start) => start.cases));
  return { ...first, runs, cases, shard: null };
}

function mergeFindings(suites: readonly Log[]): { events: ReportEvent[]; count: number } {
  const ids = new Map<string, string>();
  const events: ReportEvent[] = [];
  for (const suite of suites) {
    const own = new Map<string, string>();
    const news = new Map(all(suite, 'finding.new').map((event) => [event.id, event]));
    for (const event of news.values()) {
      const known = ids.get(event.fingerprint);
      if (known !== undefined) continue;
      const id = `F${ids.size + 1}`;
      ids.set(event.fingerprint, id);
      own.set(event.id, id);
      events.push(withoutRate({ ...event, id }));
    }
    for (const event of all(suite, 'finding.shrunk')) {
      const [id, found] = [own.get(event.id), news.get(event.id)];
      // Its repro file stayed where the shard ran; the run that was found can be replayed anywhere.
      if (id !== undefined) events.push({ ...event, id, replay: found?.replay ?? event.replay });
    }
    for (const event of all(suite, 'finding.events')) {
      const id = own.get(event.id);
      if (id !== undefined) events.push({ ...event, id });
    }
  }
  return { events, count: ids.size };
}

/** It was counted in one shard; without it, the runs of all are counted. */
function withoutRate({ rate: _rate, ...finding }: FindingNew): FindingNew {
  return finding;
}

function mergeMarks(suites: readonly Log[]): Sometimes[] {
  const marks = new Map<string, Sometimes>();
  const of = suites.reduce((sum, suite) => sum + all(suite, 'run.end').length, 0);
  for (const mark of suites.flatMap((suite) => all(suite, 'sometimes'))) {
    const known = marks.get(mark.name);
    const runs = (known?.runs ?? 0) + mark.runs;
    marks.set(mark.name, { ...(known ?? mark), runs, of });
  }
  return [...marks.values()];
}

function mergeDeterminism(suites: readonly Log[]): OfType<'determinism'> {
  const parts = suites.flatMap((suite) => all(suite, 'determinism'));
  const firstDifference = parts.find((part) => part.firstDifference !== undefined)?.firstDifference;
  return {
    v: 1,
    type: 'determinism',
    repeated: parts.reduce((sum, part) => sum + part.repeated, 0),
    differed: parts.reduce((sum, part) => sum + part.differed, 0),
    ...(firstDifference === undefined ? {} : { firstDifference }),
  };
}

/** All shards run the same repros; one that has some of its own may have found more. */
function worstCorpus(suites: readonly Log[]): OfType<'corpus'>[] {
  const corpora = suites.flatMap((suite) => all(suite, 'corpus'));
  return corpora.toSorted((a, b) => b.repros - b.held - (a.repros - a.held)).slice(0, 1);
}

function mergeEnds(suites: readonly Log[], runs: number, findings: number): SuiteEnd {
  const ends = suites.flatMap((suite) => all(suite, 'suite.end'));
  const wallMs = Math.max(0, ...ends.map((end) => end.wallMs ?? 0));
  const isInterrupted = ends.length < suites.length || ends.some((end) => end.interrupted === true);
  const verdict = RANK[Math.max(0, ...ends.map((end) => RANK.indexOf(end.verdict)))];
  return {
    v: 1,
    type: 'suite.end',
    verdict: verdict ?? 'inconclusive',
    exit: ends.find((end) => end.verdict === verdict)?.exit ?? 2,
    runs,
    findings,
    nondeterministic: ends.reduce((sum, end) => sum + end.nondeterministic, 0),
    wallMs,
    ...(isInterrupted ? { interrupted: true } : {}),
  };
}
