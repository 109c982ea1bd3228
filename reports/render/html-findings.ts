/**
 * The findings of the report, one card each: what broke, expected against actual, the minimal
 * schedule, the command that shows it again, the diagram and the events.
 */
import { formatCount, formatTime, plural } from '../format.ts';
import type { DiffLine, FindingSummary, Report } from '../model.ts';
import { shorten } from '../text.ts';
import { renderDiagram } from './diagram.ts';
import { renderLog } from './html-log.ts';
import type { Html } from './markup.ts';
import { html } from './markup.ts';

export interface FindingLimits {
  /** Cards; the findings beyond are listed in a line each. */
  readonly findingsMax: number;
  readonly eventsMax: number;
  readonly diagramsMax: number;
}

/** What one finding may take: beyond this a card is no longer read, and a page no longer opens. */
const LINES_MAX = 200;
const MESSAGE_MAX = 10_000;
const TEXT_MAX = 500;
/** Findings that are listed in a line each. */
const SHORT_MAX = 500;

export function renderFindings(report: Report, limits: FindingLimits): Html {
  const { findings } = report;
  if (findings.length === 0) {
    const { runs, cases } = report.totals;
    return html`<p class="empty-state">None in ${plural(runs, 'run')} of ${plural(
      cases,
      'case',
    )}.</p>`;
  }
  const rest = findings.slice(limits.findingsMax);
  return html`${findings
    .slice(0, limits.findingsMax)
    .map((summary, index) => renderFinding(summary, index, limits))}
${
  rest.length === 0
    ? null
    : html`<h3>And ${plural(rest.length, 'more finding')}</h3>
<ul>${rest.slice(0, SHORT_MAX).map(renderShort)}</ul>${beyond(rest.length, SHORT_MAX)}`
}`;
}

function renderShort({ finding }: FindingSummary): Html {
  return html`<li id="${finding.id}"><strong>${finding.id} ${finding.property}</strong>:
 ${shorten(finding.message, 300)} <code>${finding.replay}</code></li>`;
}

function renderFinding(summary: FindingSummary, index: number, limits: FindingLimits): Html {
  const { finding } = summary;
  return html`<article class="finding" id="${finding.id}" tabindex="-1"
 aria-labelledby="${finding.id}-name">
<h3 id="${finding.id}-name"><span class="id">✗ ${finding.id}</span>${finding.property}</h3>
<p class="where">${summary.scenario} on ${summary.backend}${
    summary.source === null ? null : html`, <code>${summary.source}</code>`
  }</p>
${renderRates(summary)}
<p class="message">${shorten(finding.message, MESSAGE_MAX)}</p>
<h4>Show it again</h4>
<div class="replay"><code>${finding.replay}</code></div>
<div class="pair">${renderDiff(summary)}${renderSchedule(summary)}</div>
${renderDiagramPart(summary, index, limits)}
${renderEvents(summary, limits)}
<p class="note">Run <code>${finding.run}</code>, fingerprint <code>${finding.fingerprint}</code></p>
</article>`;
}

function beyond(count: number, max: number): Html | null {
  if (count <= max) return null;
  return html`<p class="note">and ${formatCount(count - max)} more, in results.json</p>`;
}

function renderRates({ rate, backend, elsewhere }: FindingSummary): Html {
  const others = elsewhere.map(({ backend: other, cell }) => {
    if (cell.status === 'violated') {
      return html`<li class="violated">✗ ${other} ${cell.violatedRuns}/${cell.runs}</li>`;
    }
    const word = { held: '✓', never: '○', inconclusive: '?', absent: '·' }[cell.status];
    const runs = cell.status === 'never' ? 'never evaluated' : `held ${cell.runs}/${cell.runs}`;
    const text = cell.status === 'inconclusive' ? `unknown ${cell.unknownRuns}/${cell.runs}` : runs;
    return html`<li class="${cell.status}">${word} ${other} ${text}</li>`;
  });
  return html`<ul class="rates"><li class="violated">✗ ${backend} violated
 ${formatCount(rate.failed)} of ${formatCount(rate.of)} runs</li>${others}</ul>`;
}

