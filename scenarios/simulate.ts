// One run: a scenario on a backend from a seed, in a world of its own, judged. The same three give
// the same result on every machine, whatever else the process has run before.

import { OnceproofError } from '../engine/core/errors.ts';
import { takeReached } from '../engine/core/sometimes.ts';
import type { Random } from '../engine/environment/random.ts';
import {
  applyPlan,
  type AppliedPlan,
  type ChanceScript,
  describeOutcome,
  diskHandler,
  type Drain,
  drawPolicy,
  type Draw,
  type FaultPlan,
  isSeed,
  type Outcome,
  type ReachedMark,
  type SchedulePolicy,
  scriptedRandom,
  SEEDED,
  SeededRandom,
  serviceHandler,
  type StepScope,
  type TraceEntry,
  World,
} from '../simulator/index.ts';
import { STANDARD_CHECKERS } from './checkers/index.ts';
import type { Finding, History, JobEnd } from './checkers/checker.ts';
import { liveness } from './checkers/protocol-checkers.ts';
import { corruptionHandler } from './cluster/corruption.ts';
import { atlasOf } from './cluster/fault-atlas.ts';
import { drawnScenario } from './cluster/drawn-scenario.ts';
import { describePacket, flowOfPacket } from './cluster/describe-packet.ts';
import { collectHistory } from './cluster/history.ts';
import { artefactsLeft } from './cluster/artefacts-left.ts';
import { buildScenarioJob } from './cluster/scenario-job.ts';
import type { OpenBackend } from './cluster/backends/backend-profile.ts';
import { type Departure, departed, departingPlan } from './cluster/departure.ts';
import { LiveStates } from './cluster/live-states.ts';
import type { Operations } from './cluster/operations/operations.ts';
import {
  operatedBackend,
  operatedBy,
  stageOperations,
} from './cluster/operations/stage-operations.ts';
import { planOf } from './cluster/planned-faults.ts';
import { SimulatedCluster } from './cluster/simulated-cluster.ts';
import { stageRescale, stageSavepoints } from './cluster/staged-operations.ts';
import { CommitLog } from './cluster/commit-log.ts';
import type { Scenario } from './scenario.ts';
import { type ScheduleRow, scheduleOf } from './schedule.ts';

export interface RunOptions {
  readonly scenario: Scenario;
  /** By name, or, for one that has none, what opens it. */
  readonly backend: string | OpenBackend;
  /** 16 hexadecimal digits. */
  readonly seed: string;
  /** Hops to a macrotask boundary; `macrotask` of the simulator. */
  readonly drain: Drain;
  /** Keeps the whole trace, for a report. */
  readonly record?: boolean;
  /** The ambient guard, if installed. */
  readonly scope?: StepScope;
  /** Instead of drawing faults from the seed; what the scenario compares with has none then. */
  readonly plan?: FaultPlan;
  /**
   * The run ends here at the latest, and whether the job would have finished is not judged then.
   */
  readonly horizonMs?: number;
  /** Instead of drawing from the seed in which order ready events run. */
  readonly interleaving?: SchedulePolicy;
  /** Streams of chance that do not follow from the seed. */
  readonly chance?: ChanceScript;
  /** Told what chance gave, for whoever wants to write it down. */
  readonly onDraw?: (draw: Draw) => void;
  /** Told the world, so that a process can blame unhandled rejections on it. */
  readonly attach?: (world: World) => void;
  /** Told what was judged, for whoever wants to judge it again. */
  readonly onHistory?: (history: History) => void;
  /** Told what there is before the first step, for whoever looks at it on the way. */
  readonly onStaged?: (staged: Staged) => void;
  /** From some step on the run goes another way. */
  readonly departure?: Departure;
}

export interface Staged {
  readonly world: World;
  readonly cluster: SimulatedCluster;
  readonly commits: CommitLog;
  readonly states: LiveStates;
}

export interface PropertyResult {
  readonly verdict: Finding['verdict'];
  readonly evaluated: number;
}

export interface RunResult {
  readonly verdict: Finding['verdict'];
  /** The first property that was violated, and how. */
  readonly property?: string;
  readonly message?: string;
  readonly expected?: readonly string[];
  readonly actual?: readonly string[];
  readonly steps: number;
  readonly simMs: number;
  /** Injected faults by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly recoveries: number;
  readonly checkpoints: {
    readonly triggered: number;
    readonly completed: number;
    readonly aborted: number;
  };
  readonly records: number;
  readonly commits: number;
  readonly end: JobEnd['kind'];
  readonly digest: string;
  readonly sometimes: readonly string[];
  readonly properties: Readonly<Record<string, PropertyResult>>;
  readonly plan: FaultPlan;
  readonly interleaving: SchedulePolicy;
  /** How often each fault of the plan struck, in its order. */
  readonly strikes: readonly number[];
  readonly schedule: readonly ScheduleRow[];
  /** Points that a fault could have waited for. */
  readonly marks: readonly ReachedMark[];
  readonly trace?: readonly TraceEntry[];
}

