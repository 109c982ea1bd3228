// Chunks against the calendar of the platform, which the engine itself may not ask.
import test from 'ava';
import fc from 'fast-check';
import { chunkOf, intervalOf, sqlTime, timeOfChunk } from './time-chunks.ts';

const CHUNKS = fc.integer({ min: 0, max: 4_000_000_000 });

test('a chunk is written as the calendar has it, whatever the year', (t) => {
  fc.assert(
    fc.property(CHUNKS, (chunk) => {
      const start = new Date(timeOfChunk(chunk)).toISOString();
      const end = new Date(timeOfChunk(chunk + 1)).toISOString();
      t.is(intervalOf(chunk), `${start}/${end}`);
      t.is(sqlTime(chunk), start.slice(0, 19).replace('T', ' '));
    }),
  );
});

test('chunkOf() undoes intervalOf()', (t) => {
  fc.assert(fc.property(CHUNKS, (chunk) => t.is(chunkOf(intervalOf(chunk)), chunk)));
});

test('an interval that is not exactly one chunk is none', (t) => {
  t.is(chunkOf('1970-01-01T00:01:00.000Z/1970-01-01T00:03:00.000Z'), undefined);
  t.is(chunkOf('1970-01-01T00:01:30.000Z/1970-01-01T00:02:30.000Z'), undefined);
  t.is(chunkOf('-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z'), undefined);
  t.is(chunkOf('yesterday'), undefined);
});
