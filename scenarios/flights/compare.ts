// Compares what the killed and restarted job has committed with a plain loop over the same feed.
// Exact: nothing may be missing, nothing may be there twice, no number may be off.

import { readdir, readFile } from 'node:fs/promises';
import type { Flight, LateFlight, OriginDay, OriginTotal } from '../workloads/flights-job.ts';
import { type FlightsModel, modelOf } from '../workloads/flights-model.ts';
import { FLIGHTS_TIMES, type FlightsPlaces } from './places.ts';

export interface Comparison {
  readonly model: FlightsModel;
  /** Records in finished files. */
  readonly committed: number;
  readonly files: number;
  readonly differences: readonly string[];
}

export async function compare(feed: readonly Flight[], places: FlightsPlaces): Promise<Comparison> {
  const model = modelOf(feed, FLIGHTS_TIMES);
  const totals = await readFinished<OriginTotal>(places.totals);
  const days = await readFinished<OriginDay>(places.days);
  const late = await readFinished<LateFlight>(places.late);
  const outputs = [totals, days, late];
  return {
    model,
    committed: outputs.reduce((sum, { records }) => sum + records.length, 0),
    files: outputs.reduce((sum, { files }) => sum + files, 0),
    differences: [
      ...multisetDifferences('running total', model.totals, totals.records),
      ...multisetDifferences('day, in the end,', model.days, lastOfEachDay(days.records)),
      ...repeatedDays(days.records),
      ...multisetDifferences('late flight', model.late, late.records),
    ],
  };
}

interface Finished<T> {
  readonly records: readonly T[];
  readonly files: number;
}

/** What starts with a dot was never committed. */
async function readFinished<T>(directory: string): Promise<Finished<T>> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  const records: T[] = [];
  for (const name of names) {
    const text = await readFile(`${directory}/${name}`, 'utf8');
    for (const line of text.split('\n')) if (line !== '') records.push(JSON.parse(line) as T);
  }
  return { records, files: names.length };
}

function multisetDifferences(
  what: string,
  expected: readonly object[],
  actual: readonly object[],
): string[] {
  const counts = new Map<string, number>();
  for (const value of expected) add(counts, value, 1);
  for (const value of actual) add(counts, value, -1);
  return [...counts].flatMap(([text, count]) => {
    if (count === 0) return [];
    return [count > 0 ? `${what} missing: ${text}` : `${what} ${-count} times too often: ${text}`];
  });
}

function add(counts: Map<string, number>, value: object, amount: number): void {
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  const text = JSON.stringify(Object.fromEntries(entries));
  counts.set(text, (counts.get(text) ?? 0) + amount);
}

function keyOf({ origin, dayMs }: OriginDay): string {
  return `${dayMs} ${origin}`;
}

function lastOfEachDay(days: readonly OriginDay[]): readonly OriginDay[] {
  const last = new Map<string, OriginDay>();
  for (const day of days) {
    const before = last.get(keyOf(day));
    if (before === undefined || before.flights < day.flights) last.set(keyOf(day), day);
  }
  return [...last.values()];
}

/**
 * A report of a day replaces an earlier one, so it has more flights; the same twice is one twice.
 */
function repeatedDays(days: readonly OriginDay[]): string[] {
  const seen = new Set<string>();
  return days.flatMap((day) => {
    const report = `${keyOf(day)}: ${day.flights}`;
    const isRepeated = seen.has(report);
    seen.add(report);
    return isRepeated ? [`day reported twice: ${JSON.stringify(day)}`] : [];
  });
}
