/**
 * Reads a trace for drawing: what each event is, which send belongs to which delivery, what to
 * leave out. It keeps the end of a long trace, because that is where the violation is.
 */
import type { TraceEvent } from '../finding-events.ts';

export type MarkKind =
  | 'violation'
  | 'crash'
  | 'restart'
  | 'drop'
  | 'deliver'
  | 'send'
  | 'fault'
  | 'checkpoint'
  | 'commit'
  | 'local';

/** One row of the diagram; `count` local events in a row are one mark. */
export interface Mark {
  readonly event: TraceEvent;
  readonly kind: MarkKind;
  readonly isBarrier: boolean;
  readonly count: number;
}

/** A message: from the row of its send to the row of its arrival or loss. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly sendRow: number;
  readonly endRow: number;
  readonly isLost: boolean;
  readonly isBarrier: boolean;
  readonly checkpoint: number | null;
}

/** Words in a kind or, for faults, in the text, and the mark they stand for. First match wins. */
const WORDS: readonly (readonly [RegExp, MarkKind])[] = [
  [/violat/, 'violation'],
  [/crash|kill/, 'crash'],
  [/restart|restore/, 'restart'],
  [/drop|lost|lose/, 'drop'],
  [/deliver|receive/, 'deliver'],
  [/send/, 'send'],
  [/fault/, 'fault'],
  [/checkpoint|barrier/, 'checkpoint'],
  [/commit/, 'commit'],
];

export function markKind(event: TraceEvent): MarkKind {
  const kind = WORDS.find(([word]) => word.test(event.kind))?.[1] ?? 'local';
  return kind === 'fault' && /^\W*(crash|kill)/.test(event.text) ? 'crash' : kind;
}

/** Rows for the last `rowsMax` marks, after runs of local events are folded into one. */
export function marksOf(
  events: readonly TraceEvent[],
  rowsMax: number,
): { readonly marks: readonly Mark[]; readonly omitted: number } {
  const marks: Mark[] = [];
  for (const event of events) {
    const kind = markKind(event);
    const last = marks.at(-1);
    const isRepeat = kind === 'local' && last?.kind === 'local' && last.event.host === event.host;
    if (isRepeat && last !== undefined)
      marks[marks.length - 1] = { ...last, count: last.count + 1 };
    else marks.push({ event, kind, isBarrier: /barrier/.test(event.kind), count: 1 });
  }
  const kept = marks.slice(-rowsMax);
  const shown = kept.reduce((total, mark) => total + mark.count, 0);
  return { marks: kept, omitted: events.length - shown };
}

/**
 * Pairs sends with arrivals by message, or by both ends and the text where no message is named.
 * A second arrival of one message is a duplicate and gets its own arrow. A send that never
 * arrives is in flight at the end and gets none.
 */
export function arrowsOf(marks: readonly Mark[]): Arrow[] {
  const sends = new Map<string, number>();
  const arrows: Arrow[] = [];
  for (const [row, mark] of marks.entries()) {
    const { from, to, text, checkpoint } = mark.event;
    if (from === undefined || to === undefined) continue;
    const key = mark.event.message ?? `${from} ${to} ${text}`;
    if (mark.kind === 'send') {
      sends.set(key, row);
      continue;
    }
    if (mark.kind !== 'deliver' && mark.kind !== 'drop') continue;
    arrows.push({
      from,
      to,
      text,
      sendRow: sends.get(key) ?? row,
      endRow: row,
      isLost: mark.kind === 'drop',
      isBarrier: mark.isBarrier,
      checkpoint: checkpoint ?? null,
    });
  }
  return arrows;
}

/** Hosts from left to right so that messages travel the shortest way; ties go by name. */
export function columnsOf(marks: readonly Mark[], arrows: readonly Arrow[]): readonly string[] {
  const ends = arrows.flatMap(({ from, to }) => [from, to]);
  const hosts = [...new Set([...marks.map((mark) => mark.event.host), ...ends])];
  return hosts.length > HOSTS_ORDERED_MAX ? hosts : shortestOrder(hosts.sort(), arrows);
}

/** 6! orders are tried; more hosts stay in the order of their first event. */
const HOSTS_ORDERED_MAX = 6;

function shortestOrder(hosts: readonly string[], arrows: readonly Arrow[]): readonly string[] {
  let best = hosts;
  let bestLength = Number.POSITIVE_INFINITY;
  for (const order of permutations(hosts)) {
    const column = new Map(order.map((host, index) => [host, index]));
    const length = arrows.reduce((total, { from, to }) => {
      return total + Math.abs((column.get(from) ?? 0) - (column.get(to) ?? 0));
    }, 0);
    if (length >= bestLength) continue;
    best = order;
    bestLength = length;
  }
  return best;
}

function permutations(items: readonly string[]): readonly (readonly string[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}
