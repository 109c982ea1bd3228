/**
 * HTML by template: every interpolated string is escaped, so a message cannot become markup.
 * Only what was built by `html` or passed through `raw` goes in as it is.
 */
import { escapeMarkup } from '../text.ts';

/** Finished markup. */
export interface Html {
  readonly markup: string;
}

export type HtmlValue = string | number | null | Html | readonly HtmlValue[];

export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const pieces = strings.map((piece, index) => {
    return index === 0 ? piece : `${markupOf(values[index - 1] ?? null)}${piece}`;
  });
  return { markup: pieces.join('') };
}

/** Markup from a trusted source: our own styles, scripts and drawings. */
export function raw(markup: string): Html {
  return { markup };
}

/** JSON for a data block. No `<` is left, so nothing inside can end the element. */
export function dataBlock(id: string, data: unknown): Html {
  const json = JSON.stringify(data).replace(/</g, '\\u003c');
  return html`<script type="application/json" id="${id}">${raw(json)}</script>`;
}

function markupOf(value: HtmlValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return escapeMarkup(value);
  if (typeof value === 'number') return String(value);
  if (isMarkup(value)) return value.markup;
  return value.map(markupOf).join('');
}

function isMarkup(value: Html | readonly HtmlValue[]): value is Html {
  return !Array.isArray(value);
}
