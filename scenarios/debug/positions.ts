// Places in a recorded run, by number, by time or by what happens there. A place is the number of
// the step that comes next; the one after the last step is the end.

import type { TraceEntry } from '../../simulator/index.ts';

export type Place =
  | { readonly kind: 'step'; readonly step: number }
  /** The first step at this time or later. */
  | { readonly kind: 'time'; readonly timeMs: number };

/** The `nth` event that matches, counted from 1. */
export interface Breakpoint {
  readonly pattern: RegExp;
  readonly nth: number;
}

/** `1861` or `12.377s`; undefined for anything else. */
export function parsePlace(text: string): Place | undefined {
  const plain = text.replace(/[\s_]/g, '');
  if (/^\d+$/.test(plain)) return { kind: 'step', step: Math.max(1, Number(plain)) };
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(plain) ?? [];
  if (number === undefined) return undefined;
  const unitMs = unit === 'ms' ? 1 : unit === 's' ? 1_000 : 60_000;
  return { kind: 'time', timeMs: Number(number) * unitMs };
}

/** `recv barrier`, or `recv barrier:3` for the third one; undefined for no regular expression. */
export function parseBreakpoint(text: string): Breakpoint | undefined {
  const [, counted, digits] = /^(.*):([1-9]\d{0,8})$/.exec(text) ?? [];
  const source = counted ?? text;
  if (source === '') return undefined;
  try {
    return { pattern: new RegExp(source, 'i'), nth: digits === undefined ? 1 : Number(digits) };
  } catch {
    return undefined;
  }
}

/** Never before the first step, nor after the end. */
export function stepOf(place: Place, trace: readonly TraceEntry[]): number {
  const end = endOf(trace);
  if (place.kind === 'step') return Math.min(place.step, end);
  return trace.find(({ step, timeMs }) => step > 0 && timeMs >= place.timeMs)?.step ?? end;
}

/** The step in which it happens; undefined if it does not, at or after step `from`. */
export function stepOfBreak(
  { pattern, nth }: Breakpoint,
  trace: readonly TraceEntry[],
  from = 1,
): number | undefined {
  let seen = 0;
  for (const entry of trace) {
    if (entry.step < from || !pattern.test(textOf(entry))) continue;
    seen += 1;
    if (seen === nth) return entry.step;
  }
  return undefined;
}

/** The place after the last step. */
export function endOf(trace: readonly TraceEntry[]): number {
  return (trace.at(-1)?.step ?? 0) + 1;
}

/** What is matched: who, and what. */
function textOf({ host, kind, text, from, to }: TraceEntry): string {
  const way = from === undefined || to === undefined ? host : `${from} → ${to}`;
  return `${way} ${kind} ${text}`;
}
