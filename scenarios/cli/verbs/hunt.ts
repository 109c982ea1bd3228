// `onceproof run --mutants`: runs known-bad engines until a checker objects, and prints the score.
// A mutant counts as killed only if the real engine passes the very seed that killed it, so the
// control runs are what the log holds; a violation in one of them is a finding like any other.

import type { Mutant } from '../../mutants/mutant.ts';
import { runSeedOf } from '../../seeds.ts';
import type { RunSettings } from '../arguments/run-settings.ts';
import type { Context, Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { Hunter, RUN_LIMIT_MS, type Trophy } from '../mutants/hunter.ts';
import { checkMutant, findMutants } from '../mutants/load-hook.ts';
import { mutantEvent } from '../mutants/score.ts';
import { openView } from '../output/show-suite.ts';
import { plural } from '../output/text.ts';
import { trophyText } from '../output/trophy-text.ts';
import { onStopSignal, type StopSignal } from '../stop-signal.ts';
import type { Catalog } from '../suite/catalog.ts';
import { judgeSuite } from '../suite/judge-suite.ts';
import type { PlannedRun } from '../suite/plan.ts';
import { replayLineOf } from '../suite/replay-line.ts';
import { Suite } from '../suite/run-suite.ts';
import { type Case, selectCases } from '../suite/select.ts';
import { Session } from '../suite/session.ts';
import { Tally } from '../suite/tally.ts';

export interface HuntOptions {
  readonly context: Context;
  readonly settings: RunSettings;
  readonly screens: Screens;
  readonly catalog: Catalog;
  readonly cases: readonly Case[];
}

export async function hunt(options: HuntOptions): Promise<ExitCode> {
  const { context, settings, screens } = options;
  const mutants = sharded(findMutants(settings.mutants), settings.shard);
  for (const mutant of mutants) checkMutant(mutant);
  const session = new Session({ context, settings, screens });
  session.start({ cases: mutants.length, runs: mutants.length });
  const roots = rootsFrom(session.root, settings.roots);
  screens.progress.write(
    `onceproof ${context.version} · root seed ${session.root} · ` +
      `${plural(mutants.length, 'mutant')}, ${plural(roots.length, 'root seed')} each\n`,
  );
  const running = new Set<{ stop(): void }>();
  const stop = onStopSignal(() => {
    for (const one of running) one.stop();
  });
  const isStopped = (): boolean => stop.signal !== undefined;
  const trophies = await huntAll({ options, mutants, roots, running, isStopped });
  const control = controlSuite(options, session, trophies);
  running.add({ stop: () => control.interrupt() });
  if (!isStopped()) await control.run();
  stop.ignore();
  return finish({ options, session, trophies, control, stoppedBy: stop.signal });
}

/** Each root gives every case other seeds; the first is the suite's own. */
function rootsFrom(root: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? root : runSeedOf(root, 'root', index),
  );
}

/** A mutant is hunted in one shard, whole: otherwise nobody could tell what it took. */
function sharded(mutants: readonly Mutant[], shard: RunSettings['shard']): readonly Mutant[] {
  if (shard === undefined) return mutants;
  return mutants.filter((_, index) => index % shard.count === shard.index - 1);
}

interface Hunts {
  readonly options: HuntOptions;
  readonly mutants: readonly Mutant[];
  readonly roots: readonly string[];
  /** Whatever has to be told to stop. */
  readonly running: Set<{ stop(): void }>;
  readonly isStopped: () => boolean;
}

