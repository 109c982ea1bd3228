// Time in Druid stands for the number of a checkpoint: chunk N is minute N since 1970. There is no
// real time in it.

import { isoTime, millisOf } from './utc-time.ts';

/** A segment granularity that Druid knows: `MINUTE`. Four billion of them end in the year 9999. */
const CHUNK_MS = 60_000;
/** Everything that any chunk may be in. */
export const ALL_CHUNKS = '1970-01-01T00:00:00.000Z/9999-12-31T00:00:00.000Z';

export function timeOfChunk(chunk: number): number {
  return chunk * CHUNK_MS;
}

/** ISO 8601, `start/end`: the chunks from `first` on, up to but without `end`. */
export function intervalOf(first: number, end: number = first + 1): string {
  return `${isoTime(timeOfChunk(first))}/${isoTime(timeOfChunk(end))}`;
}

/** Undefined for an interval that is not exactly one chunk: others than we made its segments. */
export function chunkOf(interval: string): number | undefined {
  const [start = '', end = ''] = interval.split('/');
  const startMs = millisOf(start);
  if (startMs === undefined || startMs % CHUNK_MS !== 0) return undefined;
  return millisOf(end) === startMs + CHUNK_MS ? startMs / CHUNK_MS : undefined;
}

/** As in SQL's TIMESTAMP '...'. */
export function sqlTime(chunk: number): string {
  return isoTime(timeOfChunk(chunk)).replace('T', ' ').slice(0, -'.000Z'.length);
}
