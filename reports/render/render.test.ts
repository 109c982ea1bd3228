/** What holds for every rendering: the same totals, the same bytes, no foreign markup. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { xmlProblem } from '../testing/well-formed.ts';
import { foreignLog, reportOf, sampleReport } from '../testing/sample-report.ts';
import type { Format } from './render.ts';
import { FORMATS, render } from './render.ts';

/** How each rendering writes the three totals. */
const TOTALS: Readonly<
  Record<Format, (runs: string, findings: number, cases: number) => RegExp[]>
> = {
  html: (runs, findings, cases) => [
    new RegExp(`<p class="totals">${findings} findings? · ${runs} runs? ·\\s+${cases} cases?`),
  ],
  markdown: (runs, findings, cases) => [
    new RegExp(`\\*\\*${runs} runs?\\*\\* · ${findings} findings? · ${cases} cases?`),
  ],
  junit: (runs, findings, cases) => [
    new RegExp(`name="runs" value="${runs.replace('\u00A0', '')}"`),
    new RegExp(`name="findings" value="${findings}"`),
    new RegExp(`name="cases" value="${cases}"`),
  ],
  json: (runs, findings, cases) => [
    new RegExp(
      `"runs": ${runs.replace('\u00A0', '')},\\s+"findings": ${findings},\\s+"cases": ${cases}`,
    ),
  ],
};

test('every rendering prints the same three totals', (t) => {
  for (const [verdict, findings] of [
    ['no-violation', 0],
    ['violated', 1],
  ] as const) {
    const report = sampleReport(verdict, 120);
    for (const format of FORMATS) {
      for (const expected of TOTALS[format]('1\u00A0080', findings, 9)) {
        t.true(expected.test(render(format, report)), `${format} of ${verdict}`);
      }
    }
  }
});

test('the same events give the same bytes', (t) => {
  const options = { renderedAt: '2023-11-14T22:13:20Z' };
  for (const format of FORMATS) {
    const first = render(format, sampleReport('violated'), options);
    t.is(first, render(format, sampleReport('violated'), options));
    if (format === 'html' || format === 'json') t.true(first.includes(options.renderedAt));
  }
});

test('script in a message is text', (t) => {
  const attack = '</script><script>alert(1)</script><img src=x onerror=alert(1)>';
  const report = reportOf(foreignLog(attack));
  for (const format of ['html', 'junit', 'markdown'] as const) {
    // The replay line of Markdown is indented code, in which nothing is markup.
    const text = render(format, report).replace(format === 'markdown' ? /^ {4}.*$/gm : '', '');
    t.false(text.includes('<script>alert'), format);
    t.false(text.includes('<img'), format);
  }
  t.is(render('html', report).match(/<script[ >]/g)?.length, 4);
});

testProp(
  'any text anywhere leaves JUnit well-formed and every rendering alive',
  [fc.string({ unit: 'binary' })],
  (t, text) => {
    const report = reportOf(foreignLog(text));
    for (const format of FORMATS) t.notThrows(() => render(format, report));
    t.is(xmlProblem(render('junit', report)), null);
  },
  { numRuns: 40 },
);