/** After the end, for clean-up and for zombies to show themselves. */
const GRACE_MS = 3_000;
const MAX_STEPS = 2_000_000;

/** A run that is over, not judged. */
interface Finished {
  readonly world: World;
  readonly history: History;
  /** It was ended before the job did, and before it had to. */
  readonly isCut: boolean;
  readonly applied: AppliedPlan;
  readonly plan: FaultPlan;
  readonly reached: readonly string[];
}

/** Throws OP-E131 for a backend the scenario does not know, OP-E132 for a malformed seed. */
export async function simulate(options: RunOptions): Promise<RunResult> {
  checkOptions(options);
  const finished = await runWorld(options);
  const reference = await runReference(options);
  const history = { ...finished.history, reference };
  options.onHistory?.(history);
  return judge(options, { ...finished, history });
}

/** The same seed on the backend that the scenario compares with. */
async function runReference(options: RunOptions): Promise<History | undefined> {
  const { scenario, seed, drain, scope, attach, chance, plan, interleaving } = options;
  if (scenario.reference === undefined) return undefined;
  const { history } = await runWorld({
    scenario,
    backend: scenario.reference,
    seed,
    drain,
    ...(plan === undefined ? {} : { plan: { healAtMs: plan.healAtMs, faults: [] } }),
    ...(interleaving === undefined ? {} : { interleaving }),
    ...(chance === undefined ? {} : { chance }),
    ...(scope === undefined ? {} : { scope }),
    ...(attach === undefined ? {} : { attach }),
  });
  return history;
}

async function runWorld(options: RunOptions): Promise<Finished> {
  const { backend, seed, horizonMs = Number.POSITIVE_INFINITY } = options;
  const { interleaving = drawPolicy(new SeededRandom(seed).fork('schedule-policy')) } = options;
  const world = new World({
    seed,
    schedule: interleaving,
    ...(isScripted(options) ? { random: scriptedChance(options, () => world.step) } : {}),
    drain: options.drain,
    describe: describePacket,
    maxSteps: MAX_STEPS,
    ...(options.record === true ? { record: 'full' as const } : {}),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  });
  options.attach?.(world);
  takeReached();
  const scenario = drawnScenario(options.scenario, world);
  const records = recordsOf(scenario, world.random);
  const commits = new CommitLog(() => world.nowMs);
  const job = { scenario, records, watcher: commits };
  const states = options.onStaged === undefined ? undefined : new LiveStates(world);
  const operable = operatedBackend(backend, scenario);
  const operations = stageOperations(() => cluster, { scenario, world, commits, operable });
  const cluster: SimulatedCluster = new SimulatedCluster({
    world,
    cluster: scenario.cluster,
    backend: operable.open,
    program: (...shape) =>
      buildScenarioJob({ ...job, ...cluster.profile, ...operations?.submitted }, ...shape),
    ...operatedBy(operations),
    ...(states === undefined ? {} : { states }),
  });
  commits.watch(cluster);
  const damaged = new Set<string>();
  cluster.start();
  const { applied, plan } = stageFaults({ options, world, cluster, damaged, operations });
  stageRescale(scenario, world, cluster);
  stageSavepoints(scenario, world, cluster);
  if (states !== undefined) options.onStaged?.({ world, cluster, commits, states });
  const outcome = await world.run({
    until: () => cluster.end !== undefined,
    deadlineMs: Math.min(plan.healAtMs + scenario.livenessMs, horizonMs),
  });
  const end = endOf(outcome, cluster);
  const endMs = world.nowMs;
  const isCut = end.kind === 'stuck' && endMs >= horizonMs;
  const isOver = end.kind !== 'broken' && !isCut;
  if (isOver) await graceful(world, plan);
  const checkpointFiles = isOver ? await artefactsLeft(world, cluster, endMs) : [];
  const history = collectHistory({
    scenario,
    records,
    cluster,
    commits,
    end,
    damaged,
    checkpointFiles,
    world,
    applied,
    plan,
    operations,
  });
  return { world, history, isCut, applied, plan, reached: [...takeReached().keys()] };
}

function isScripted({ chance, onDraw, departure }: RunOptions): boolean {
  return chance !== undefined || onDraw !== undefined || departure !== undefined;
}

function scriptedChance(options: RunOptions, stepNow: () => number): Random {
  const { seed, chance = SEEDED, onDraw, departure } = options;
  const random = scriptedRandom(new SeededRandom(seed), chance, onDraw);
  return departure === undefined ? random : departed(random, departure, stepNow);
}

