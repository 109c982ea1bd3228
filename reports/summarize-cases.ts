/**
 * Folds the runs of a log into one summary a case and the matrix of properties and backends.
 * A case that was only ever mentioned by its runs or findings is kept: nothing is lost from the
 * totals, and no finding is missing from a rendering that goes by cases.
 */
import { caseBound } from './confidence.ts';
import type { CaseStart, CheckpointCounts, ReportEvent, RunEnd } from './events.ts';
import type { CaseSummary, Cell, MatrixRow, NamedCount } from './model.ts';
import { ABSENT, addCells, severity, tallyCase } from './tally.ts';

export function summarizeCases(events: readonly ReportEvent[]): CaseSummary[] {
  const starts = new Map<string, CaseStart>();
  const runs = new Map<string, RunEnd[]>();
  const broken = new Map<string, string[]>();
  for (const event of events) {
    if (event.type === 'case.start') starts.set(event.case, event);
    if (event.type !== 'run.end' && event.type !== 'finding.new') continue;
    if (!starts.has(event.case)) starts.set(event.case, undeclared(event.case));
    if (event.type === 'run.end') put(runs, event.case, event);
    else put(broken, event.case, event.property);
  }
  return [...starts].map(([name, start]) =>
    summarizeCase(start, runs.get(name) ?? [], broken.get(name) ?? []),
  );
}

function put<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  const known = lists.get(name);
  if (known === undefined) lists.set(name, [value]);
  else known.push(value);
}

/** Rows: worst first, then by name. Columns: the backends in the order they first appear. */
export function matrixOf(cases: readonly CaseSummary[], backends: readonly string[]): MatrixRow[] {
  const rows = new Map<string, Map<string, Cell>>();
  for (const { backend, properties } of cases) {
    for (const cell of properties) {
      const row = rows.get(cell.property) ?? new Map<string, Cell>();
      rows.set(cell.property, row.set(backend, addCells(row.get(backend) ?? ABSENT, cell)));
    }
  }
  return [...rows]
    .map(([property, row]) => ({
      property,
      cells: backends.map((backend) => plain(row.get(backend) ?? ABSENT)),
    }))
    .sort((left, right) => worst(left) - worst(right) || byName(left.property, right.property));
}

/** Sums of counts by name, the most frequent first. */
export function sumByName(entries: Iterable<readonly [string, number]>): NamedCount[] {
  const sums = new Map<string, number>();
  for (const [name, count] of entries) sums.set(name, (sums.get(name) ?? 0) + count);
  return [...sums]
    .map(([name, count]) => ({ name, count }))
    .sort((left, right) => right.count - left.count || byName(left.name, right.name));
}

export function sumCheckpoints(counts: readonly CheckpointCounts[]): CheckpointCounts {
  return {
    triggered: sum(counts.map((count) => count.triggered)),
    completed: sum(counts.map((count) => count.completed)),
    aborted: sum(counts.map((count) => count.aborted)),
  };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function summarizeCase(
  start: CaseStart,
  runs: readonly RunEnd[],
  broken: readonly string[],
): CaseSummary {
  const counted = runs.filter((run) => run.verdict === 'invalid').length;
  const invalid = Math.max(counted, broken.length > 0 ? 1 : 0);
  const unknown = runs.filter((run) => run.verdict === 'unknown').length;
  const shown = runs.find((run) => run.verdict === 'invalid') ?? runs[0];
  const line = start.line === undefined ? '' : `:${start.line}`;
  return {
    case: start.case,
    scenario: start.scenario,
    backend: start.backend,
    claim: start.claim ?? null,
    source: start.file === undefined ? null : `${start.file}${line}`,
    planned: start.seeds,
    runs: runs.length,
    invalid,
    unknown,
    faults: sum(runs.flatMap((run) => Object.values(run.faults))),
    recoveries: sum(runs.map((run) => run.recoveries)),
    checkpoints: sumCheckpoints(runs.map((run) => run.checkpoints)),
    simMs: sum(runs.map((run) => run.simMs)),
    wallMs: sum(runs.map((run) => run.wallMs ?? 0)),
    properties: tallyCase(start, runs, broken),
    seed: shown?.seed ?? null,
    bound: caseBound(runs.length, invalid, unknown),
  };
}

function undeclared(name: string): CaseStart {
  const at = name.lastIndexOf('@');
  const scenario = at < 0 ? name : name.slice(0, at);
  const backend = at < 0 ? 'unknown' : name.slice(at + 1);
  return { v: 1, type: 'case.start', case: name, scenario, backend, seeds: 0, properties: [] };
}

function plain({ status, evaluated, runs, violatedRuns, unknownRuns }: Cell): Cell {
  return { status, evaluated, runs, violatedRuns, unknownRuns };
}

function worst(row: MatrixRow): number {
  return Math.min(...row.cells.map((cell) => severity(cell.status)));
}

function byName(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
