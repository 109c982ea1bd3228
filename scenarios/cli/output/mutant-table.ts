// The mutation score on the terminal: a row for each mutant, then the score by area and in all, and
// the survivors by name. Replay lines come below, whole, because they are there to be copied.

import { fateOf, type Report } from '../../../reports/index.ts';
import { padTo, widthOf, wrap } from './lay-out.ts';
import type { Screen, Style } from './screen.ts';
import { count } from './text.ts';

type Mutant = Report['mutants'][number];

interface Column {
  readonly head: string;
  readonly isNumber?: boolean;
  /** Columns with the greatest numbers go first where the screen is narrow. */
  readonly rank: number;
  readonly text: (mutant: Mutant) => string;
}

const WIDE = 160;

const COLUMNS: readonly Column[] = [
  { head: 'mutant', rank: 0, text: ({ name }) => name },
  { head: '', rank: 0, text: fateOf },
  { head: 'by', rank: 1, text: propertyText },
  {
    head: 'seeds',
    rank: 0,
    isNumber: true,
    text: ({ seeds, killed }) => `${killed ? '' : '>'}${count(seeds)}`,
  },
  {
    head: '95 %',
    rank: 5,
    isNumber: true,
    text: ({ seedsP95 }) => (seedsP95 === undefined ? '–' : count(seedsP95)),
  },
  {
    head: 'roots',
    rank: 6,
    isNumber: true,
    text: ({ kills = 0, roots = 1 }) => `${kills}/${roots}`,
  },
  { head: 'area', rank: 3, text: ({ area }) => area ?? '' },
  { head: 'stands for', rank: 4, text: standsForText },
];

export function mutantTable(report: Report, screen: Screen): string[] {
  const { mutants, mutantsKilled, mutantsScored, mutantAreas } = report;
  if (mutants.length === 0) return [];
  const survivors = mutants.filter(({ killed, mustSurvive }) => !killed && mustSurvive !== true);
  const width = Math.min(screen.columns, 100) - 16;
  const row = (name: string, text: string): string[] =>
    wrap(text, width).map((line, at) => `   ${padTo(at === 0 ? name : '', 13)}${line}`);
  const areas = mutantAreas.map(({ area, killed, of }) => `${area} ${killed}/${of}`);
  return [
    ...tableLines(mutants, screen),
    ...(mutantsScored === 0 ? [] : row('score', `${mutantsKilled} of ${mutantsScored} killed`)),
    ...(areas.length < 2 ? [] : row('by area', areas.join(' · '))),
    ...survivors.flatMap(({ name, description }) => row('survivor', `${name}: ${description}`)),
    ...mutants.flatMap(({ replay }) =>
      replay === undefined ? [] : [`   ${padTo('', 13)}${replay}`],
    ),
  ];
}

function tableLines(mutants: readonly Mutant[], screen: Screen): string[] {
  // A file or a pipe does not wrap.
  const columns = fitting(mutants, screen.isTty ? screen.columns : WIDE);
  const line = (cellOf: (column: Column) => string): string => {
    const cells = columns.map(({ column, width }) => {
      const cell = cellOf(column);
      return column.isNumber === true
        ? ' '.repeat(width - widthOf(cell)) + cell
        : padTo(cell, width);
    });
    return `   ${cells.join('  ')}`.trimEnd();
  };
  return [
    line(({ head }) => head),
    ...mutants.map((mutant) =>
      screen.paint(
        styleOf(mutant),
        line(({ text }) => text(mutant)),
      ),
    ),
  ];
}

interface Sized {
  readonly column: Column;
  readonly width: number;
}

function fitting(mutants: readonly Mutant[], columnsMax: number): readonly Sized[] {
  const all = COLUMNS.map((column): Sized => {
    const texts = [column.head, ...mutants.map((mutant) => column.text(mutant))];
    return { column, width: Math.max(...texts.map(widthOf)) };
  });
  const ranks = [...new Set(COLUMNS.map(({ rank }) => rank))].sort((left, right) => right - left);
  for (const rank of ranks) {
    const shown = all.filter(({ column }) => column.rank <= rank);
    if (shown.reduce((sum, { width }) => sum + width + 2, 1) <= columnsMax) return shown;
  }
  return all.filter(({ column }) => column.rank === 0);
}

function styleOf({ killed, mustSurvive }: Mutant): Style {
  return killed === (mustSurvive === true) ? 'red' : 'green';
}

/** Another property than expected is no failure; it is said, because the expectation was wrong. */
function propertyText({ property, expectedProperty }: Mutant): string {
  if (property === undefined) return '–';
  const isExpected = expectedProperty === undefined || property === expectedProperty;
  return isExpected ? property : `≠ ${property}`;
}

function standsForText({ standsFor = [], operator }: Mutant): string {
  const bugs = standsFor.map((bug) => bug.replace(/^FLINK-/, ''));
  return bugs.length === 0 ? (operator ?? '') : bugs.join(' ');
}
