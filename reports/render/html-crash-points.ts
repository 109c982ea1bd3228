/**
 * The grid of crash points: for each kind of durable operation what came of a crash right before
 * it, right after it, and of another one during the recovery from that.
 */
import type { CrashPointRow, Tried } from '../crash-point-events.ts';
import { formatCount } from '../format.ts';
import type { Report } from '../model.ts';
import { type Html, html } from './markup.ts';

export function renderCrashPoints({ crashGrids }: Report): Html {
  if (crashGrids.length === 0) {
    return html`<p class="empty-state">None were tried. Run with <code>--crash-points</code> to
 crash each case at every durable operation of one run.</p>`;
  }
  return html`${crashGrids.map(renderGrid)}`;
}

function renderGrid(grid: Report['crashGrids'][number]): Html {
  const { operations, tried, rows, seed } = grid;
  const share = tried === operations ? 'all' : `${formatCount(tried)} of`;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Crash points"><table>
<caption>${grid.case}: ${share} ${formatCount(operations)} durable operations of run
<code>${seed}</code>.</caption>
<thead><tr><th scope="col">Operation</th><th scope="col">Host</th>
<th scope="col">Crash before</th><th scope="col">Crash after</th>
<th scope="col">And again</th></tr></thead>
<tbody>${rows.map(renderRow)}</tbody></table></div>`;
}

function renderRow({ operation, host, before, after, again }: CrashPointRow): Html {
  return html`<tr><th scope="row" class="break"><code>${operation}</code></th>
<td class="word">${host}</td><td class="word">${cell(before)}</td>
<td class="word">${cell(after)}</td><td class="word">${cell(again)}</td></tr>`;
}

function cell([tried, failed]: Tried): Html {
  if (tried === 0) return html`<span class="muted">–</span>`;
  if (failed === 0) return html`<span class="held">✓ ${formatCount(tried)}</span>`;
  return html`<strong class="violated">✗ ${formatCount(failed)} of ${formatCount(tried)}</strong>`;
}
