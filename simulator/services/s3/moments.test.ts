// Moments against the language's own dates, which only tests may use.

import fc from 'fast-check';
import test from 'ava';
import { httpDate, isoDate, parseAmzDate } from './moments.ts';

/** From 1970 to the end of 2399. */
const moments = fc.integer({ min: 0, max: 13_569_465_599_999 });

test('moments are written and read as everybody else does', (t) => {
  fc.assert(
    fc.property(moments, (ms) => {
      const iso = new Date(ms).toISOString();
      t.is(isoDate(ms), iso);
      t.is(httpDate(ms), new Date(ms).toUTCString());
      t.is(parseAmzDate(iso.replace(/[-:]|\.\d+/g, '')), ms - (ms % 1000));
    }),
  );
  t.is(parseAmzDate('2020-09-13T12:26:40Z'), undefined);
});
