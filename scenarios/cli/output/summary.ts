// The end of a suite on the terminal: the verdict and the numbers behind it, counted from the log,
// so that they agree with every report. What was not shown is said as plainly as what was.

import type { Report } from '../../../reports/index.ts';
import { type ExitCode, meaningOf } from '../exit-codes.ts';
import { faultFamilies } from './families.ts';
import { mutantTable } from './mutant-table.ts';
import type { Screen, Style } from './screen.ts';
import { padTo, widthOf, wrap } from './lay-out.ts';
import { count, duration, plural } from './text.ts';

export interface SummaryOptions {
  readonly screen: Screen;
  readonly exit: ExitCode;
  readonly wallMs: number;
  /** `.onceproof/report/index.html (1.8 MB)`. */
  readonly reportLine: string | undefined;
  /** Which runs show a finding, by backend: `memory 5/20 · fs 4/20`. */
  readonly ratesText: (findingId: string) => string;
  /** Things that went wrong besides violations. */
  readonly troubles: readonly string[];
}

const HEADLINES: Readonly<Record<ExitCode, readonly [string, Style]>> = {
  0: ['NO VIOLATION FOUND', 'green'],
  1: ['VIOLATED', 'red'],
  2: ['INCONCLUSIVE', 'yellow'],
  3: ['NONDETERMINISTIC', 'red'],
  4: ['NOTHING TO RUN', 'yellow'],
  5: ['NOT REPRODUCED', 'yellow'],
  6: ['BACKEND BROKEN', 'red'],
  7: ['REPORT NOT WRITTEN', 'red'],
  64: ['BAD USAGE', 'red'],
  65: ['NOT LOADED', 'red'],
  70: ['INTERNAL ERROR', 'red'],
  125: ['STALE', 'yellow'],
  130: ['INTERRUPTED', 'yellow'],
  143: ['TERMINATED', 'yellow'],
};

export function suiteSummary(report: Report, options: SummaryOptions): string {
  const { screen, reportLine, troubles } = options;
  const width = Math.min(screen.columns, 100);
  const row = (name: string, text: string): string[] =>
    wrap(text, width - 16).map((line, at) => `   ${padTo(at === 0 ? name : '', 13)}${line}`);
  const lines = [
    headline(report, options, width),
    ...report.findings.map(({ finding, scenario }) => {
      const rates = options.ratesText(finding.id);
      return `   ${padTo(finding.id, 4)} ${finding.property}  ${scenario}  ${rates}`;
    }),
    ...row('runs', runsText(report)),
    ...row('faults', faultsText(report)),
    ...row('recoveries', recoveriesText(report)),
    ...row('properties', propertiesText(report)),
    ...(report.corpus === null ? [] : row('corpus', corpusText(report.corpus))),
    ...report.crashGrids.flatMap((grid) => row('crashes', crashesText(grid))),
    ...determinismText(report).flatMap((text) => row('determinism', text)),
    ...mutantTable(report, screen),
    ...row('meaning', report.confidence.text),
    ...report.gaps.flatMap((gap) => row('not shown', gap)),
    ...(reportLine === undefined ? [] : row('report', reportLine)),
    ...troubles.flatMap((trouble) => row('trouble', trouble)),
    lastLine(options.exit, report.environment.root),
  ];
  return `${lines.join('\n')}\n`;
}

/** Repeats the exit code, because a log often shows nothing else of it. */
export function lastLine(exit: ExitCode, root: string | undefined): string {
  const seed = root === undefined ? '' : ` · root seed ${root}`;
  return ` exit ${exit}: ${meaningOf(exit)}${seed}`;
}

export function headlineOf(exit: ExitCode): string {
  return HEADLINES[exit][0];
}