/** As many mutants at once as there are workers; what comes of them is in the order they have. */
async function huntAll(hunts: Hunts): Promise<readonly Trophy[]> {
  const { options, mutants, running, isStopped } = hunts;
  const { settings, screens } = options;
  const lanes = Math.max(1, Math.min(settings.workers, mutants.length));
  const trophies = new Map<Mutant, Trophy>();
  const waiting = mutants.values();
  const lane = async (): Promise<void> => {
    for (const mutant of waiting) {
      if (isStopped()) return;
      const hunter = await hunterOf(hunts, mutant, Math.floor(settings.workers / lanes));
      running.add(hunter);
      const trophy = await hunter.hunt().finally(() => running.delete(hunter));
      if (trophy === undefined) return;
      trophies.set(mutant, trophy);
      screens.progress.write(`${trophyText(trophy)}\n`);
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    for (const one of running) one.stop();
  }
  return mutants.flatMap((mutant) => trophies.get(mutant) ?? []);
}

async function hunterOf(
  { options, roots }: Hunts,
  mutant: Mutant,
  workers: number,
): Promise<Hunter> {
  const { settings, catalog } = options;
  const cases = await casesFor(options, mutant);
  const { tag } = mutant;
  const first =
    tag === undefined ? [] : cases.filter(({ entry }) => entry.scenario.tags.includes(tag));
  return new Hunter({
    mutant,
    roots,
    order: { cases, first, seeds: settings.seeds, budget: settings.budget },
    files: catalog.files,
    workers: Math.max(1, workers),
    forMs: settings.forMs,
  });
}

/** Where nobody asked for a backend: those on which the mutant shows. */
async function casesFor(
  { settings, cases }: HuntOptions,
  mutant: Mutant,
): Promise<readonly Case[]> {
  const { selection } = settings;
  const { backends } = mutant;
  const isAsked = selection.backends !== undefined || selection.filters.some(namesBackend);
  if (backends === undefined || isAsked) return cases;
  const selected = await selectCases({ ...selection, backends });
  return selected.cases.length > 0 ? selected.cases : cases;
}

function namesBackend(filter: string): boolean {
  return filter.includes('@');
}

function controlSuite(
  { settings, screens, catalog }: HuntOptions,
  session: Session,
  trophies: readonly Trophy[],
): Suite {
  const hunts = trophies.flatMap((trophy) => trophy.hunts);
  const kills = hunts.flatMap(({ kill }) => (kill === undefined ? [] : [kill.run]));
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
  readonly stoppedBy: StopSignal | undefined;
}

async function finish(end: HuntEnd): Promise<ExitCode> {
  const { options, session, trophies, control, stoppedBy } = end;
  const { settings, catalog } = options;
  const passed = passedRuns(session);
  const events = trophies.map((trophy) => {
    return mutantEvent(trophy, { files: catalog.files, passed });
  });
  for (const event of events) session.events.emit(event);
  const { runs, unknownRuns, differed, book, failures } = control;
  const judgement = judgeSuite({
    // A hunt without a kill has run, though none of its runs is in the log.
    runs: runs + events.filter(({ killed }) => !killed).length,
    unknownRuns,
    differed,
    idleCases: 0,
    findings: book.entries.length,
    survivors: events.filter(({ killed, mustSurvive }) => killed === (mustSurvive === true)).length,
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
    troubles: [...failures.map(({ error }) => error.message), ...troublesOf(trophies, passed)],
  });
}

/** What the real engine passes: a run that is not there proves nothing. */
function passedRuns({ events }: Session): ReadonlySet<string> {
  return new Set(
    events.events.flatMap((event) =>
      event.type === 'run.end' && event.verdict === 'valid' ? [event.run] : [],
    ),
  );
}

function troublesOf(trophies: readonly Trophy[], passed: ReadonlySet<string>): string[] {
  return trophies.flatMap(({ mutant, hunts, failures }) => {
    const { name } = mutant;
    const [first] = failures;
    const isJudged = hunts.every(({ kill }) => kill === undefined || passed.has(kill.run.run));
    return [
      ...(isJudged ? [] : [`${name}: the real engine fails a seed that would kill it, too`]),
      ...(first === undefined
        ? []
        : [`${name}: ${plural(failures.length, 'run')} lost, ${first.error.message}`]),
    ];
  });
}
