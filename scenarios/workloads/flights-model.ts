// What the flights job must give, by a plain loop over the feed that shares nothing with the
// engine.

import {
  DAY_MS,
  dayOf,
  type Flight,
  type FlightsJobOptions,
  isTooLate,
  type LateFlight,
  type OriginDay,
  type OriginTotal,
  withMean,
} from './flights-job.ts';

export interface FlightsModel {
  /** Every one, in the order of the feed. */
  readonly totals: readonly OriginTotal[];
  /** As they stand in the end; ascending by day, then origin. */
  readonly days: readonly OriginDay[];
  readonly late: readonly LateFlight[];
  /** Flights that came after their day had been reported, and in time to correct it. */
  readonly corrections: number;
}

interface Sum {
  flights: number;
  delayMinutes: number;
}

export function modelOf(feed: readonly Flight[], options: FlightsJobOptions): FlightsModel {
  const byOrigin = new Map<string, Sum>();
  const byDay = new Map<string, Sum & { readonly origin: string; readonly dayMs: number }>();
  const totals: OriginTotal[] = [];
  const late: LateFlight[] = [];
  let corrections = 0;
  for (const flight of feed) {
    const { id, origin, delayMinutes, departureMs, landedMs } = flight;
    const total = add(byOrigin.get(origin) ?? { flights: 0, delayMinutes: 0 }, delayMinutes);
    byOrigin.set(origin, total);
    totals.push({ kind: 'total', origin, flight: id, ...withMean(total) });
    if (isTooLate(flight, options)) {
      late.push({ kind: 'late', flight: id });
      continue;
    }
    const dayMs = dayOf(departureMs);
    const key = `${String(dayMs).padStart(16, '0')} ${origin}`;
    const day = byDay.get(key) ?? { origin, dayMs, flights: 0, delayMinutes: 0 };
    byDay.set(key, add(day, delayMinutes));
    if (dayMs + DAY_MS <= landedMs - options.maxOutOfOrdernessMs) corrections++;
  }
  const days = [...byDay].sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    totals,
    days: days.map(([, { origin, dayMs, ...sum }]) => ({
      kind: 'day',
      origin,
      dayMs,
      ...withMean(sum),
    })),
    late,
    corrections,
  };
}

function add<S extends Sum>(sum: S, delayMinutes: number): S {
  sum.flights++;
  sum.delayMinutes += delayMinutes;
  return sum;
}
