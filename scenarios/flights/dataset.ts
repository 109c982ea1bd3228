// The real input: 20,000 flights of the first quarter of 2001, from the npm package vega-datasets.
// The data is in the order of departure; a feed tells of a flight, and of its delay, when it has
// landed. That moment is not in the data and is reckoned from delay and distance.

import { readFile } from 'node:fs/promises';
import type { Flight } from '../workloads/flights-job.ts';

const DATA = new URL('../../node_modules/vega-datasets/data/flights-20k.json', import.meta.url);
const MINUTE_MS = 60_000;
/** Half an hour on the ground and at low speed, and then 480 miles an hour. */
const GROUND_MINUTES = 30;
const MILES_PER_MINUTE = 8;
const DATE = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2})$/;

interface Row {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** In the order of the feed. */
export async function readFeed(): Promise<readonly Flight[]> {
  const rows = JSON.parse(await readFile(DATA, 'utf8')) as readonly Row[];
  const flights = rows.map((row, index): Flight => {
    const departureMs = millisecondsOf(row.date);
    const minutes = row.delay + GROUND_MINUTES + Math.floor(row.distance / MILES_PER_MINUTE);
    return {
      id: `flight-${index}`,
      origin: row.origin,
      destination: row.destination,
      delayMinutes: row.delay,
      departureMs,
      landedMs: departureMs + Math.max(0, minutes) * MINUTE_MS,
    };
  });
  // Sorting keeps the order of equals, so the feed is the same on every machine.
  return flights.sort((left, right) => left.landedMs - right.landedMs);
}

function millisecondsOf(date: string): number {
  const [, ...parts] = DATE.exec(date) ?? [];
  const [year, month, day, hour, minute] = parts.map(Number);
  if (year === undefined || month === undefined) throw new Error(`Not a date: "${date}"`);
  return Date.UTC(year, month - 1, day, hour, minute);
}