function renderDiff({ diff }: FindingSummary): Html | null {
  if (diff.length === 0) return null;
  return html`<div><h4>Output</h4><div class="scroll" role="region" tabindex="0"
 aria-label="Expected and actual output"><table class="diff">
<thead><tr><td></td><th scope="col">expected</th><th scope="col">actual</th></tr></thead>
<tbody>${diff.slice(0, LINES_MAX).map(renderDiffLine)}</tbody></table></div>
${beyond(diff.length, LINES_MAX)}</div>`;
}

function renderDiffLine({ mark, text }: DiffLine): Html {
  if (mark === 'skipped') {
    return html`<tr class="skipped"><td></td><td colspan="2">… ${text}</td></tr>`;
  }
  const sign = { same: '', missing: '−', added: '+' }[mark];
  const expected = mark === 'added' ? '' : text;
  const actual = mark === 'missing' ? '' : text;
  return html`<tr class="${mark}"><td class="mark">${sign}</td><td>${expected}</td>
<td>${actual}</td></tr>`;
}

function renderSchedule({ finding, faults, faultsBefore }: FindingSummary): Html {
  const title = faultsBefore === null ? 'Schedule' : 'Minimal schedule';
  const before = faultsBefore === null ? '' : ` (of ${formatCount(faultsBefore)})`;
  return html`<div><h4>${title}, ${plural(faults, 'fault')}${before}</h4>
<ol class="schedule">${finding.schedule.slice(0, LINES_MAX).map(({ timeMs, host, text, kind }) => {
    const glyph = { fault: '⚡', event: '', violation: '✗' }[kind];
    return html`<li class="${kind}"><span class="at">${formatTime(timeMs)}</span>
<span>${glyph}</span><span><span class="host">${host}</span>${text}</span></li>`;
  })}</ol>${beyond(finding.schedule.length, LINES_MAX)}</div>`;
}

function renderDiagramPart(
  { finding, events }: FindingSummary,
  index: number,
  limits: FindingLimits,
): Html | null {
  if (index >= limits.diagramsMax) {
    return html`<p class="note">The diagram was left out to keep this file small.</p>`;
  }
  const diagram = renderDiagram(finding.id, events);
  if (diagram === null) return null;
  return html`<details${index === 0 ? html` open` : null}><summary>Space-time diagram</summary>
${diagram}
<ul class="legend"><li>→ message</li><li>⇢ dashed: barrier</li><li>✕ lost, or a crash</li>
<li>◆ checkpoint, filled</li><li>◇ transaction</li><li>● (re)start</li>
<li>dotted: host is down</li></ul></details>`;
}

function renderEvents({ finding, events }: FindingSummary, limits: FindingLimits): Html {
  if (events.length === 0) {
    return html`<p class="note">The log has no trace of this finding; replay it to get one.</p>`;
  }
  return html`<details><summary>Event log <span class="muted">${plural(events.length, 'event')}
</span></summary>${renderLog({
    id: `${finding.id}-events`,
    label: `Events of ${finding.id}`,
    hint: 'kind:commit on:tm-1 ck:7 after:"crash" not:timer /regex/',
    columns: ['step', 'timeMs', 'host', 'kind', 'text', 'checkpoint', 'cause'],
    titles: ['Step', 'Time', 'Host', 'Kind', 'What', 'Checkpoint', 'Cause'],
    rows: events.map((event) => [
      event.step,
      event.timeMs,
      event.host,
      event.kind,
      shorten(event.text, TEXT_MAX),
      event.checkpoint ?? null,
      event.cause === undefined ? null : `#${event.cause}`,
    ]),
    show: 'last',
    rowsMax: limits.eventsMax,
    rest: 'events.ndjson has every event',
  })}</details>`;
}
