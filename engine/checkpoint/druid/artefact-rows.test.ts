// Rows against what they were cut from: whatever it is, the bytes are all there, in order.

import test from 'ava';
import fc from 'fast-check';

import { rowsOfArtefact } from './artefact-rows.ts';
import { keyedSample } from './testing/keyed-sample.ts';

const FLIGHTS = fc.array(
  fc.record({
    airport: fc.string({ unit: 'grapheme', maxLength: 12 }),
    count: fc.integer({ min: 0, max: 1_000_000 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function joined(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...rowsOfArtefact(bytes)].flatMap((row) => [...row.bytes]));
}

test('the rows of any bytes are these bytes', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => t.deepEqual(joined(bytes), bytes)),
  );
  for (const size of [0, 65_535, 65_536, 65_537, 200_000]) {
    const bytes = new Uint8Array(size).fill(7);
    const rows = [...rowsOfArtefact(bytes)];
    t.is(rows.length, Math.max(1, Math.ceil(size / 65_536)));
    t.deepEqual(joined(bytes), bytes);
  }
});

test('the rows of a keyed snapshot are its bytes, one row an entry', async (t) => {
  await fc.assert(
    fc.asyncProperty(FLIGHTS, async (flights) => {
      const bytes = await keyedSample(flights);
      const rows = [...rowsOfArtefact(bytes)];
      t.deepEqual(joined(bytes), bytes);
      const airports = new Set(flights.map(({ airport }) => airport));
      for (const state of ['flights', 'seen', 'late', 'close']) {
        const entries = rows.flatMap(({ entry }) => (entry?.state === state ? entry : []));
        t.is(entries.length, airports.size);
        t.true(entries.every(({ key }) => key !== undefined && airports.has(key)));
      }
    }),
    { numRuns: 30 },
  );
});

test('a damaged keyed snapshot is stored as it is', async (t) => {
  const whole = await keyedSample([
    { airport: 'EWR', count: 3 },
    { airport: 'JFK', count: 8 },
  ]);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
      const damaged = whole.slice();
      damaged[place] = (damaged[place] ?? 0) ^ flip;
      t.deepEqual(joined(damaged), damaged);
      t.deepEqual(joined(whole.subarray(0, place)), whole.slice(0, place));
    }),
    { numRuns: 300 },
  );
});

test('an entry longer than a row says its key in all of its rows, its value in none', async (t) => {
  const bytes = await keyedSample([{ airport: 'x'.repeat(100_000), count: 1 }]);
  const rows = [...rowsOfArtefact(bytes)].filter(({ entry }) => entry?.state === 'flights');
  t.is(rows.length, 2);
  t.true(rows.every(({ entry }) => entry?.key === 'x'.repeat(100_000)));
  t.deepEqual(joined(bytes), bytes);
});
