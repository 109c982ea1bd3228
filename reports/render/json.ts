/**
 * `results.json`: the model itself, as every other rendering read it.
 * Keys are always in the same order, so that equal results are equal files.
 */
import type { Report } from '../model.ts';
import type { RenderOptions } from './render-options.ts';

export function renderJson(report: Report, options: RenderOptions = {}): string {
  const stamp = options.renderedAt === undefined ? {} : { renderedAt: options.renderedAt };
  return `${JSON.stringify({ ...stamp, ...report }, null, 1)}\n`;
}
