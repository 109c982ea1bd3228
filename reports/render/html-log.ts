/**
 * A table that can be searched: the rows that matter most as plain HTML, the others in a data
 * block that the script reads on demand. How many rows are held is decided by the caller's budget,
 * and what was left out is written under the table.
 */
import { formatCount } from '../format.ts';
import type { Html } from './markup.ts';
import { dataBlock, html } from './markup.ts';

/** Rows a page shows without script, and what one search shows at once. */
export const ROWS_STATIC_MAX = 200;

export type LogCell = string | number | null;

export interface LogOptions {
  readonly id: string;
  /** For people: says what is searched. */
  readonly label: string;
  readonly hint: string;
  /** Names used in queries, one a column. `timeMs` is shown as seconds. */
  readonly columns: readonly string[];
  readonly titles: readonly string[];
  /** In order. `null` cells are empty. */
  readonly rows: readonly (readonly LogCell[])[];
  /** Which end is shown without script. */
  readonly show: 'first' | 'last';
  /** Rows the report may hold at all. */
  readonly rowsMax: number;
  /** Where the rest can be read. */
  readonly rest: string;
}

export function renderLog(options: LogOptions): Html {
  const { id, columns, rows, rowsMax } = options;
  const held = take(rows, rowsMax, options.show);
  const shown = take(held, ROWS_STATIC_MAX, options.show);
  const data = { columns, rows: held, total: rows.length };
  return html`<div class="log" data-rows="${id}" data-label="${options.label}"
 data-hint="${options.hint}">
<div class="scroll" role="region" aria-label="${options.label}" tabindex="0"><table>
<thead><tr>${options.titles.map((title, index) => {
    const isNumber = typeof rows[0]?.[index] === 'number';
    return html`<th scope="col"${isNumber ? html` class="num"` : null}>${title}</th>`;
  })}</tr></thead>
<tbody>${shown.map((row) => renderRow(row, columns))}</tbody></table></div>
<p class="note">${noteOf(options, held.length, shown.length)}</p>
${rows.length === 0 ? null : dataBlock(id, data)}</div>`;
}

function take<Row>(rows: readonly Row[], count: number, end: 'first' | 'last'): readonly Row[] {
  if (rows.length <= count) return rows;
  return end === 'first' ? rows.slice(0, count) : rows.slice(rows.length - count);
}

function renderRow(row: readonly LogCell[], columns: readonly string[]): Html {
  const flag = row[Math.max(columns.indexOf('kind'), columns.indexOf('verdict'))];
  const className = rowClass(String(flag ?? ''));
  const cells = row.map((cell, index) => {
    if (typeof cell !== 'number') {
      const className = /^(run|digest)$/.test(columns[index] ?? '') ? 'mono' : 'break';
      return html`<td class="${className}">${cell}</td>`;
    }
    const isTime = columns[index] === 'timeMs';
    const text = isTime ? `${(cell / 1_000).toFixed(3)}s` : formatCount(cell);
    return html`<td class="num">${text}</td>`;
  });
  return html`<tr${className === '' ? null : html` class="${className}"`}>${cells}</tr>
`;
}

function rowClass(kind: string): string {
  if (/fault|crash|drop/.test(kind)) return 'is-fault';
  if (/violation|invalid/.test(kind)) return 'is-violation';
  return kind === 'unknown' ? 'is-unknown' : '';
}

function noteOf(options: LogOptions, held: number, shown: number): string {
  const total = options.rows.length;
  if (total === 0) return 'None.';
  if (shown === total) return `All ${formatCount(total)} shown.`;
  const all = `The ${options.show} ${formatCount(shown)} of ${formatCount(total)} shown`;
  if (held === total) return `${all}; search reaches all of them.`;
  return `${all}; search reaches ${formatCount(held)}. The rest was left out to keep this file \
small: ${options.rest}.`;
}
