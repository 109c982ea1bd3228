/**
 * The model says what the log says: it counts everything, and it never looks better than it.
 */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { ReportEvent } from './events.ts';
import { parseEventLog } from './parse-event.ts';
import { summarize } from './summary.ts';
import { sampleLog, toLines } from './testing/sample-log.ts';
import { reportOf, sampleReport } from './testing/sample-report.ts';

const violated = sampleLog({ verdict: 'violated', seeds: 100 });

test('each verdict comes through with its totals', (t) => {
  for (const verdict of ['no-violation', 'violated', 'inconclusive', 'nondeterministic'] as const) {
    const report = sampleReport(verdict, 100);
    t.is(report.verdict, verdict);
    t.deepEqual(report.totals, { runs: 900, findings: verdict === 'violated' ? 1 : 0, cases: 9 });
    t.deepEqual(report.notices, []);
    t.true(report.complete);
  }
});

test('a property that was declared and never evaluated is hollow, not held', (t) => {
  const row = sampleReport('no-violation').matrix.find(
    (one) => one.property === 'timers-fire-once',
  );
  t.deepEqual(
    row?.cells.map((cell) => cell.status),
    ['held', 'never', 'held'],
  );
});

test('the matrix starts with what is worst', (t) => {
  const [first] = sampleReport('violated').matrix;
  t.is(first?.property, 'no-duplicate-output');
  t.deepEqual(
    first?.cells.map((cell) => cell.status),
    ['held', 'held', 'violated'],
  );
});

test('a finding has its rate, the other backends and the difference of the outputs', (t) => {
  const [summary] = reportOf(violated).findings;
  t.deepEqual(summary?.rate, { failed: 2, of: 100 });
  t.deepEqual(
    summary?.elsewhere.map(({ backend, cell }) => [backend, cell.status]),
    [
      ['memory', 'held'],
      ['fs', 'held'],
    ],
  );
  t.deepEqual(
    summary?.diff.map((line) => line.mark),
    ['same', 'same', 'same', 'added'],
  );
});

test('a minimised schedule replaces the one that was found', (t) => {
  const schedule = [{ timeMs: 5, host: 'jm', text: 'crash', kind: 'fault' }] as const;
  const shrunk = { v: 1, type: 'finding.shrunk', id: 'F1', schedule, replay: 'r' } as const;
  const [summary] = reportOf([...violated, { ...shrunk, faultsBefore: 46 }]).findings;
  t.deepEqual(summary?.finding.schedule, schedule);
  t.is(summary?.finding.replay, 'r');
  t.is(summary?.faultsBefore, 46);
});

test('a log that ends early is inconclusive, and says so', (t) => {
  const clean = sampleLog({ verdict: 'no-violation', seeds: 4 });
  const report = reportOf(clean.slice(0, -1));
  t.is(report.verdict, 'inconclusive');
  t.is(report.exit, 2);
  t.false(report.complete);
  t.deepEqual(
    report.notices.map((notice) => notice.code),
    ['OP-E722'],
  );
});

test('a claim that the evidence contradicts is overruled', (t) => {
  const report = reportOf(violated.map(claimClean));
  t.is(report.verdict, 'violated');
  t.is(report.exit, 1);
  t.deepEqual(
    report.notices.map((notice) => notice.code),
    ['OP-E723'],
  );
});

function claimClean(event: ReportEvent): ReportEvent {
  return event.type === 'suite.end' ? { ...event, verdict: 'no-violation', exit: 0 } : event;
}

test('missing runs are noticed, and the larger number is shown', (t) => {
  const thinned = violated.filter((event) => event.type !== 'run.end' || event.index < 50);
  const report = reportOf(thinned);
  t.is(report.totals.runs, 900);
  t.true(report.notices.some(({ code }) => code === 'OP-E721'));
});

test('nothing run is not a success', (t) => {
  t.is(summarize({ events: [], problems: [] }).verdict, 'inconclusive');
});

test('of two suites in one log the second counts', (t) => {
  const twice = [...violated, ...sampleLog({ verdict: 'no-violation', seeds: 2 })];
  t.is(reportOf(twice).verdict, 'no-violation');
  t.is(reportOf(twice).totals.runs, 18);
});

test('a finding that no run and no case speaks of is still counted', (t) => {
  const stray = violated.filter(({ type }) => type === 'finding.new' || type === 'suite.end');
  const report = reportOf(stray);
  t.is(report.totals.cases, 1);
  t.like(report.matrix, [{ property: 'no-duplicate-output', cells: [{ status: 'violated' }] }]);
});

test('malformed lines become notices with their number', (t) => {
  const report = summarize(parseEventLog(`nonsense\n${toLines(violated)}`));
  t.like(report.notices[0], { code: 'OP-E710' });
  t.regex(report.notices[0]?.text ?? '', /^Line 1: /);
});

testProp(
  'any part of a log, in any order, gives a report that counts all of it',
  [fc.shuffledSubarray(sampleLog({ verdict: 'violated', seeds: 2 }).slice(1, -1))],
  (t, events) => {
    const report = summarize({ events, problems: [] });
    t.is(report.totals.runs, events.filter((event) => event.type === 'run.end').length);
    t.is(report.runs.length, report.totals.runs);
    t.is(
      report.cases.reduce((total, summary) => total + summary.runs, 0),
      report.totals.runs,
    );
  },
);
