/**
 * Counting the properties of runs. A property that a run broke is counted even when no case
 * declared it; one that was declared and never evaluated is kept, as `never`.
 */
import { caseBound } from './confidence.ts';
import type { CaseStart, RunEnd } from './events.ts';
import type { Cell, CellStatus, PropertyCell } from './model.ts';

const NOTHING = { evaluated: 0, runs: 0, violatedRuns: 0, unknownRuns: 0 } as const;

/** What a finding adds to the count when its run is not in the log. */
const BROKEN: Cell = {
  status: 'violated',
  evaluated: 1,
  runs: 1,
  violatedRuns: 1,
  unknownRuns: 0,
};

/** A backend on which no case has the property. */
export const ABSENT: Cell = { status: 'absent', ...NOTHING };

/**
 * One cell for each property of a case: the declared ones first, then any other that came up.
 * `broken` are the properties of its findings; they count as violated whatever the runs say.
 */
export function tallyCase(
  start: CaseStart,
  runs: readonly RunEnd[],
  broken: readonly string[],
): PropertyCell[] {
  const cells = new Map<string, Cell>(
    start.properties.map((name) => [name, { status: 'never', ...NOTHING }]),
  );
  for (const run of runs) {
    for (const [name, outcome] of outcomesOf(run)) {
      const cell = addCells(cells.get(name) ?? ABSENT, outcome);
      cells.set(name, cell);
    }
  }
  for (const name of broken) {
    if (cells.get(name)?.status !== 'violated') {
      cells.set(name, addCells(cells.get(name) ?? ABSENT, BROKEN));
    }
  }
  return [...cells].map(([property, cell]) => ({ property, ...cell, bound: boundOf(cell) }));
}

function boundOf(cell: Cell): string {
  if (cell.status === 'never') return 'never evaluated';
  return caseBound(cell.runs, cell.violatedRuns, cell.unknownRuns);
}

/** The sum of two cells. The worse status wins; hollow only where both are. */
export function addCells(left: Cell, right: Cell): Cell {
  const sum = {
    evaluated: left.evaluated + right.evaluated,
    runs: left.runs + right.runs,
    violatedRuns: left.violatedRuns + right.violatedRuns,
    unknownRuns: left.unknownRuns + right.unknownRuns,
  };
  const isAbsent = left.status === 'absent' && right.status === 'absent';
  return { status: isAbsent ? 'absent' : statusOf(sum), ...sum };
}

/** How bad a status is; for sorting, worst first. */
export function severity(status: CellStatus): number {
  return ['violated', 'inconclusive', 'never', 'held', 'absent'].indexOf(status);
}

function statusOf(cell: Omit<Cell, 'status'>): CellStatus {
  if (cell.violatedRuns > 0) return 'violated';
  if (cell.unknownRuns > 0) return 'inconclusive';
  return cell.evaluated === 0 ? 'never' : 'held';
}

function outcomesOf(run: RunEnd): ReadonlyMap<string, Cell> {
  const outcomes = new Map<string, Cell>();
  const put = (name: string, verdict: string, evaluated: number): void => {
    const violatedRuns = verdict === 'invalid' ? 1 : 0;
    const unknownRuns = verdict === 'unknown' ? 1 : 0;
    const cell = { evaluated, runs: 1, violatedRuns, unknownRuns };
    outcomes.set(name, { status: statusOf(cell), ...cell });
  };
  for (const [name, { verdict, evaluated }] of Object.entries(run.properties)) {
    put(name, verdict, evaluated);
  }
  const culprit = run.property;
  if (culprit !== undefined && run.verdict !== 'valid') {
    put(culprit, run.verdict, Math.max(1, outcomes.get(culprit)?.evaluated ?? 0));
  }
  return outcomes;
}
