/**
 * A finding as a Mermaid sequence diagram, for places that draw Mermaid and nothing else.
 * Only the end of the trace is drawn: Mermaid gives up on large texts, and so do readers.
 */
import type { FindingSummary } from '../model.ts';
import { cleanText, shorten } from '../text.ts';
import type { Arrow, Mark } from './diagram-marks.ts';
import { arrowsOf, columnsOf, marksOf } from './diagram-marks.ts';

/** Messages and notes together. */
const LINES_MAX = 30;

/** Null when the finding has no trace. */
export function renderMermaid({ events }: FindingSummary): string | null {
  if (events.length === 0) return null;
  const all = marksOf(events, events.length).marks;
  const arrows = new Map(arrowsOf(all).map((arrow) => [arrow.endRow, arrow]));
  const drawn = [...all.entries()].filter(([row, mark]) => isDrawn(mark, arrows.get(row)));
  const kept = drawn.slice(-LINES_MAX);
  const keptMarks = kept.map(([, mark]) => mark);
  const hosts = columnsOf(
    keptMarks,
    kept.map(([row]) => arrows.get(row)).filter((arrow) => arrow !== undefined),
  );
  const alias = new Map(hosts.map((host, index) => [host, `p${index}`]));
  return [
    'sequenceDiagram',
    ...hosts.map((host, index) => `  participant p${index} as ${label(host)}`),
    ...kept.map(([row, mark]) => lineOf(mark, arrows.get(row), alias)),
  ].join('\n');
}

function isDrawn(mark: Mark, arrow: Arrow | undefined): boolean {
  return arrow !== undefined || !['local', 'send', 'deliver', 'drop'].includes(mark.kind);
}

function lineOf(mark: Mark, arrow: Arrow | undefined, alias: ReadonlyMap<string, string>): string {
  if (arrow === undefined) {
    const sign = signOf(mark);
    const host = alias.get(mark.event.host) ?? 'p0';
    return `  Note over ${host}: ${sign}${label(mark.event.text.replace(/^⚡\s*/, ''))}`;
  }
  const line = arrow.isLost ? '--x' : arrow.isBarrier ? '-->>' : '->>';
  const from = alias.get(arrow.from) ?? 'p0';
  const to = alias.get(arrow.to) ?? 'p0';
  return `  ${from}${line}${to}: ${label(arrow.text)}${arrow.isLost ? ' (lost)' : ''}`;
}

function signOf({ kind }: Mark): string {
  if (kind === 'violation') return '✗ ';
  return kind === 'crash' || kind === 'fault' ? '⚡ ' : '';
}

/** Mermaid reads `;`, `#`, `<`, a colon after a name, and the word "end", as its own. */
function label(text: string): string {
  const plain = cleanText(text)
    .replace(/[`#;<>{}"%\n\r\t]+/g, ' ')
    .replace(/\bend\b/gi, 'end\u200B');
  return shorten(plain.trim(), 60) || ' ';
}
