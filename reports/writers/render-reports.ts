/**
 * From an event log on disk to report files on disk. It never touches the log, writes each file
 * whole or not at all, and goes on after a failure: one report that cannot be written does not
 * cost the others. Every failure is in the result.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../model.ts';
import type { Format } from '../render/render.ts';
import { FORMATS, fileNameOf, render } from '../render/render.ts';
import type { RenderOptions } from '../render/render-options.ts';
import { summarize } from '../summary.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { readEventLog } from './event-log-file.ts';
import type { ReportFailed } from './report-error.ts';
import { reportFailed } from './report-error.ts';
import type { StepSummaryResult } from './step-summary.ts';
import { appendStepSummary } from './step-summary.ts';

export interface RenderRequest {
  /** Path of `events.ndjson`. */
  readonly events: string;
  /** Directory for the reports; made when it is not there. */
  readonly out: string;
  /** Left out: all of them. */
  readonly formats?: readonly Format[];
  /** Read for SOURCE_DATE_EPOCH and GITHUB_STEP_SUMMARY. Left out: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface WrittenReport {
  readonly format: Format;
  readonly path: string;
  readonly sizeBytes: number;
}

/** `report` is null when the log could not be read. Exit code 7 belongs to `failures`. */
export interface ReportResult {
  readonly report: Report | null;
  readonly files: readonly WrittenReport[];
  readonly stepSummary: StepSummaryResult;
  readonly failures: readonly ReportFailed[];
}

export async function renderReports(request: RenderRequest): Promise<ReportResult> {
  const environment = request.environment ?? process.env;
  const read = await readEventLog(request.events);
  if (read.kind === 'report-failed') return nothing(read);
  const report = summarize(read.log);
  const directory = await makeDirectory(request.out);
  if (directory !== null) return { ...nothing(directory), report };
  const options = { renderedAt: renderedAt(environment['SOURCE_DATE_EPOCH']) };
  const formats = FORMATS.filter((format) => (request.formats ?? FORMATS).includes(format));
  const files: WrittenReport[] = [];
  const failures: ReportFailed[] = [];
  for (const format of formats) {
    const written = await writeReport(format, report, { out: request.out, options });
    if (written.kind === 'report-failed') failures.push(written);
    else files.push({ format, path: written.path, sizeBytes: written.sizeBytes });
  }
  const markdown = render('markdown', report, options);
  const stepSummary = await appendStepSummary(environment['GITHUB_STEP_SUMMARY'], markdown);
  if (stepSummary.kind === 'report-failed') failures.push(stepSummary);
  return { report, files, stepSummary, failures };
}

function nothing(failure: ReportFailed): ReportResult {
  const stepSummary = { kind: 'summary-skipped', cause: 'not-set' } as const;
  return { report: null, files: [], stepSummary, failures: [failure] };
}

async function makeDirectory(path: string): Promise<ReportFailed | null> {
  try {
    await mkdir(path, { recursive: true });
    return null;
  } catch (error) {
    return reportFailed('OP-E701', path, error);
  }
}

async function writeReport(
  format: Format,
  report: Report,
  to: { readonly out: string; readonly options: RenderOptions },
): ReturnType<typeof writeFileAtomically> {
  const path = join(to.out, fileNameOf(format));
  return writeFileAtomically(path, render(format, report, to.options));
}

/** Seconds since 1970, as reproducible builds set them; else now. */
function renderedAt(sourceDateEpoch: string | undefined): string {
  const seconds = Number(sourceDateEpoch);
  const isSet = sourceDateEpoch !== undefined && /^\d{1,11}$/.test(sourceDateEpoch);
  const date = isSet ? new Date(seconds * 1_000) : new Date();
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
