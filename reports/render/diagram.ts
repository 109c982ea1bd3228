/**
 * The space-time diagram of a finding as a static drawing: time goes down by rank, one column a
 * host, messages are arrows. Lost messages end half way in a cross, barriers are dashed, a crash
 * cuts its column. It needs no script; its colors come from the classes of the page.
 */
import type { TraceEvent } from '../finding-events.ts';
import { formatCount, formatTime } from '../format.ts';
import { cleanText, shorten } from '../text.ts';
import type { Arrow, Mark } from './diagram-marks.ts';
import { arrowsOf, columnsOf, marksOf } from './diagram-marks.ts';
import type { Html } from './markup.ts';
import { html } from './markup.ts';

/** More rows than this are not read by anyone; the event log has them all. */
const ROWS_MAX = 120;
const ROW = 24;
const COLUMN = 196;
/** The time stands here, left of everything. */
const TIME = 60;
/** Measured wide, in the widest of the system fonts, so that no label is cut. */
const CHARACTER = 6.2;
const TOP = 56;
const BOTTOM = 44;
/** Characters of a label that fit between two columns at 11 px. */
const LABEL_MAX = 29;

interface Layout {
  readonly hosts: readonly string[];
  readonly marks: readonly Mark[];
  readonly arrows: readonly Arrow[];
  /** Where the first column stands: right of the time and of labels that hang to the left. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** Null when there is nothing to draw. */
export function renderDiagram(id: string, events: readonly TraceEvent[]): Html | null {
  if (events.length === 0) return null;
  const { marks, omitted } = marksOf(events, ROWS_MAX);
  const arrows = arrowsOf(marks);
  const hosts = columnsOf(marks, arrows);
  const left = leftOf(marks, hosts);
  const width = Math.round(left + hosts.length * COLUMN + 16);
  const layout = { hosts, marks, arrows, left, width, height: TOP + marks.length * ROW + BOTTOM };
  const lost = arrows.filter((arrow) => arrow.isLost).length;
  const crashes = marks.filter((mark) => mark.kind === 'crash').length;
  const about = `${marks.length} marks on ${hosts.length} hosts (${hosts.join(', ')}), \
${arrows.length} messages of which ${lost} lost, ${crashes} crashes. The events below say it too.`;
  return html`${
    omitted > 0
      ? html`<p class="note">The first ${formatCount(omitted)} events are not
drawn; the event log below has them.</p>`
      : null
  }
<div class="scroll diagram" role="region" aria-label="Space-time diagram of ${id}" tabindex="0">
<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="${id}-title ${id}-about"
 width="${width}" height="${layout.height}" viewBox="0 0 ${width} ${layout.height}">
<title id="${id}-title">Space-time diagram of ${id}</title><desc id="${id}-about">${about}</desc>
<defs>${arrowHead(`${id}-head`, 'head')}${arrowHead(`${id}-head-barrier`, 'head barrier')}</defs>
${violationBands(layout)}
${hosts.map((host, column) => renderColumn(layout, host, column))}
${arrows.map((arrow) => renderArrow(layout, arrow, id))}
${marks.map((mark, row) => renderMark(layout, mark, row))}
${timeLabels(layout)}
</svg></div>`;
}

function columnX(layout: Layout, host: string): number {
  return layout.left + layout.hosts.indexOf(host) * COLUMN;
}

function leftOf(marks: readonly Mark[], hosts: readonly string[]): number {
  const lengths = marks
    .filter(({ kind, event }) => kind === 'send' && event.host === hosts[0])
    .map(({ event }) => Math.min(LABEL_MAX, [...event.text].length));
  return Math.round(TIME + 24 + Math.max(4, ...lengths) * CHARACTER);
}

function rowY(row: number): number {
  return TOP + row * ROW + ROW / 2;
}

function arrowHead(id: string, className: string): Html {
  return html`<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"
 markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
<path class="${className}" d="M0 0.8 8 4 0 7.2Z"/></marker>`;
}

function violationBands(layout: Layout): Html[] {
  return layout.marks.flatMap((mark, row) =>
    mark.kind === 'violation'
      ? [
          html`<rect class="band" x="0" y="${rowY(row) - ROW / 2}" width="${layout.width}"
 height="${ROW}"/>`,
        ]
      : [],
  );
}

/** The life of a host: solid while it is up, dotted from a crash to its next own event. */
function renderColumn(layout: Layout, host: string, column: number): Html {
  const x = layout.left + column * COLUMN;
  const pieces: Html[] = [];
  let from = TOP - 12;
  let isUp = true;
  const draw = (to: number, isEnd = false): void => {
    pieces.push(html`<line class="${isUp ? 'life' : 'life down'}" x1="${x}" y1="${from}" x2="${x}"
 y2="${isEnd ? layout.height - BOTTOM + 10 : to}"/>`);
    from = to;
  };
  for (const [row, mark] of layout.marks.entries()) {
    if (mark.event.host !== host) continue;
    const cuts: boolean = mark.kind === 'crash' && isUp;
    const revives: boolean = !isUp && !['crash', 'drop', 'deliver', 'fault'].includes(mark.kind);
    if (!cuts && !revives) continue;
    draw(rowY(row));
    isUp = revives;
  }
  draw(0, true);
  const name = shorten(cleanText(host), 22);
  const title = (y: number): Html => {
    return html`<text class="host" x="${x}" y="${y}" text-anchor="middle">${name}</text>`;
  };
  return html`<g class="lane lane-${(column % 6) + 1}">${title(28)}${pieces}${title(
    layout.height - 14,
  )}</g>`;
}

function renderArrow(layout: Layout, arrow: Arrow, id: string): Html {
  const x1 = columnX(layout, arrow.from);
  const y1 = rowY(arrow.sendRow);
  const goesRight = columnX(layout, arrow.to) >= x1;
  const reach = arrow.isLost ? LOST_REACH : 1;
  const margin = arrow.isLost ? 0 : goesRight ? -5 : 5;
  const x2 = x1 + (columnX(layout, arrow.to) - x1) * reach + margin;
  const y2 = y1 + (rowY(arrow.endRow) - y1) * reach;
  const kind = `message${arrow.isBarrier ? ' barrier' : ''}${arrow.isLost ? ' lost' : ''}`;
  const dash = arrow.isBarrier ? DASHES[(arrow.checkpoint ?? 0) % DASHES.length] : '';
  const dashed = dash === '' || dash === undefined ? null : html` stroke-dasharray="${dash}"`;
  const head = `${id}-head${arrow.isBarrier ? '-barrier' : ''}`;
  const end = arrow.isLost ? null : html` marker-end="url(#${head})"`;
  const title = `${arrow.from} → ${arrow.to}: ${arrow.text}${arrow.isLost ? ' (lost)' : ''}`;
  return html`<g><title>${title}</title><line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}"
 y2="${y2}"${dashed}${end}/>${arrow.isLost ? cross(x2, y2, 'lost') : null}</g>`;
}

/** About half way; at exactly half the cross would often stand on the column between. */
const LOST_REACH = 0.45;

/** Neighbouring checkpoints never share a pattern. */
const DASHES = ['7 4', '3 3', '9 3 2 3'] as const;

function cross(x: number, y: number, className: string): Html {
  return html`<path class="cross ${className}" d="M${x - 5} ${y - 5}l10 10m0 -10l-10 10"/>`;
}

function renderMark(layout: Layout, mark: Mark, row: number): Html {
  const { event, kind } = mark;
  const x = columnX(layout, event.host);
  const y = rowY(row);
  const isCheckpoint = mark.isBarrier || kind === 'checkpoint';
  const className = `mark ${kind}${isCheckpoint ? ' barrier' : ''}`;
  const title = `step ${event.step} · ${formatTime(event.timeMs)} · ${event.host} · ${event.text}`;
  return html`<g class="${className}"><title>${title}</title>${shapeOf(mark, x, y)}${labelOf(
    layout,
    mark,
    { x, y },
  )}</g>`;
}

function shapeOf(mark: Mark, x: number, y: number): Html | null {
  if (mark.kind === 'crash') return cross(x, y, 'crash');
  if (mark.kind === 'violation') return cross(x, y, 'violation');
  if (mark.kind === 'deliver' || mark.kind === 'drop') return null;
  if (mark.kind === 'send') return html`<circle cx="${x}" cy="${y}" r="2.5"/>`;
  if (mark.kind === 'checkpoint' || mark.kind === 'commit') {
    return html`<path class="diamond" d="M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5Z"/>`;
  }
  return html`<circle cx="${x}" cy="${y}" r="${mark.count > 1 ? 6 : 4}"/>`;
}

/** Labels stand on the side the message does not take. Arrivals need none: their send has it. */
function labelOf(layout: Layout, mark: Mark, at: { x: number; y: number }): Html | null {
  const { event, kind, count } = mark;
  if (kind === 'deliver' || kind === 'drop') return null;
  const goesRight =
    kind === 'send' &&
    event.to !== undefined &&
    columnX(layout, event.to) > columnX(layout, event.host);
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const isViolation = kind === 'violation';
  const text = shorten(cleanText(event.text), (isViolation ? 60 : LABEL_MAX) - more.length) + more;
  const isTooLong = isViolation && at.x + [...text].length * (CHARACTER + 0.8) > layout.width;
  const hangsLeft = goesRight || isTooLong;
  const x = hangsLeft ? at.x - 10 : at.x + 11;
  return html`<text class="label" x="${x}" y="${at.y + 4}"${
    hangsLeft ? html` text-anchor="end"` : null
  }>${text}</text>`;
}

/** A time is printed once, where it changes. */
function timeLabels(layout: Layout): Html[] {
  let before = '';
  return layout.marks.flatMap((mark, row) => {
    const time = formatTime(mark.event.timeMs);
    if (time === before) return [];
    before = time;
    return [
      html`<text class="time" x="${TIME}" y="${rowY(row) + 4}" text-anchor="end">${time}</text>`,
    ];
  });
}
