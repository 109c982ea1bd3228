// `onceproof report`: renders the reports again from stored events, of one suite or of the shards
// of one. The events are not touched; the exit code says only whether the reports could be written.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { openEventLog, readEventLog, renderReports } from '../../../reports/writers/index.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, type FileReporter, readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens } from '../context.ts';
import { type ExitCode, meaningOf } from '../exit-codes.ts';
import { sizeOf } from '../output/size-of.ts';
import { padTo } from '../output/lay-out.ts';
import { count, plural } from '../output/text.ts';
import { mergeLogs } from '../suite/merge-logs.ts';

const FORMATS: readonly FileReporter[] = ['html', 'junit', 'markdown', 'json'];

export async function reportVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const places = line.words.length === 0 ? [DEFAULT_OUT] : line.words;
  const logs = places.map(logIn);
  const out = values.text('out') ?? join(places[0] ?? DEFAULT_OUT, 'report');
  const events = logs.length === 1 ? (logs[0] ?? '') : await merged(logs, out);
  const formats = values.choices('reporter', FORMATS) ?? FORMATS;
  const { environment } = context;
  const result = await renderReports({ events, out, formats, environment });
  const { report, files, failures } = result;
  if (report !== null) {
    const { runs, findings, cases } = report.totals;
    const shards = logs.length === 1 ? '' : `merged ${logs.length} logs · `;
    screens.results.write(
      ` ${shards}${plural(runs, 'run')} · ${plural(findings, 'finding')} · ` +
        `${plural(cases, 'case')} · root ${report.environment.root}\n`,
    );
    for (const { code, text } of report.notices) screens.progress.write(` ${code} ${text}\n`);
  }
  for (const { path, format, sizeBytes } of files) {
    screens.printJson?.(`${JSON.stringify({ type: 'report', format, path, sizeBytes })}\n`);
    screens.results.write(`   ${padTo(path, 40)}  ${sizeOf(path)}\n`);
  }
  for (const { code, cause, path, remedy } of failures) {
    screens.progress.write(`${code} ${cause}\n  at ${path}\n  remedy: ${remedy}\n`);
  }
  const exit: ExitCode = failures.length > 0 ? 7 : 0;
  const meaning = exit === 0 ? `${count(files.length)} reports written` : meaningOf(exit);
  screens.results.write(` exit ${exit}: ${meaning}\n`);
  return exit;
}

function logIn(place: string): string {
  const isDirectory = existsSync(place) && statSync(place).isDirectory();
  const path = isDirectory ? join(place, 'events.ndjson') : place;
  if (existsSync(path)) return path;
  throw new OnceproofError('OP-E126', `Cannot find results: there is no ${path}`, {
    remedy: 'Name the directories that "onceproof run --out" wrote to',
  });
}

/** The merged log is kept beside the reports, so that they can be rendered again. */
async function merged(paths: readonly string[], out: string): Promise<string> {
  const logs = await Promise.all(
    paths.map(async (path) => {
      const read = await readEventLog(path);
      if (read.kind === 'event-log-read') return read.log.events;
      throw new OnceproofError(read.code, read.cause, { place: read.path, remedy: read.remedy });
    }),
  );
  const path = join(out, 'events.ndjson');
  const writer = openEventLog(path);
  const failure =
    writer.kind === 'report-failed'
      ? writer
      : (mergeLogs(logs)
          .map((event) => writer.append(event))
          .find((problem) => problem !== null) ?? writer.close());
  if (failure === null) return path;
  const { code, cause, remedy } = failure;
  throw new OnceproofError(code, cause, { place: failure.path, remedy });
}
