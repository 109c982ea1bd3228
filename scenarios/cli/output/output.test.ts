// What people read: numbers that add up, lines that fit, and a replay line that is never cut.

import test from 'ava';
import fc from 'fast-check';
import { type ReportEvent, summarize } from '../../../reports/index.ts';
import { sampleLog } from '../../../reports/testing/sample-log.ts';
import type { Entry } from '../suite/catalog.ts';
import type { Case } from '../suite/select.ts';
import { Tally } from '../suite/tally.ts';
import { annotations } from './annotations.ts';
import { briefText } from './brief.ts';
import { faultFamilies } from './families.ts';
import { findingBlock } from './finding-block.ts';
import { padTo, widthOf, wrap } from './lay-out.ts';
import { liveLines } from './live-block.ts';
import { progressText } from './progress-lines.ts';
import { type Screen, toAscii } from './screen.ts';
import { suiteSummary } from './summary.ts';
import { count, duration, plural } from './text.ts';

function screenOf(columns: number): Screen {
  return {
    isTty: true,
    columns,
    rows: 30,
    canRedraw: true,
    write: () => undefined,
    paint: (_style, text) => text,
  };
}

function reportOf(verdict: 'violated' | 'no-violation') {
  const events: readonly ReportEvent[] = sampleLog({ verdict, seeds: 40 });
  return summarize({ events, problems: [] });
}

function summaryOf(verdict: 'violated' | 'no-violation', columns: number): string {
  const text = suiteSummary(reportOf(verdict), {
    screen: screenOf(columns),
    exit: verdict === 'violated' ? 1 : 0,
    wallMs: 87_500,
    reportLine: undefined,
    ratesText: () => 'rocksdb 3/40',
    troubles: [],
  });
  return shown(text);
}

/** As a screen writes it. */
function shown(text: string): string {
  return text.replaceAll('\u00A0', ' ');
}

test('numbers and times are written in one way', (t) => {
  t.deepEqual([0, 999, 1_000, 1_234_567].map(count).map(shown), ['0', '999', '1 000', '1 234 567']);
  t.deepEqual([850, 12_431, 200_000, 8_040_000, 504_000_000].map(duration), [
    '850ms',
    '12.4s',
    '3m 20s',
    '2h 14m',
    '5d 20h',
  ]);
  t.deepEqual([plural(1, 'run'), plural(2, 'property')], ['1 run', '2 properties']);
});

test('wrap() keeps every word whole and every line within the width', (t) => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  const law = fc.property(words, fc.integer({ min: 20, max: 60 }), (some, width) => {
    const lines = wrap(some.join(' '), width);
    return lines.join(' ') === some.join(' ') && lines.every((line) => widthOf(line) <= width);
  });
  t.notThrows(() => fc.assert(law));
  t.deepEqual(wrap(`a ${'x'.repeat(40)} b`, 20), ['a', 'x'.repeat(40), 'b']);
});

test('colors have no width', (t) => {
  t.is(widthOf('\u001B[31mred\u001B[39m'), 3);
  t.is(padTo('\u001B[31mred\u001B[39m', 5), '\u001B[31mred\u001B[39m  ');
});

test('toAscii() leaves nothing but ASCII, whatever comes in', (t) => {
  const law = fc.property(fc.string({ unit: 'binary' }), (text) =>
    /^[\x00-\x7f]*$/.test(toAscii(text)),
  );
  t.notThrows(() => fc.assert(law));
  t.is(toAscii('✓ held → 5 × …'), '+ held -> 5 x ...');
});

test('families of faults add up to all faults', (t) => {
  const faults = fc.uniqueArray(
    fc.tuple(fc.constantFrom('crash', 'kill', 'loss', 'clog', 'no-space', 'other'), fc.nat(99)),
    { selector: ([kind]) => kind },
  );
  const sum = (pairs: readonly (readonly [string, number])[]): number =>
    pairs.reduce((total, [, times]) => total + times, 0);
  const law = fc.property(faults, (pairs) => sum(faultFamilies(pairs)) === sum(pairs));
  t.notThrows(() => fc.assert(law));
});

