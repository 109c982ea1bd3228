// The last things a suite prints: each finding in full, then the verdict with its numbers, and for
// machines that read terminals the annotations and the brief form.

import type { FindingSummary, Report } from '../../../reports/index.ts';
import type { Reporter, RunSettings } from '../arguments/run-settings.ts';
import type { EnvironmentVariables } from '../arguments/values.ts';
import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { FindingBook, FindingEntry } from '../suite/finding-book.ts';
import type { Case } from '../suite/select.ts';
import { annotations } from './annotations.ts';
import { briefText } from './brief.ts';
import { findingBlock } from './finding-block.ts';
import { sizeOf } from './size-of.ts';
import { suiteSummary } from './summary.ts';
import { count } from './text.ts';

export interface EndOptions {
  readonly report: Report;
  readonly book: FindingBook;
  readonly cases: readonly Case[];
  readonly screens: Screens;
  readonly settings: RunSettings;
  readonly environment: EnvironmentVariables;
  readonly reporters: readonly Reporter[];
  readonly exit: ExitCode;
  readonly wallMs: number;
  readonly reportPath: string | undefined;
  readonly troubles: readonly string[];
}

/** More than anybody reads on a terminal; all are in the report. */
const BLOCKS_MAX = 10;

export function printEnd(options: EndOptions): void {
  const { report, screens, reporters, exit, wallMs, reportPath, troubles } = options;
  const { results } = screens;
  if (reporters.includes('brief')) {
    results.write(briefText(report, exit));
  } else {
    const shown = report.findings.slice(0, BLOCKS_MAX);
    for (const summary of shown) results.write(`\n${block(summary, options)}`);
    const more = report.findings.length - shown.length;
    if (more > 0) results.write(`\n and ${more} more findings, all in the report\n`);
    const reportLine =
      reportPath === undefined ? undefined : `${reportPath} (${sizeOf(reportPath)})`;
    results.write('\n');
    const ratesText = (id: string): string => ratesTextOf(id, options);
    results.write(
      suiteSummary(report, { screen: results, exit, wallMs, reportLine, ratesText, troubles }),
    );
  }
  if (!reporters.includes('github')) return;
  // Not between lines of JSON, wherever those go.
  const stream = screens.printJson === undefined ? screens.results : screens.progress;
  for (const line of annotations(report)) stream.write(`${line}\n`);
}

function block(summary: FindingSummary, options: EndOptions): string {
  const { report, book, cases, screens, reportPath } = options;
  const { id, property } = summary.finding;
  const entry = book.entries.find(({ event }) => event.id === id);
  const explanation = cases
    .flatMap((one) => one.entry.checkers)
    .find(({ name }) => name === property)?.explanation;
  return findingBlock(summary, {
    screen: screens.results,
    rates: ratesOf(summary, report, entry),
    explanation: explanation === undefined ? property : `${property}: ${explanation}`,
    look: reportPath === undefined ? undefined : `${reportPath}#${id}`,
    original: summary.faultsBefore === null ? undefined : entry?.event.replay,
  });
}

function ratesTextOf(id: string, { report, book }: EndOptions): string {
  const summary = report.findings.find(({ finding }) => finding.id === id);
  if (summary === undefined) return '';
  const entry = book.entries.find(({ event }) => event.id === id);
  return ratesOf(summary, report, entry)
    .filter(({ failed }) => failed > 0)
    .map(({ backend, failed, of }) => `${backend} ${count(failed)}/${count(of)}`)
    .join(' · ');
}

/** By backend: the runs that show this very finding, of those of the case. */
function ratesOf(
  { scenario }: FindingSummary,
  report: Report,
  entry: FindingEntry | undefined,
): { backend: string; failed: number; of: number }[] {
  return report.cases
    .filter((one) => one.scenario === scenario)
    .map(({ backend, runs }) => {
      return { backend, failed: entry?.failed.get(backend) ?? 0, of: runs };
    });
}
