// `onceproof run`: selects cases, runs them with many seeds in worker processes, and says what that
// proves. The exit code is the result for machines, the last lines are the result for people.

import { describeError, OnceproofError } from '../../../engine/core/errors.ts';
import { readRunSettings, type RunSettings } from '../arguments/run-settings.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { type Context, openScreens, type Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { openView } from '../output/show-suite.ts';
import { lastLine } from '../output/summary.ts';
import { plural } from '../output/text.ts';
import { onStopSignal, type StopSignal } from '../stop-signal.ts';
import type { Catalog } from '../suite/catalog.ts';
import { crashAtAllPoints } from '../suite/crash-points.ts';
import { corpusEvent, corpusOf, isFailing, runCorpus } from '../suite/corpus.ts';
import { judgeSuite } from '../suite/judge-suite.ts';
import { countRuns, type Plan, planRuns, SEEDS_IN_A_ROW } from '../suite/plan.ts';
import { replayLineOf, reproLineOf } from '../suite/replay-line.ts';
import { Suite } from '../suite/run-suite.ts';
import { type Case, selectCases } from '../suite/select.ts';
import { Session } from '../suite/session.ts';
import { shrinkFindings } from '../suite/shrink-findings.ts';
import { Tally } from '../suite/tally.ts';
import { withTraceFiles } from '../suite/trace-files.ts';
import type { WorkerPool } from '../worker/worker-pool.ts';
import { dryRun } from './dry-run.ts';
import { hunt } from './hunt.ts';
import { listScenarios } from './list-scenarios.ts';

/** Runs take milliseconds; this one will never end. */
const RUN_LIMIT_MS = 120_000;
/** Operations between two lines about crash points. */
const PROGRESS_EVERY = 50;

export async function runVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const settings = readRunSettings(line, context.environment);
  const screens = openScreens(context, settings.screen);
  const selected = await select(settings, screens);
  if (typeof selected === 'number') return selected;
  const { catalog, cases } = selected;
  if (settings.task === 'list') return listScenarios({ catalog, cases, screens });
  if (settings.mutants !== 'off') return hunt({ context, settings, screens, catalog, cases });
  return runCases({ context, settings, screens, catalog, cases });
}

/** Nothing to run is an exit code of its own, whichever way it came about. */
async function select(
  settings: RunSettings,
  screens: Screens,
): Promise<ExitCode | { catalog: Catalog; cases: readonly Case[] }> {
  const empty = settings.passWithNoCases ? 0 : 4;
  try {
    const selected = await selectCases(settings.selection);
    if (selected.cases.length > 0) return selected;
    throw new OnceproofError('OP-E150', 'Cannot run anything: nothing fits the selection', {
      remedy: 'Loosen the filters, or use --pass-with-no-cases',
    });
  } catch (error) {
    const isNothing =
      error instanceof OnceproofError && (error.code === 'OP-E120' || error.code === 'OP-E150');
    if (!isNothing) throw error;
    screens.progress.write(`${describeError(error)}\n${lastLine(empty, undefined)}\n`);
    return empty;
  }
}

interface RunOptions {
  readonly context: Context;
  readonly settings: RunSettings;
  readonly screens: Screens;
  readonly catalog: Catalog;
  readonly cases: readonly Case[];
}

async function runCases(options: RunOptions): Promise<ExitCode> {
  const { context, settings, screens, catalog, cases } = options;
  const session = new Session({ context, settings, screens });
  const plan = planOf(settings, session.root, cases);
  if (settings.task === 'dry-run') return dryRun(plan, screens);
  const planned = countRuns(plan);
  session.start({ cases: cases.length, runs: planned ?? cases.length });
  session.startCases(cases, planned === undefined ? 1 : settings.seeds);
  announce(session, options, planned);
  const { seeds } = settings;
  const tally = new Tally({ cases, planned, seeds, startedMs: session.startedMs });
  const view = openView({ screens, settings, reporters: session.reporters, tally });
  const suite = new Suite({
    runs: planRuns(plan),
    planned,
    cases,
    files: catalog.files,
    workers: settings.workers,
    runLimitMs: RUN_LIMIT_MS,
    forMs: settings.forMs,
    maxFindings: settings.maxFindings,
    isStable: settings.stable,
    events: session.events,
    tally,
    watcher: settings.trace === 'all' ? withTraceFiles(view, settings.out) : view,
    replayLine: (run) => replayLineOf({ run: run.run, files: catalog.files }),
  });
  const state: { corpus: WorkerPool | undefined } = { corpus: undefined };
  const stop = onStopSignal(() => {
    state.corpus?.stop();
    suite.interrupt();
  });
  const troubles: string[] = [];
  try {
    if (settings.runsCorpus) {
      troubles.push(
        ...(await corpusFirst(options, session, suite, (pool) => {
          state.corpus = pool;
        })),
      );
    }
    if (stop.signal === undefined) await suite.run();
    await crashPoints(options, session, suite, () => stop.signal !== undefined);
    await shrinkNew(options, session, suite, () => stop.signal !== undefined);
  } finally {
    stop.ignore();
    view.finish();
  }
  const end = endOf(suite, options, stop.signal);
  return session.end({ ...end, troubles: [...end.troubles, ...troubles] });
}

