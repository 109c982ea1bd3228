/**
 * The matrix of properties and backends. A cell that was declared and never evaluated is hollow:
 * shown as held it would be the classic lie of a test report.
 */
import { formatCount } from '../format.ts';
import type { Cell, Report } from '../model.ts';
import type { Html } from './markup.ts';
import { html } from './markup.ts';

export function renderMatrix({ matrix, backends }: Report): Html {
  if (matrix.length === 0) return html`<p class="empty-state">No case declares a property.</p>`;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Properties by backend">
<table class="matrix"><thead><tr><th scope="col">Property</th>${backends.map(
    (backend) => html`<th scope="col">${backend}</th>`,
  )}</tr></thead>
<tbody>${matrix.map(
    ({ property, cells }) => html`<tr><th scope="row">${property}</th>${cells.map(renderCell)}</tr>
`,
  )}</tbody></table></div>
<ul class="legend"><li>✓ held, times evaluated</li><li>✗ violated, runs</li>
<li>? inconclusive, runs</li><li>○ declared, never evaluated</li><li>· not declared</li></ul>`;
}

function renderCell(cell: Cell): Html {
  return html`<td class="${cell.status}">${cellText(cell)}</td>`;
}

function cellText(cell: Cell): Html {
  switch (cell.status) {
    case 'held':
      return html`✓ ${formatCount(cell.evaluated)}`;
    case 'violated':
      return html`✗ ${formatCount(cell.violatedRuns)} of ${formatCount(cell.runs)}`;
    case 'inconclusive':
      return html`? ${formatCount(cell.unknownRuns)} of ${formatCount(cell.runs)}`;
    case 'never':
      return html`○ never`;
    case 'absent':
      return html`<span aria-label="not declared">·</span>`;
  }
}
