/**
 * The renderings by name, and the file each is kept in. A rendering is a pure function of the
 * model: it reads no clock, no file and no environment.
 */
import type { Report } from '../model.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { RenderOptions } from './render-options.ts';

export type Format = 'html' | 'junit' | 'markdown' | 'json';

/** Every format, in the order they are written. */
export const FORMATS: readonly Format[] = ['json', 'html', 'junit', 'markdown'];

export function render(format: Format, report: Report, options: RenderOptions = {}): string {
  switch (format) {
    case 'html':
      return renderHtml(report, options);
    case 'junit':
      return renderJunit(report, options);
    case 'markdown':
      return renderMarkdown(report, options);
    case 'json':
      return renderJson(report, options);
  }
}

export function fileNameOf(format: Format): string {
  return {
    html: 'index.html',
    junit: 'junit.xml',
    markdown: 'summary.md',
    json: 'results.json',
  }[format];
}