function checkOptions({ scenario, backend, seed }: RunOptions): void {
  const known: readonly string[] = [...scenario.backends, ...scenario.backendsOnRequest];
  if (typeof backend === 'string' && !known.includes(backend)) {
    throw new OnceproofError('OP-E131', `Scenario "${scenario.id}" has no backend "${backend}"`, {
      place: scenario.id,
      remedy: `Choose one of ${known.join(', ')}`,
    });
  }
  if (!isSeed(seed)) {
    throw new OnceproofError('OP-E132', `Cannot use seed "${seed}": not 16 hexadecimal digits`);
  }
}

/** What a run with this root of chance puts in. */
export function recordsOf({ workload }: Scenario, root: Random): readonly unknown[] {
  const random = root.fork('workload');
  return Array.from({ length: workload.records }, (_, index) => workload.generate(index, random));
}

function stageFaults(stage: {
  readonly options: RunOptions;
  readonly world: World;
  readonly cluster: SimulatedCluster;
  readonly damaged: Set<string>;
  readonly operations: Operations | undefined;
}): { readonly applied: AppliedPlan; readonly plan: FaultPlan } {
  const { options, world, cluster, damaged, operations } = stage;
  const { profile } = cluster;
  const { scenario, departure } = options;
  const spoil = (path: string): void => void damaged.add(path);
  const past = options.plan ?? planOf(scenario, world.random, cluster);
  const plan = departure === undefined ? past : departingPlan(past, departure, scenario, cluster);
  const applied = applyPlan(world, plan, {
    disk: diskHandler({ diskAt: (host) => cluster.diskOf(host), damaged: spoil }),
    service: serviceHandler(
      (host) => profile.services.find(({ address }) => address === host)?.faults,
    ),
    flowOf: flowOfPacket,
    ...(operations === undefined ? {} : { operate: operations.handler }),
    corrupt: corruptionHandler({
      world,
      hosts: cluster.hosts,
      artefacts: profile.artefacts,
      damaged: spoil,
      maySpoil: (paths) => {
        if (scenario.mayRefuse) return true;
        const { events, watch } = cluster;
        const atlas = atlasOf({ events, storage: watch.storage, damaged: [...damaged] });
        return atlas.survives(paths);
      },
    }),
  });
  return { applied, plan };
}

/** Whatever still runs, or wakes up late, must not undo what was finished. */
async function graceful(world: World, plan: FaultPlan): Promise<void> {
  const deadlineMs = Math.max(world.nowMs, plan.healAtMs) + GRACE_MS;
  await world.run({ until: () => false, deadlineMs });
}

function endOf(outcome: Outcome, cluster: SimulatedCluster): JobEnd {
  if (outcome.kind === 'reached' && cluster.end !== undefined) return cluster.end;
  const explanation = describeOutcome(outcome);
  if (outcome.kind === 'host-threw') return { kind: 'broken', explanation };
  const state = cluster.explain();
  const waits = cluster.explainStall();
  return { kind: 'stuck', explanation: `${explanation}; ${state}`, waits };
}

function judge({ scenario, record = false }: RunOptions, finished: Finished): RunResult {
  const { world, history, isCut, applied, plan, reached } = finished;
  const findings = [...STANDARD_CHECKERS, ...scenario.checkers]
    .filter((checker) => !(isCut && checker === liveness))
    .map((checker) => [checker.name, checker.check(history)] as const);
  const violated = findings.find(([, { verdict }]) => verdict === 'invalid');
  const count = (kind: string): number =>
    history.events.filter(({ event }) => event.kind === kind).length;
  return {
    verdict: violated === undefined ? 'valid' : 'invalid',
    ...(violated === undefined ? {} : { property: violated[0], ...differenceOf(violated[1]) }),
    steps: world.step,
    simMs: world.nowMs,
    faults: faultsOf(applied),
    recoveries: Math.max(0, count('job-restoring') - 1),
    checkpoints: {
      triggered: count('checkpoint-triggered'),
      completed: count('checkpoint-completed'),
      aborted: count('checkpoint-aborted'),
    },
    records: history.records.length,
    commits: history.commits.length,
    end: history.end.kind,
    digest: world.digest,
    sometimes: reached,
    properties: Object.fromEntries(
      findings.map(([name, { verdict, evaluated }]) => [name, { verdict, evaluated }]),
    ),
    plan,
    interleaving: world.schedule,
    strikes: applied.counts.byFault(),
    marks: world.marks,
    schedule: record ? scheduleOf(world, history.events, violated?.[1].message) : [],
    ...(record ? { trace: world.entries() } : {}),
  };
}

function differenceOf({ message, expected, actual }: Finding): Partial<RunResult> {
  return {
    message: message ?? 'Violated',
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  };
}

function faultsOf({ counts }: AppliedPlan): Readonly<Record<string, number>> {
  const injected = counts.rows().filter((row) => row.injected > 0);
  return Object.fromEntries(injected.map((row) => [row.kind, row.injected]));
}
