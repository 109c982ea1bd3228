// The comparison must object to whatever an engine could do wrong with the flights, and to nothing
// else.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';

import type { Flight } from '../workloads/flights-job.ts';
import { modelOf } from '../workloads/flights-model.ts';
import { FLIGHTS_SAMPLE } from '../workloads/flights-sample.ts';
import { compare } from './compare.ts';
import { readFeed } from './dataset.ts';
import { FLIGHTS_TIMES, type FlightsPlaces, placesBelow } from './places.ts';

const FEED = FLIGHTS_SAMPLE;

interface Output {
  totals: object[];
  days: object[];
  late: object[];
}

function rightOutput(): Output {
  const { totals, days, late } = modelOf(FEED, FLIGHTS_TIMES);
  return { totals: [...totals], days: [...days], late: [...late] };
}

async function write(t: ExecutionContext, output: Output): Promise<FlightsPlaces> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-compare-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const places = placesBelow(directory);
  for (const kind of ['totals', 'days', 'late'] as const) {
    await mkdir(places[kind], { recursive: true });
    const lines = output[kind].map((value) => `${JSON.stringify(value)}\n`);
    const half = Math.floor(lines.length / 2);
    await writeFile(`${places[kind]}/part-1.jsonl`, lines.slice(half).join(''));
    await writeFile(`${places[kind]}/part-0.jsonl`, lines.slice(0, half).join(''));
    await writeFile(`${places[kind]}/.part-2.jsonl.pending-3`, 'not committed\n');
  }
  return places;
}

async function differences(t: ExecutionContext, output: Output): Promise<readonly string[]> {
  return (await compare(FEED, await write(t, output))).differences;
}

test('the right output has no differences, in any order; earlier days do not count', async (t) => {
  const output = rightOutput();
  output.totals.reverse();
  const [day] = output.days as { flights: number }[];
  output.days.push({ ...day, flights: 0 });
  t.deepEqual(await differences(t, output), []);
});

const WRONGS: readonly (readonly [string, (output: Output) => void, RegExp])[] = [
  ['a lost total', ({ totals }) => totals.pop(), /^running total missing/],
  ['a repeated total', ({ totals }) => totals.push(totals[0] ?? {}), /1 times too often/],
  ['a lost day', ({ days }) => days.shift(), /^day, in the end, missing/],
  ['a repeated day', ({ days }) => days.push(days[0] ?? {}), /^day reported twice/],
  ['a lost late flight', ({ late }) => late.push({ kind: 'late', flight: 'x' }), /^late flight/],
  [
    'a wrong mean',
    (output) => (output.days[0] = { ...output.days[0], meanDelayMinutes: 0.1 }),
    /^day, in the end, missing/,
  ],
];

for (const [name, spoil, message] of WRONGS) {
  test(`${name} is a difference`, async (t) => {
    const output = rightOutput();
    spoil(output);
    const [first] = await differences(t, output);
    t.regex(first ?? '', message);
  });
}

test('the feed is every flight of the data once, in the order in which they land', async (t) => {
  const feed = await readFeed();
  t.is(feed.length, 20_000);
  t.is(new Set(feed.map(({ id }) => id)).size, 20_000);
  const isOrdered = (flight: Flight, index: number): boolean =>
    index === 0 || (feed[index - 1]?.landedMs ?? 0) <= flight.landedMs;
  t.true(feed.every(isOrdered));
  const { late, corrections } = modelOf(feed, FLIGHTS_TIMES);
  // Otherwise the claim about late flights would be about nothing.
  t.is(late.length, 74);
  t.is(corrections, 225);
});
