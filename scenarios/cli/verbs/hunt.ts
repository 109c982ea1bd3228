// `onceproof run --mutants`: runs known-bad engines until a checker objects. A mutant counts as
// killed only if the real engine passes the very seed that killed it, so the control runs are what
// the log holds; a violation in one of them is a finding like any other.

import type { Mutant as MutantEvent } from '../../../reports/index.ts';
import { CANARY } from '../../mutants/index.ts';
import type { Mutant } from '../../mutants/mutant.ts';
import type { RunSettings } from '../arguments/run-settings.ts';
import type { Context, Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { checkMutant, findMutants } from '../mutants/load-hook.ts';
import { openView } from '../output/show-suite.ts';
import { plural } from '../output/text.ts';
import { onStopSignal } from '../stop-signal.ts';
import type { Catalog } from '../suite/catalog.ts';
import { InOrder } from '../suite/in-order.ts';
import { judgeSuite } from '../suite/judge-suite.ts';
import { countRuns, type Plan, type PlannedRun, planRuns } from '../suite/plan.ts';
import { replayLineOf } from '../suite/replay-line.ts';
import { Suite } from '../suite/run-suite.ts';
import type { Case } from '../suite/select.ts';
import { Session } from '../suite/session.ts';
import { Tally } from '../suite/tally.ts';
import { fromErrorText } from '../worker/error-text.ts';
import type { RunDone, RunFailed } from '../worker/messages.ts';
import { WorkerPool } from '../worker/worker-pool.ts';

export interface HuntOptions {
  readonly context: Context;
  readonly settings: RunSettings;
  readonly screens: Screens;
  readonly catalog: Catalog;
  readonly cases: readonly Case[];
}

/** A mutant may well hang where the engine does not. */
const RUN_LIMIT_MS = 120_000;
/** Without a number of seeds a time is the budget. */
const SEEDS_MAX = 1_000_000;

interface Trophy {
  readonly mutant: Mutant;
  /** Of the run that killed it; undefined for a survivor. */
  readonly kill: { readonly run: PlannedRun; readonly property: string } | undefined;
  readonly seeds: number;
}

export async function hunt(options: HuntOptions): Promise<ExitCode> {
  const { context, settings, screens } = options;
  const mutants = findMutants(settings.mutants);
  for (const mutant of mutants) checkMutant(mutant);
  const session = new Session({ context, settings, screens });
  session.start({ cases: mutants.length, runs: mutants.length });
  screens.progress.write(
    `onceproof ${context.version} · root seed ${session.root} · ` +
      `${plural(mutants.length, 'mutant')}\n`,
  );
  const state: { pool: WorkerPool | undefined; control: Suite | undefined } = {
    pool: undefined,
    control: undefined,
  };
  const stop = onStopSignal(() => {
    state.pool?.stop();
    state.control?.interrupt();
  });
  const trophies: Trophy[] = [];
  for (const mutant of mutants) {
    if (stop.signal !== undefined) break;
    const cases = chosenCases(options, mutant);
    const trophy = await huntOne({ options, cases, root: session.root, mutant }, (pool) => {
      state.pool = pool;
    });
    // A hunt that was cut short proves nothing about its mutant.
    if (stop.signal !== undefined) break;
    trophies.push(trophy);
    screens.progress.write(`${trophyText(trophy)}\n`);
  }
  const control = controlSuite(options, session, trophies);
  state.control = control;
  if (stop.signal === undefined) await control.run();
  stop.ignore();
  return finish({ options, session, trophies, control, stoppedBy: stop.signal });
}

/** Where nothing was selected: the scenarios that the mutant is about. */
function chosenCases({ settings, cases }: HuntOptions, { tag }: Mutant): readonly Case[] {
  const { selection } = settings;
  const isSelected =
    selection.filters.length > 0 || selection.grep !== undefined || selection.tag !== undefined;
  if (isSelected || tag === undefined) return cases;
  const tagged = cases.filter(({ entry }) => entry.scenario.tags.includes(tag));
  return tagged.length > 0 ? tagged : cases;
}

interface Prey {
  readonly options: HuntOptions;
  readonly cases: readonly Case[];
  readonly root: string;
  readonly mutant: Mutant;
}

async function huntOne(prey: Prey, onPool: (pool: WorkerPool) => void): Promise<Trophy> {
  const { options, cases, root, mutant } = prey;
  const { settings, catalog } = options;
  const plan: Plan = {
    cases,
    root,
    seeds: Number.isFinite(settings.seeds) ? settings.seeds : SEEDS_MAX,
    // Every case has its turn at once: nobody knows which one notices.
    seedsInARow: 1,
    shard: settings.shard,
    determinismShare: 0,
    record: 'never',
  };
  const planned: PlannedRun[] = [];
  const search: { kill: Trophy['kill']; seeds: number; error: Error | undefined } = {
    kill: undefined,
    seeds: 0,
    error: undefined,
  };
  const inOrder = new InOrder<RunDone | RunFailed>((reply) => {
    search.seeds += 1;
    const run = planned[reply.sequence];
    if (reply.kind === 'run-failed' && isOurs(reply)) search.error = fromErrorText(reply.error);
    else if (reply.kind === 'run-done' && reply.result.verdict === 'invalid' && run !== undefined) {
      search.kill = { run, property: reply.result.property ?? 'unnamed' };
    } else return;
    inOrder.stop();
    pool.stop();
  });
  const pool = new WorkerPool({
    files: catalog.files,
    mutant: mutant.name,
    workers: Math.min(settings.workers, countRuns(plan) ?? settings.workers),
    runLimitMs: RUN_LIMIT_MS,
    onReply: (reply) => inOrder.push(reply.sequence, reply),
    onOutput: () => undefined,
  });
  onPool(pool);
  await pool.run(remembered(plan, planned, settings.forMs));
  pool.close();
  if (search.error !== undefined) throw search.error;
  return { mutant, kill: search.kill, seeds: search.seeds };
}

/** A mutant that was not loaded, or cannot be, must not be counted as anything. */
function isOurs({ error }: RunFailed): boolean {
  return error.code === 'OP-E141' || error.code === 'OP-E142';
}

function* remembered(
  plan: Plan,
  planned: PlannedRun[],
  forMs: number | undefined,
): Generator<PlannedRun, void> {
  const startedMs = performance.now();
  for (const run of planRuns(plan)) {
    if (forMs !== undefined && performance.now() - startedMs >= forMs) return;
    planned.push(run);
    yield run;
  }
}

function controlSuite(
  { settings, screens, catalog }: HuntOptions,
  session: Session,
  trophies: readonly Trophy[],
): Suite {
  const kills = trophies.flatMap(({ kill }) => (kill === undefined ? [] : [kill.run]));
  // Two mutants may be killed by one run.
  const distinct = [...new Map(kills.map((run) => [run.run, run])).values()];
  const runs = distinct.map((run, sequence): PlannedRun => {
    return { ...run, sequence, isRepeated: true, record: 'findings' };
  });
  const cases = [...new Map(runs.map((run) => [run.case.id, run.case])).values()];
  session.startCases(cases, 1);
  const planned = runs.length;
  const tally = new Tally({ cases, planned, seeds: 1, startedMs: performance.now() });
  return new Suite({
    runs,
    planned,
    cases,
    files: catalog.files,
    workers: Math.min(settings.workers, Math.max(1, planned)),
    runLimitMs: RUN_LIMIT_MS,
    forMs: undefined,
    maxFindings: Number.POSITIVE_INFINITY,
    isStable: settings.stable,
    events: session.events,
    tally,
    watcher: openView({ screens, settings, reporters: ['none'], tally }),
    replayLine: ({ run }) => replayLineOf({ run, files: catalog.files }),
  });
}

interface HuntEnd {
  readonly options: HuntOptions;
  readonly session: Session;
  readonly trophies: readonly Trophy[];
  readonly control: Suite;
  readonly stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;
}

async function finish(end: HuntEnd): Promise<ExitCode> {
  const { options, session, trophies, control, stoppedBy } = end;
  const { settings, catalog } = options;
  const guilty = new Set(control.book.entries.map(({ first }) => first.run));
  const events = trophies.map((trophy) => mutantEvent(trophy, catalog, guilty));
  for (const event of events) session.events.emit(event);
  const { runs, unknownRuns, differed, book, failures } = control;
  const judgement = judgeSuite({
    runs,
    unknownRuns,
    differed,
    idleCases: 0,
    findings: book.entries.length,
    survivors: events.filter(({ killed }) => !killed).length,
    userErrors: 0,
    internalErrors: failures.length,
    stoppedBy,
    failOn: settings.failOn,
  });
  return session.end({
    judgement,
    runs,
    nondeterministic: differed,
    isInterrupted: stoppedBy !== undefined,
    book,
    cases: options.cases,
    troubles: [
      ...failures.map(({ error }) => error.message),
      ...trophies.flatMap(({ mutant, kill }) =>
        kill !== undefined && guilty.has(kill.run.run)
          ? [`${mutant.name} is not judged: the real engine fails the seed that would kill it`]
          : [],
      ),
    ],
  });
}

function mutantEvent(
  { mutant, kill, seeds }: Trophy,
  { files }: Catalog,
  guilty: ReadonlySet<string>,
): MutantEvent {
  const { name, description } = mutant;
  const killed = kill !== undefined && !guilty.has(kill.run.run);
  return {
    v: 1,
    type: 'mutant',
    name,
    description,
    killed,
    ...(kill === undefined ? {} : { property: kill.property }),
    seeds,
    ...(kill === undefined
      ? {}
      : { replay: replayLineOf({ run: kill.run.run, files, mutant: nameFor(mutant) }) }),
  };
}

function nameFor({ name }: Mutant): string {
  return name === CANARY.name ? 'canary' : name;
}

function trophyText({ mutant, kill, seeds }: Trophy): string {
  const { name, description, expectedProperty } = mutant;
  if (kill === undefined) return ` ✗ ${name} survived ${plural(seeds, 'run')}: ${description}`;
  const other = kill.property === expectedProperty ? '' : ` (expected ${expectedProperty})`;
  return ` ✓ ${name} killed by ${kill.property}${other} in run ${seeds}: ${description}`;
}
