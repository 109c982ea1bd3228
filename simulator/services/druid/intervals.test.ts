// Moments against the calendar of the platform, which the simulator itself may not ask.

import test from 'ava';
import fc from 'fast-check';

import { intervalText, parseInterval } from './intervals.ts';
import { momentOf, parseMoment } from './moments.ts';

const MOMENTS = fc.integer({ min: 0, max: 253_402_300_799_999 });

test('moments are written as the calendar has them, and read back', (t) => {
  fc.assert(
    fc.property(MOMENTS, (ms) => {
      t.is(momentOf(ms), new Date(ms).toISOString());
      t.is(parseMoment(momentOf(ms)), ms);
    }),
  );
  t.is(parseMoment('2000-03-01'), Date.UTC(2000, 2, 1));
  t.is(parseMoment('1970-01-01 00:00:07'), 7_000);
});

test('intervals are read with either sign between, and only whole', (t) => {
  const interval = { startMs: 60_000, endMs: 120_000 };
  t.deepEqual(parseInterval(intervalText(interval)), interval);
  t.deepEqual(parseInterval(intervalText(interval).replace('/', '_')), interval);
  for (const text of [
    '',
    '1970-01-01',
    '1970-01-02/1970-01-01',
    '1970-01-01/1970-01-02/1970-01-03',
  ]) {
    t.is(parseInterval(text), undefined, text);
  }
});
