/**
 * Appends Markdown to the job summary of GitHub actions, where there is one.
 * A summary above 1 MiB is dropped whole by the server, so what would not fit is not appended.
 */
import { appendFile, stat } from 'node:fs/promises';
import { Buffer } from 'node:buffer';
import type { ReportFailed } from './report-error.ts';
import { reportFailed } from './report-error.ts';

/** "supports content up to a size of 1024k" */
const SIZE_MAX_BYTES = 1_024 * 1_024;

export type StepSummaryResult =
  | { readonly kind: 'summary-appended'; readonly path: string }
  | { readonly kind: 'summary-skipped'; readonly cause: 'not-set' | 'would-not-fit' }
  | ReportFailed;

export async function appendStepSummary(
  path: string | undefined,
  markdown: string,
): Promise<StepSummaryResult> {
  if (path === undefined || path === '') return { kind: 'summary-skipped', cause: 'not-set' };
  try {
    const present = await stat(path).catch(() => ({ size: 0 }));
    const text = `${markdown}\n`;
    if (present.size + Buffer.byteLength(text) > SIZE_MAX_BYTES) {
      return { kind: 'summary-skipped', cause: 'would-not-fit' };
    }
    await appendFile(path, text);
    return { kind: 'summary-appended', path };
  } catch (error) {
    return reportFailed('OP-E705', path, error);
  }
}
