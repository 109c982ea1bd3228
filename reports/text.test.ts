/** Foreign text cannot break a document, and numbers read the same everywhere. */
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { formatCount, formatDuration, formatShare, formatTime, plural } from './format.ts';
import { xmlProblem } from './testing/well-formed.ts';
import { cleanText, escapeMarkup, shorten, utf8SizeBytes } from './text.ts';

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'<>&"\'\u001B[;m]\u0000\uFFFF'),
    fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
  ),
});

testProp('any string is well-formed in content and in attributes', [anyText], (t, text) => {
  const safe = escapeMarkup(text);
  t.is(xmlProblem(`<a b="${safe}" c='${safe}'>${safe}</a>`), null);
});

testProp('the size is the size in UTF-8', [anyText], (t, text) => {
  t.is(utf8SizeBytes(text), Buffer.byteLength(text));
});

testProp('shorten() keeps to its length', [anyText, fc.nat(20)], (t, text, length) => {
  t.true([...shorten(text, length + 1)].length <= length + 1);
});

test('terminal escapes disappear whole', (t) => {
  t.is(cleanText('\u001B[1;31mred\u001B[0m'), 'red');
  t.is(cleanText('\u001B]8;;https://example.org\u0007link\u001B]8;;\u0007'), 'link');
  t.is(cleanText('\u001B]unterminated'), ']unterminated');
});

test('the well-formedness check objects to what is not', (t) => {
  for (const bad of [
    '<a>',
    '<a></b>',
    '<a b=c/>',
    '<a>&x</a>',
    '<a/><a/>',
    '<a>\u0001</a>',
    'x<a/>',
  ]) {
    t.not(xmlProblem(bad), null, bad);
  }
});

test('numbers and times are written for people', (t) => {
  t.is(formatCount(8_400), '8\u00A0400');
  t.is(formatCount(1_234_567), '1\u00A0234\u00A0567');
  t.is(formatCount(1_234.5), '1\u00A0234.5');
  t.deepEqual([850, 12_431, 200_000, 8_040_000, 504_000_000].map(formatDuration), [
    '850ms',
    '12.4s',
    '3m 20s',
    '2h 14m',
    '5d 20h',
  ]);
  t.is(formatTime(12_431), '12.431s');
  t.deepEqual([plural(1, 'run'), plural(2, 'recovery')], ['1 run', '2 recoveries']);
  t.deepEqual(
    [formatShare(0, 9), formatShare(1, 9_000), formatShare(8_999, 9_000), formatShare(9, 9)],
    ['0\u00A0%', '<\u00A00.1\u00A0%', '>\u00A099.9\u00A0%', '100\u00A0%'],
  );
});
