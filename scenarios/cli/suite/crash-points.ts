// The crash points of a suite: after its seeds, each case is crashed at the durable operations of
// one of its runs, in this process, one after the other. A violation is a finding with a repro file
// of its own, as no seed leads to it.

import type { CrashPointRow, CrashPoints, Tried } from '../../../reports/index.ts';
import { fingerprintOf } from '../../run/fingerprint.ts';
import type { CrashGridOptions, CrashPoint, Moment } from '../../crash-points/crash-grid.ts';
import { formatRunId } from '../../seeds.ts';
import { openStage } from '../repro/stage.ts';
import { reproPathOf, writeRepro } from '../repro/repro-files.ts';
import { readGitState } from './git.ts';
import { type Plan, planRuns, type PlannedRun } from './plan.ts';
import { reproLineOf } from './replay-line.ts';
import type { Suite } from './run-suite.ts';

export interface CrashPointsOptions {
  readonly plan: Plan;
  readonly everyNth: number;
  readonly suite: Suite;
  readonly out: string;
  readonly version: string;
  readonly isStopped: () => boolean;
  readonly onGrid: (grid: CrashPoints) => void;
  readonly onProgress: (done: number, of: number, caseId: string) => void;
}

export async function crashAtAllPoints(options: CrashPointsOptions): Promise<void> {
  const stage = openStage();
  for (const run of firstRuns(options.plan)) {
    if (options.isStopped()) return;
    const { backend, seed, case: one } = run;
    const grid = { scenario: one.entry.scenario, backend, seed, stage };
    options.onGrid(await crashOneRun(options, run, grid));
  }
}

/** The first run of each case. */
function firstRuns(plan: Plan): readonly PlannedRun[] {
  return [...planRuns({ ...plan, seeds: 1, seedsInARow: 1, shard: undefined })];
}

async function crashOneRun(
  options: CrashPointsOptions,
  run: PlannedRun,
  grid: CrashGridOptions,
): Promise<CrashPoints> {
  // Loads the engine.
  const { openGrid, tryOperation } = await import('../../crash-points/crash-grid.ts');
  const opened = await openGrid(grid);
  const { operations } = opened;
  const chosen = operations.filter((_, index) => index % options.everyNth === 0);
  const rows = new Map<string, CrashPointRow>();
  let tried = 0;
  for (const operation of chosen) {
    if (options.isStopped()) break;
    for (const point of await tryOperation(grid, opened, operation)) {
      count(rows, point);
      if (point.result.verdict === 'invalid') await addFinding(options, run, point);
    }
    tried += 1;
    options.onProgress(tried, chosen.length, run.case.id);
  }
  return {
    v: 1,
    type: 'crash-points',
    case: run.case.id,
    seed: run.seed,
    operations: operations.length,
    tried,
    rows: [...rows.values()],
  };
}

const NONE: Tried = [0, 0];

function count(rows: Map<string, CrashPointRow>, { operation, moment, result }: CrashPoint): void {
  const { host, title } = operation;
  const key = `${host} ${title}`;
  const row = rows.get(key) ?? {
    host,
    operation: title,
    before: NONE,
    after: NONE,
    again: NONE,
  };
  rows.set(key, { ...row, [moment]: plusOne(row[moment], result.verdict === 'invalid') });
}

function plusOne([tried, failed]: Tried, hasFailed: boolean): Tried {
  return [tried + 1, failed + (hasFailed ? 1 : 0)];
}

const WORDS: Readonly<Record<Moment, string>> = {
  before: 'crash-before',
  after: 'crash-after',
  again: 'crash-again',
};

async function addFinding(
  options: CrashPointsOptions,
  run: PlannedRun,
  point: CrashPoint,
): Promise<void> {
  const { caseOf } = await import('../../shrink/run-case.ts');
  const { suite, out, version } = options;
  const { operation, moment, result } = point;
  const { property = 'unnamed', message = 'Violated' } = result;
  const { scenario, backend, seed } = run;
  const fingerprint = fingerprintOf({ scenario, property, message });
  const name = `${WORDS[moment]}-${scenario}-${operation.step}`;
  const path = reproPathOf(out, name, fingerprint);
  const git = readGitState();
  writeRepro(path, {
    onceproof: version,
    ...(git === null ? {} : { git: git.sha }),
    from: formatRunId({ scenario, backend, seed }),
    expect: { violates: property, fingerprint, message },
    case: caseOf(run.case.entry.scenario, { backend, seed }, result),
  });
  suite.addSaved(
    run,
    { kind: 'run-done', sequence: 0, result, wallMs: 0, trace: undefined, repeat: undefined },
    reproLineOf(path),
  );
}