/** Saved repros; returns what is to be said about those that could not be run. */
async function corpusFirst(
  { settings, catalog, cases }: RunOptions,
  session: Session,
  suite: Suite,
  onPool: (pool: WorkerPool) => void,
): Promise<readonly string[]> {
  const repros = corpusOf(catalog, cases, settings.out);
  if (repros.length === 0) return [];
  const { workers } = settings;
  const result = await runCorpus({ catalog, repros, workers, runLimitMs: RUN_LIMIT_MS, onPool });
  session.events.emit(corpusEvent(result));
  for (const saved of result.replayed.filter(isFailing)) {
    suite.addSaved(saved.run, saved.done, reproLineOf(saved.path));
  }
  return result.failed.map(({ path, error }) => `${path} could not be run: ${error.message}`);
}

async function crashPoints(
  { settings, context, cases, screens }: RunOptions,
  session: Session,
  suite: Suite,
  isStopped: () => boolean,
): Promise<void> {
  const { crashPointsEvery: everyNth, out } = settings;
  if (everyNth === undefined) return;
  await crashAtAllPoints({
    plan: planOf(settings, session.root, cases),
    everyNth,
    suite,
    out,
    version: context.version,
    isStopped,
    onGrid: (grid) => session.events.emit(grid),
    onProgress: (done, of, caseId) => {
      if (done % PROGRESS_EVERY === 0 || done === of)
        screens.progress.write(`crash points of ${caseId}: ${done} of ${of} operations\n`);
    },
  });
}

/** What a saved repro shows is as small as it gets. */
async function shrinkNew(
  { settings, catalog }: RunOptions,
  session: Session,
  { book }: Suite,
  isStopped: () => boolean,
): Promise<void> {
  const { shrinkMs, out, stable } = settings;
  if (shrinkMs === undefined) return;
  await shrinkFindings({
    findings: book.entries.filter(({ first }) => first.repro === undefined),
    files: catalog.files,
    out,
    forMs: shrinkMs,
    isStable: stable,
    onShrunk: (event) => session.events.emit(event),
    isStopped,
  });
}

function planOf(settings: RunSettings, root: string, cases: readonly Case[]): Plan {
  const { seeds, shard, determinismShare, trace, forMs } = settings;
  const seedsInARow = forMs === undefined ? seeds : Math.min(seeds, SEEDS_IN_A_ROW);
  return { cases, root, seeds, seedsInARow, shard, determinismShare, record: trace };
}

function endOf(
  suite: Suite,
  { settings, cases }: RunOptions,
  stoppedBy: StopSignal | undefined,
): Parameters<Session['end']>[0] {
  const { runs, unknownRuns, differed, idleCases, failures, book, isInterrupted } = suite;
  const user = failures.filter(({ error }) => isUserError(error.code));
  const isStoppedEarly = book.entries.length >= settings.maxFindings;
  const judgement = judgeSuite({
    runs,
    unknownRuns,
    differed,
    idleCases: isStoppedEarly || isInterrupted || settings.shard !== undefined ? 0 : idleCases,
    findings: book.entries.length,
    survivors: 0,
    userErrors: user.length,
    internalErrors: failures.length - user.length,
    stoppedBy,
    failOn: settings.failOn,
  });
  const [first] = failures;
  const troubles =
    first === undefined
      ? []
      : [`${plural(failures.length, 'run')} could not be carried out: ${first.error.message}`];
  return { judgement, runs, nondeterministic: differed, isInterrupted, book, cases, troubles };
}

/** Everything but a worker's death and what has no code is something a user can mend. */
function isUserError(code: string | undefined): boolean {
  return code !== undefined && !code.startsWith('OP-E15');
}

function announce(session: Session, options: RunOptions, planned: number | undefined): void {
  const { context, settings, screens, cases } = options;
  const { progress } = screens;
  const isShown = session.reporters.some((name) => name === 'live' || name === 'lines');
  if (settings.verbosity === 'quiet' || !isShown) return;
  const { profile, shard, workers, seeds } = settings;
  const git = session.git === null ? '' : ` (git ${session.git.sha.slice(0, 7)})`;
  const scenarios = new Set(cases.map(({ entry }) => entry.scenario.id)).size;
  const part = shard === undefined ? '' : ` · shard ${shard.index}/${shard.count}`;
  progress.write(
    `onceproof ${context.version} · root seed ${session.root}${git} · profile ${profile} · ` +
      `${plural(workers, 'worker')}${part}\n` +
      `${plural(scenarios, 'scenario')}, ${plural(cases.length, 'case')}, ` +
      `${planned === undefined ? 'as many seeds as fit' : `${plural(seeds, 'seed')} each`}\n\n`,
  );
}
