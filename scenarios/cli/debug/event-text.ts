// Events of a run as lines of text, with their step, time and host.

import type { TraceEntry } from '../../../simulator/index.ts';

export function eventText(entry: TraceEntry): string {
  const { step, timeMs, host, kind, text, from, to } = entry;
  const way = from === undefined || to === undefined ? host : `${from} → ${to}`;
  const [line = ''] = text.split('\n', 1);
  const what = kind === 'note' || line.startsWith(kind) ? line : `${kind} ${line}`;
  return `${String(step).padStart(6)} ${timeText(timeMs).padStart(9)}  ${way.padEnd(14)} ${what}`;
}

export function timeText(timeMs: number): string {
  return `${(timeMs / 1_000).toFixed(3)}s`;
}
