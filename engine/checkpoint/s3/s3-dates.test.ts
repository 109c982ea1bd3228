// Moments by our own arithmetic against the language's, which only tests may use.

import fc from 'fast-check';
import test from 'ava';
import { amzDate, parseHttpDate, parseIsoDate } from './s3-dates.ts';

/** From 1970 to the end of 2399: three centuries that skip their leap day, one that does not. */
const moments = fc.integer({ min: 0, max: 13_569_465_599_999 });

test('amzDate() is what an ISO date is without its marks and fraction', (t) => {
  fc.assert(
    fc.property(moments, (ms) => {
      const expected = new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
      t.is(amzDate(ms), expected);
    }),
  );
});

test('parseIsoDate() and parseHttpDate() give back the moment that was written', (t) => {
  fc.assert(
    fc.property(moments, (ms) => {
      t.is(parseIsoDate(new Date(ms).toISOString()), ms);
      t.is(parseHttpDate(new Date(ms).toUTCString()), ms - (ms % 1000));
    }),
  );
});

test('a date without a fraction counts, and what is no date is undefined', (t) => {
  t.is(parseIsoDate('2020-02-29T00:00:01Z'), Date.UTC(2020, 1, 29, 0, 0, 1));
  t.is(parseIsoDate('2020-02-29T00:00:01.5Z'), Date.UTC(2020, 1, 29, 0, 0, 1, 500));
  for (const text of ['', '2020-02-29', 'Sun, 06 Nou 1994 08:49:37 GMT', '1994']) {
    t.is(parseIsoDate(text), undefined);
    t.is(parseHttpDate(text), undefined);
  }
});
