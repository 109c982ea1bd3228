// What windows hold in the end, computed from the records alone: every one with the ids it was
// given. For jobs whose results are the ids of each window.

import type { Visit } from './visits.ts';

export type WindowKind = 'tumbling' | 'sliding' | 'session';

export interface FilledWindow {
  readonly kind: WindowKind;
  readonly page: string;
  readonly start: number;
  readonly end: number;
  /** Ascending. */
  readonly ids: readonly string[];
}

export interface Slicing {
  readonly kind: 'tumbling' | 'sliding';
  readonly sizeMs: number;
  readonly slideMs: number;
}

export function idsOf(records: readonly Visit[]): readonly string[] {
  return records.map(({ id }) => id).sort();
}

/** Windows of fixed size: each record belongs to those that contain its time. */
export function slicesOf(records: readonly Visit[], slicing: Slicing): readonly FilledWindow[] {
  const { kind, sizeMs, slideMs } = slicing;
  const windows = new Map<string, { page: string; start: number; visits: Visit[] }>();
  for (const visit of records) {
    const { page, at } = visit;
    const last = Math.floor(at / slideMs) * slideMs;
    for (let start = last; start > at - sizeMs; start -= slideMs) {
      const id = `${page}/${start}`;
      const window = windows.get(id) ?? { page, start, visits: [] };
      window.visits.push(visit);
      windows.set(id, window);
    }
  }
  return [...windows.values()].map(({ page, start, visits }) => ({
    kind,
    page,
    start,
    end: start + sizeMs,
    ids: idsOf(visits),
  }));
}

/** Records of a page that are less than a gap apart are of one session. */
export function sessionsOf(records: readonly Visit[], gapMs: number): readonly FilledWindow[] {
  const pages = new Map<string, Visit[]>();
  for (const visit of records) pages.set(visit.page, [...(pages.get(visit.page) ?? []), visit]);
  return [...pages].flatMap(([page, ofPage]) => {
    const sessions: { start: number; end: number; visits: Visit[] }[] = [];
    for (const visit of ofPage.toSorted((left, right) => left.at - right.at)) {
      const open = sessions.at(-1);
      if (open !== undefined && visit.at < open.end) {
        open.end = visit.at + gapMs;
        open.visits.push(visit);
      } else {
        sessions.push({ start: visit.at, end: visit.at + gapMs, visits: [visit] });
      }
    }
    return sessions.map(({ start, end, visits }) => ({
      kind: 'session' as const,
      page,
      start,
      end,
      ids: idsOf(visits),
    }));
  });
}

/** Of the results of one window the one with most records: it has replaced the others. */
export function lastOfEach(outputs: readonly FilledWindow[]): readonly FilledWindow[] {
  const most = new Map<string, number>();
  for (const output of outputs) {
    const id = windowIdOf(output);
    most.set(id, Math.max(most.get(id) ?? 0, output.ids.length));
  }
  return outputs.filter((output) => output.ids.length === most.get(windowIdOf(output)));
}

function windowIdOf({ kind, page, start, end }: FilledWindow): string {
  return `${kind}/${page}/${start}/${end}`;
}