test('the summary of a clean suite says what was not found, and what that is worth', (t) => {
  const text = summaryOf('no-violation', 80);
  t.regex(text, /^ CAUGHT \d of 2 mutants +1m 27s\n/);
  t.regex(text, /runs +360 in 9 cases/);
  t.regex(text, /meaning +95 % sure to have seen any bug that shows in 1 of 13 runs of one/);
  const joined = text.replace(/\n {16}/g, ' ');
  const [, total = '', parts = ''] = /faults +([\d ]+) = (.*)/.exec(joined) ?? [];
  const numbers = parts.split(' + ').map((part) => Number(part.replace(/[^\d]/g, '')));
  t.is(
    numbers.reduce((sum, number) => sum + number, 0),
    Number(total.replaceAll(' ', '')),
  );
});

test('the summary of a violated suite counts runs and findings, and fits', (t) => {
  const report = reportOf('violated');
  for (const columns of [60, 80, 120]) {
    const text = summaryOf('violated', columns);
    t.true(text.includes(`of ${report.totals.runs} runs`), text);
    t.regex(text, / exit 1: at least one property violated · root seed [0-9a-f]{16}\n$/);
    const [, ...rest] = text
      .split('\n')
      .filter((line) => !/root seed|npx onceproof| {2}rocksdb /.test(line));
    t.true(
      rest.every((line) => widthOf(line) <= columns),
      text,
    );
  }
});

test('a finding block ends with the whole replay line, however narrow the screen is', (t) => {
  const [finding] = reportOf('violated').findings;
  t.truthy(finding);
  if (finding === undefined) return;
  const text = findingBlock(finding, {
    screen: screenOf(50),
    rates: [
      { backend: 'memory', failed: 0, of: 40 },
      { backend: 'rocksdb', failed: 3, of: 40 },
    ],
    explanation: 'No record is committed twice.',
    look: undefined,
  });
  t.true(text.endsWith(`${finding.finding.replay}\n`));
  t.regex(text, /fails on +rocksdb 3\/40\n +holds on +memory 40\/40/);
  t.regex(text, /⚡/);
});

test('annotations escape what GitHub reads as syntax, and are ten at most', (t) => {
  const report = reportOf('violated');
  const [first] = report.findings;
  if (first === undefined) return t.fail('the sample has no finding');
  const finding = { ...first.finding, message: 'Lost 5 %\nof: a, b', property: 'a:b,c' };
  const many = Array.from({ length: 14 }, () => ({ ...first, finding }));
  const lines = annotations({ ...report, findings: many });
  t.is(lines.length, 10);
  t.regex(lines[0] ?? '', /title=F1 a%3Ab%2Cc \(\w+\)::Lost 5 %25\. npx onceproof replay/);
  t.regex(lines[9] ?? '', /and 4 more, see the summary$/);
  t.true(lines.every((line) => !line.includes('\n')));
});

test('the brief form is short, whatever was found', (t) => {
  const report = reportOf('violated');
  const [first] = report.findings;
  if (first === undefined) return t.fail('the sample has no finding');
  const text = briefText({ ...report, findings: Array.from({ length: 50 }, () => first) }, 1);
  t.true(text.split('\n').length <= 64);
  t.regex(text, /^VIOLATED exit=1 findings=\d+ runs=360 root=[0-9a-f]{16}\n/);
});

test('the live block fits its rows and counts every scenario once', (t) => {
  const cases = Array.from({ length: 40 }, (_, index): Case => {
    const entry = { scenario: { id: `suite/scenario-${index}` } } as unknown as Entry;
    return { id: `suite/scenario-${index}@fs`, entry, backend: 'fs' };
  });
  const tally = new Tally({ cases, planned: 400, seeds: 10, startedMs: performance.now() - 5_000 });
  for (const one of [...tally.cases.values()].slice(0, 30)) one.runs = 4;
  for (const one of [...tally.cases.values()].slice(0, 10)) one.runs = 10;
  tally.runs = 180;
  const lines = liveLines(tally, screenOf(100), 20);
  t.true(lines.length <= 20);
  t.regex(lines[0] ?? '', /✓ 10 of 40 scenarios done +100 runs/);
  t.true(
    lines.some((line) => /runs +180 \/ 400 +━+╸─+ +45 %/.test(line)),
    lines.join('\n'),
  );
  t.regex(progressText(tally), /^ {2}180\/400 runs {2}findings=0/);
});
