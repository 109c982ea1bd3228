// From the simulator's trace to the events that reports show and draw. Reports know kinds of marks
// by word: a message that arrives is a `deliver`, a fault that ends a process is a `crash`.

import type { TraceEvent } from '../../reports/index.ts';
import type { TraceEntry } from '../../simulator/index.ts';

export function toTraceEvents(entries: readonly TraceEntry[]): TraceEvent[] {
  return entries.map(({ step, timeMs, host, kind, text, from, to, cause }) => {
    const checkpoint = checkpointOf(text);
    return {
      step,
      timeMs,
      host,
      kind: kindOf(kind, text),
      text,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      cause,
    };
  });
}

function kindOf(kind: TraceEntry['kind'], text: string): string {
  if (kind === 'message') return /\bbarrier\b/i.test(text) ? 'deliver-barrier' : 'deliver';
  if (kind === 'fault') return faultKindOf(text);
  if (kind !== 'note') return kind;
  const [word = ''] = text.split(' ', 1);
  return /^[a-z-]+$/.test(word) ? word : 'note';
}

function faultKindOf(text: string): string {
  if (/^(crash|kill)\b/.test(text)) return 'crash';
  return /^restart\b/.test(text) ? 'restart' : 'fault';
}

function checkpointOf(text: string): number | undefined {
  const [, digits] = /\bcheckpoint(?:-[a-z]+)? (\d{1,9})\b/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
