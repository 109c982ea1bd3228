// Intervals of time as Druid writes and reads them: `2000-01-01T00:00:00.000Z/...`.

import { momentOf, parseMoment } from './moments.ts';

export interface Interval {
  readonly startMs: number;
  /** Not in it. */
  readonly endMs: number;
}

/** Undefined for what is no interval; '_' stands for '/' in paths. */
export function parseInterval(text: string): Interval | undefined {
  const [start = '', end = '', ...others] = text.split(/[/_]/);
  const [startMs, endMs] = [parseMoment(start), parseMoment(end)];
  if (startMs === undefined || endMs === undefined || others.length > 0) return undefined;
  return startMs < endMs ? { startMs, endMs } : undefined;
}

export function intervalText({ startMs, endMs }: Interval): string {
  return `${momentOf(startMs)}/${momentOf(endMs)}`;
}

export function contains(outer: Interval, inner: Interval): boolean {
  return outer.startMs <= inner.startMs && inner.endMs <= outer.endMs;
}

export function overlaps(left: Interval, right: Interval): boolean {
  return left.startMs < right.endMs && right.startMs < left.endMs;
}