function headline(report: Report, { screen, exit, wallMs }: SummaryOptions, width: number): string {
  const { mutantsKilled, mutantsScored } = report;
  const [verdict, style] = HEADLINES[exit];
  const isHunt = exit === 0 && mutantsScored > 0;
  const word = isHunt ? `CAUGHT ${mutantsKilled} of ${plural(mutantsScored, 'mutant')}` : verdict;
  const detail =
    report.invalidRuns === 0
      ? ''
      : `   ${plural(report.totals.findings, 'finding')}, ` +
        `${count(report.invalidRuns)} of ${plural(report.totals.runs, 'run')}`;
  const time = duration(wallMs);
  const gap = Math.max(2, Math.min(width, 78) - widthOf(` ${word}${detail}`) - time.length);
  return ` ${screen.paint(style, word)}${detail}${' '.repeat(gap)}${time}`;
}

function runsText({ totals, plannedRuns, simMs }: Report): string {
  const of = plannedRuns > totals.runs ? ` of ${count(plannedRuns)}` : '';
  const cases = plural(totals.cases, 'case');
  return `${count(totals.runs)}${of} in ${cases} · ${duration(simMs)} simulated`;
}

function faultsText({ faults, faultsTotal }: Report): string {
  const families = faultFamilies(faults.map(({ name, count: times }) => [name, times] as const));
  const parts = families.map(([family, times]) => `${family} ${count(times)}`);
  return parts.length === 0 ? 'none' : `${count(faultsTotal)} = ${parts.join(' + ')}`;
}

/**
 * Aborts are left out: a checkpoint may be aborted before it is triggered, so they do not add up.
 */
function recoveriesText({ recoveries, checkpoints, commits }: Report): string {
  const { triggered, completed } = checkpoints;
  return (
    `${count(recoveries)} · ${count(completed)} of ${plural(triggered, 'checkpoint')} completed` +
    ` · ${plural(commits, 'commit')}`
  );
}

function propertiesText({ matrix, sometimes }: Report): string {
  const statuses = matrix.map(({ cells }) => cells.map(({ status }) => status));
  const broken = statuses.filter((cells) => cells.includes('violated')).length;
  const held = statuses.filter(
    (cells) =>
      !cells.includes('violated') && !cells.includes('inconclusive') && cells.includes('held'),
  ).length;
  const other = statuses.length - broken - held;
  const reached = sometimes.filter(({ runs }) => runs > 0).length;
  const parts = [
    `${held} held`,
    ...(broken > 0 ? [`${broken} violated`] : []),
    ...(other > 0 ? [`${other} not decided`] : []),
  ];
  const marks = reached === sometimes.length ? count(reached) : `${reached} of ${sometimes.length}`;
  return `${parts.join(', ')} · ${marks} sometimes reached`;
}

function corpusText({ repros, held, failed, stale }: NonNullable<Report['corpus']>): string {
  if (held === repros) return `${plural(repros, 'saved repro')} still fixed`;
  const parts = [
    ...(failed.length === 0 ? [] : [`failing: ${failed.join(', ')}`]),
    ...(stale.length === 0 ? [] : [`stale, so proving nothing: ${stale.join(', ')}`]),
  ];
  return `${held} of ${plural(repros, 'saved repro')} still fixed · ${parts.join(' · ')}`;
}

/** `fs: 225 crashes at 75 of 591 durable operations, 0 broke a property`. */
function crashesText(grid: Report['crashGrids'][number]): string {
  const cells = grid.rows.flatMap(({ before, after, again }) => [before, after, again]);
  const sum = (index: 0 | 1): number => cells.reduce((total, cell) => total + cell[index], 0);
  return (
    `${grid.case}: ${plural(sum(0), 'run')} with crashes at ${count(grid.tried)} of ` +
    `${plural(grid.operations, 'durable operation')}, ${count(sum(1))} broke a property`
  );
}

function determinismText({ determinism }: Report): string[] {
  if (determinism === null) return [];
  const { repeated, differed, firstDifference } = determinism;
  const text = `${plural(repeated, 'run')} repeated, ${count(differed)} differed`;
  return [text, ...(firstDifference === undefined ? [] : [`first: ${firstDifference}`])];
}
