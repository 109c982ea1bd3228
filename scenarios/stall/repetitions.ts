// What a job that does not end does over and over again: fails and restarts, gives up checkpoints,
// changes its leader. Counted since it got on last.

import type { TimedEvent } from '../checkers/checker.ts';
import { ms } from './milliseconds.ts';

/** Fewer are what faults do. */
const OFTEN = 3;
const CAUSE_MAX = 160;

export function repetitions(events: readonly TimedEvent[], nowMs: number): readonly string[] {
  const last = events.findLast(({ event }) => event.kind === 'checkpoint-completed');
  const sinceMs = last?.timeMs ?? 0;
  const later = events.filter(({ timeMs }) => timeMs >= sinceMs);
  const failures = later.flatMap(({ event }) =>
    event.kind === 'job-failing' ? [event.cause] : [],
  );
  const aborts = later.flatMap(({ event }) =>
    event.kind === 'checkpoint-aborted' && event.checkpoint !== undefined ? [event.reason] : [],
  );
  const leaders = later.filter(({ event }) => event.kind === 'leader-elected').length;
  const from = last === undefined ? 'it began' : `the last checkpoint, at ${ms(sinceMs)}`;
  const since = `since ${from}`;
  return [
    ...often(failures, (count, cause) => `The job has failed ${count} times ${since}: ${cause}`),
    ...often(aborts, (count, cause) => `${count} checkpoints were given up ${since}: ${cause}`),
    ...(leaders >= OFTEN ? [`The job has had ${leaders} leaders ${since}`] : []),
    ...(last !== undefined && nowMs - sinceMs < RECENT_MS
      ? [`It was getting on: a checkpoint has completed ${ms(nowMs - sinceMs)} before the end`]
      : []),
  ];
}

const RECENT_MS = 2_000;

function often(
  causes: readonly string[],
  text: (count: number, cause: string) => string,
): readonly string[] {
  if (causes.length < OFTEN) return [];
  const counts = new Map<string, { count: number; example: string }>();
  for (const cause of causes) {
    const shape = cause.replace(/\d+/g, '#');
    const known = counts.get(shape) ?? { count: 0, example: cause };
    known.count++;
    counts.set(shape, known);
  }
  const [most] = [...counts.values()].sort((left, right) => right.count - left.count);
  if (most === undefined) return [];
  const { count, example } = most;
  const cut = example.length > CAUSE_MAX ? `${example.slice(0, CAUSE_MAX)}…` : example;
  return [text(causes.length, count === causes.length ? cut : `${count} times ${cut}`)];
}
