// The corpus: saved repros, which are run before any seed, on the real engine. One that fails is a
// finding; one that stages what does not happen anymore proves nothing and is named.

import { readFileSync } from 'node:fs';
import type { Corpus } from '../../../reports/index.ts';
import { judgeRepro, type ReproOutcome } from '../../repro/judge-repro.ts';
import type { Repro } from '../../repro/repro.ts';
import { listRepros, readRepro } from '../repro/repro-files.ts';
import type { RunDone, RunFailed, RunRequest } from '../worker/messages.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import type { Catalog } from './catalog.ts';
import { findEntry } from './catalog.ts';
import type { PlannedRun } from './plan.ts';
import type { Case } from './select.ts';

export interface SavedRepro {
  readonly path: string;
  readonly repro: Repro;
}

export interface ReplayedRepro extends SavedRepro {
  readonly run: PlannedRun;
  readonly done: RunDone;
  readonly outcome: ReproOutcome;
}

export interface CorpusResult {
  readonly replayed: readonly ReplayedRepro[];
  /** Those that could not be carried out. */
  readonly failed: readonly (SavedRepro & { readonly error: RunFailed['error'] })[];
}

/** Those of the selected scenarios, whatever backend they are about. */
export function corpusOf(
  catalog: Catalog,
  cases: readonly Case[],
  out: string,
): readonly SavedRepro[] {
  const selected = new Set(cases.map(({ entry }) => entry.scenario.id));
  const known = new Set(catalog.entries.map(({ scenario }) => scenario.id));
  return listRepros(out)
    .map((path) => ({ path, repro: readRepro(path) }))
    .filter(({ repro }) => selected.has(repro.case.scenario) && known.has(repro.case.scenario));
}

export interface CorpusOptions {
  readonly catalog: Catalog;
  readonly repros: readonly SavedRepro[];
  readonly workers: number;
  readonly runLimitMs: number;
  /** For whoever wants to stop it. */
  readonly onPool: (pool: WorkerPool) => void;
}

export async function runCorpus(options: CorpusOptions): Promise<CorpusResult> {
  const { catalog, repros, workers, runLimitMs, onPool } = options;
  const replies = new Map<number, RunDone | RunFailed>();
  const pool = new WorkerPool({
    files: catalog.files,
    mutant: undefined,
    workers: Math.min(workers, repros.length),
    runLimitMs,
    onReply: (reply) => replies.set(reply.sequence, reply),
    onOutput: () => undefined,
  });
  onPool(pool);
  try {
    await pool.run(repros.map(requestOf));
  } finally {
    pool.close();
  }
  const replayed: ReplayedRepro[] = [];
  const failed: (SavedRepro & { readonly error: RunFailed['error'] })[] = [];
  repros.forEach((saved, sequence) => {
    const reply = replies.get(sequence);
    if (reply?.kind === 'run-failed') failed.push({ ...saved, error: reply.error });
    if (reply?.kind !== 'run-done') return;
    const run = plannedOf(saved, catalog, sequence);
    const outcome = judgeRepro(saved.repro, reply.result);
    replayed.push({ ...saved, run, done: reply, outcome });
  });
  return { replayed, failed };
}

export function isFailing({ outcome }: ReplayedRepro): boolean {
  return outcome.kind === 'reproduced' || outcome.kind === 'different-violation';
}

export function corpusEvent({ replayed, failed }: CorpusResult): Corpus {
  const pathsOf = (list: readonly SavedRepro[]): string[] => list.map(({ path }) => path);
  return {
    v: 1,
    type: 'corpus',
    repros: replayed.length + failed.length,
    held: replayed.filter(({ outcome }) => outcome.kind === 'not-reproduced').length,
    failed: pathsOf([...replayed.filter(isFailing), ...failed]),
    stale: pathsOf(replayed.filter(({ outcome }) => outcome.kind === 'stale')),
  };
}

function requestOf({ path, repro }: SavedRepro, sequence: number): RunRequest {
  const { scenario, backend, seed } = repro.case;
  const text = readFileSync(path, 'utf8');
  return { sequence, scenario, backend, seed, isRepeated: false, record: 'all', repro: text };
}

function plannedOf(saved: SavedRepro, catalog: Catalog, sequence: number): PlannedRun {
  const { scenario, backend } = saved.repro.case;
  const entry = findEntry(catalog, scenario);
  return {
    ...requestOf(saved, sequence),
    run: saved.repro.from,
    case: { id: `${scenario}@${backend}`, entry, backend },
    index: 0,
  };
}
