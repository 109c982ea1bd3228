/** The page holds everything without script, keeps to its size, and fetches nothing. */
import test from 'ava';
import { largeLog, reportOf, sampleReport } from '../testing/sample-report.ts';
import { utf8SizeBytes } from '../text.ts';
import { renderHtml } from './html.ts';
import { pageScript } from './html-script.ts';
import { pageStyle } from './html-style.ts';

test('style and script stay below 120 KB, a clean report below 300 KB', (t) => {
  t.true(utf8SizeBytes(pageStyle() + pageScript()) < 120 * 1_024);
  t.true(utf8SizeBytes(renderHtml(sampleReport('no-violation', 200))) < 300 * 1_024);
});

test('nothing is fetched', (t) => {
  const page = renderHtml(sampleReport('violated'));
  t.notRegex(page, /<(img|iframe|object|embed|base)\b/);
  t.notRegex(page, /(src|href|action)="(?!#|data:,)/);
  t.notRegex(page, /@import|url\((?!#)/);
  t.notRegex(pageScript(), /fetch\(|XMLHttpRequest|import\(|WebSocket|eval\(/);
});

test('a page over its limit leaves out what matters least, and says so', (t) => {
  const report = reportOf(largeLog(5, 5_000));
  const whole = renderHtml(report);
  t.false(whole.includes('OP-E730'));
  const sizeMaxBytes = 600_000;
  t.true(utf8SizeBytes(whole) > sizeMaxBytes);
  const trimmed = renderHtml(report, { sizeMaxBytes });
  t.true(utf8SizeBytes(trimmed) <= sizeMaxBytes);
  t.regex(trimmed, /OP-E730/);
  t.regex(trimmed, /The rest was left out to keep this file small/);
  t.is(trimmed.match(/<article class="finding"/g)?.length, 6);
});

test('findings beyond the limit keep their replay line', (t) => {
  const page = renderHtml(reportOf(largeLog(40, 1)));
  t.is(page.match(/<article class="finding"/g)?.length, 25);
  t.regex(page, /And 16 more findings/);
  t.regex(page, /<li id="F41">/);
});

test('hollow cells are marked hollow', (t) => {
  t.regex(renderHtml(sampleReport('no-violation')), /<td class="never">○ never<\/td>/);
});

test('unreached goals stand first', (t) => {
  const page = renderHtml(sampleReport('inconclusive'));
  t.regex(page, /<tbody><tr><th scope="row" class="break"><strong class="inconclusive">○ never/);
});

test('headings go down one step at a time, ids are unique', (t) => {
  const page = renderHtml(reportOf(largeLog(2, 3)));
  const levels = [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
  t.true(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1));
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  t.is(new Set(ids).size, ids.length);
});
