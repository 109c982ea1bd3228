// One run: a scenario on a backend from a seed, in a world of its own, judged. The same three give
// the same result on every machine, whatever else the process has run before.

import { OnceproofError } from '../engine/core/errors.ts';
import { takeReached } from '../engine/core/sometimes.ts';
import {
  applyPlan,
  type AppliedPlan,
  describeOutcome,
  diskHandler,
  type Drain,
  drawPlan,
  type FaultKind,
  type FaultMix,
  type FaultPlan,
  isSeed,
  type Outcome,
  serviceHandler,
  type StepScope,
  type TraceEntry,
  World,
} from '../simulator/index.ts';
import { STANDARD_CHECKERS } from './checkers/index.ts';
import type { Finding, History, JobEnd } from './checkers/checker.ts';
import { corruptionHandler } from './cluster/corruption.ts';
import { describePacket } from './cluster/describe-packet.ts';
import { LOCAL_DIRECTORY } from './cluster/backends/local-disk.ts';
import { collectHistory } from './cluster/history.ts';
import { buildScenarioJob } from './cluster/scenario-job.ts';
import { openBackend } from './cluster/backends/open-backend.ts';
import type { OpenBackend } from './cluster/backends/backend-profile.ts';
import { postponed } from './cluster/postponed.ts';
import { SimulatedCluster } from './cluster/simulated-cluster.ts';
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
  /** Instead of drawing faults from the seed. */
  readonly plan?: FaultPlan;
  /** Told the world, so that a process can blame unhandled rejections on it. */
  readonly attach?: (world: World) => void;
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
  readonly schedule: readonly ScheduleRow[];
  readonly trace?: readonly TraceEntry[];
}

/** After the end, for clean-up and for zombies to show themselves. */
const GRACE_MS = 3_000;
const MAX_STEPS = 2_000_000;
/** Jobs whose checkpoints take longer live longer: so much more of faults for each factor. */
const LONGER_MS = 500;
/** A corruption strikes after one of the first so many. */
const CHECKPOINTS_MAX = 4;
/** Where there is a service, these may strike it besides whatever else a scenario draws. */
const SERVICE_FAULTS: readonly FaultKind[] = ['http-error', 'http-lost'];

/** A run that is over, not judged. */
interface Finished {
  readonly world: World;
  readonly history: History;
  readonly applied: AppliedPlan;
  readonly plan: FaultPlan;
  readonly reached: readonly string[];
}

/** Throws OP-E131 for a backend the scenario does not know, OP-E132 for a malformed seed. */
export async function simulate(options: RunOptions): Promise<RunResult> {
  checkOptions(options);
  const finished = await runWorld(options);
  const { history } = finished;
  const reference = await runReference(options);
  return judge(options, { ...finished, history: { ...history, reference } });
}

/** The same seed on the backend that the scenario compares with. */
async function runReference(options: RunOptions): Promise<History | undefined> {
  const { scenario, seed, drain, scope, attach } = options;
  if (scenario.reference === undefined) return undefined;
  const { history } = await runWorld({
    scenario,
    backend: scenario.reference,
    seed,
    drain,
    ...(scope === undefined ? {} : { scope }),
    ...(attach === undefined ? {} : { attach }),
  });
  return history;
}

async function runWorld(options: RunOptions): Promise<Finished> {
  const { scenario, backend, seed } = options;
  const world = new World({
    seed,
    drain: options.drain,
    describe: describePacket,
    maxSteps: MAX_STEPS,
    ...(options.record === true ? { record: 'full' as const } : {}),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  });
  options.attach?.(world);
  takeReached();
  const records = generate(scenario, world);
  const commits = new CommitLog(() => world.nowMs);
  const job = { scenario, records, watcher: commits };
  const cluster: SimulatedCluster = new SimulatedCluster({
    world,
    cluster: scenario.cluster,
    backend: typeof backend === 'string' ? openBackend(backend) : backend,
    program: (parallelism, stateBackend) =>
      buildScenarioJob({ ...job, ...cluster.profile }, parallelism, stateBackend),
  });
  commits.watch(() => cluster.completedUpTo());
  const damaged = new Set<string>();
  cluster.start();
  const { applied, plan } = stageFaults({ options, world, cluster, damaged });
  stageRescale(scenario, world, cluster);
  const outcome = await world.run({
    until: () => cluster.end !== undefined,
    deadlineMs: plan.healAtMs + scenario.livenessMs,
  });
  const end = endOf(outcome, cluster);
  if (end.kind !== 'broken') await graceful(world, plan);
  const checkpointFiles = end.kind === 'broken' ? [] : await artefactsLeft(world, cluster);
  const history = collectHistory({
    scenario,
    records,
    cluster,
    commits,
    end,
    damaged,
    checkpointFiles,
    hadDiskFaults: applied.counts
      .rows()
      .some(({ kind, injected }) => DISK_FAULTS.has(kind) && injected > 0),
  });
  return { world, history, applied, plan, reached: [...takeReached().keys()] };
}

const DISK_FAULTS: ReadonlySet<string> = new Set(['sync-failure', 'no-space', 'io-error']);

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

function generate({ workload }: Scenario, world: World): readonly unknown[] {
  const random = world.random.fork('workload');
  return Array.from({ length: workload.records }, (_, index) => workload.generate(index, random));
}

function stageFaults(stage: {
  readonly options: RunOptions;
  readonly world: World;
  readonly cluster: SimulatedCluster;
  readonly damaged: Set<string>;
}): { readonly applied: AppliedPlan; readonly plan: FaultPlan } {
  const { options, world, cluster, damaged } = stage;
  const { profile } = cluster;
  const mix = faultMixOf(options.scenario, cluster);
  const plan =
    options.plan ?? postponed(drawPlan(world.random.fork('plan'), mix), profile.readyAfterMs);
  const applied = applyPlan(world, plan, {
    disk: diskHandler((host) => cluster.diskOf(host).faults),
    service: serviceHandler(
      (host) => profile.services.find(({ address }) => address === host)?.faults,
    ),
    corrupt: corruptionHandler({
      world,
      hosts: cluster.hosts,
      artefacts: profile.artefacts,
      damaged: (path) => damaged.add(path),
    }),
  });
  return { applied, plan };
}

function faultMixOf(scenario: Scenario, { hosts, profile }: SimulatedCluster): FaultMix {
  const services = profile.services.map(({ address }) => address);
  const isHarmed = scenario.faults.length > 0 && services.length > 0;
  return {
    kinds: isHarmed ? [...scenario.faults, ...SERVICE_FAULTS] : scenario.faults,
    hosts: [...hosts, ...services],
    ...(services.length === 0 ? {} : { services }),
    healAtMs: scenario.safetyMs + (profile.checkpointTimeFactor - 1) * LONGER_MS,
    pathPrefixes: profile.hasLocalDisks ? ['/shared/', `${LOCAL_DIRECTORY}/`] : ['/shared/'],
    // Where they take long a job does not live to see many.
    checkpointsMax: Math.max(1, Math.round(CHECKPOINTS_MAX / profile.checkpointTimeFactor)),
    ...(scenario.corruptions === undefined ? {} : { corruptions: scenario.corruptions }),
  };
}

function stageRescale({ rescale }: Scenario, world: World, cluster: SimulatedCluster): void {
  if (rescale === undefined) return;
  world.onMark('checkpoint-completed', rescale.afterCheckpoint, () => {
    world.at(world.nowMs, `rescale to ${rescale.parallelism}`, () => {
      if (rescale.via === 'savepoint') cluster.rescaleBySavepoint(rescale.parallelism);
      else cluster.rescaleByFailover(rescale.parallelism);
    });
  });
}

/** Whatever still runs, or wakes up late, must not undo what was finished. */
async function graceful(world: World, plan: FaultPlan): Promise<void> {
  const deadlineMs = Math.max(world.nowMs, plan.healAtMs) + GRACE_MS;
  await world.run({ until: () => false, deadlineMs });
}

/** Whoever keeps them may be asked over the network. */
async function artefactsLeft(world: World, cluster: SimulatedCluster): Promise<readonly string[]> {
  let paths: readonly string[] | undefined;
  cluster.profile.artefacts.readAll((all) => {
    paths = [...(all ?? new Map<string, Uint8Array>()).keys()];
  });
  if (paths === undefined) {
    const deadlineMs = world.nowMs + GRACE_MS;
    await world.run({ until: () => paths !== undefined, deadlineMs });
  }
  return paths ?? [];
}

function endOf(outcome: Outcome, cluster: SimulatedCluster): JobEnd {
  if (outcome.kind === 'reached' && cluster.end !== undefined) return cluster.end;
  const explanation = describeOutcome(outcome);
  if (outcome.kind === 'host-threw') return { kind: 'broken', explanation };
  const state = cluster.explain();
  return { kind: 'stuck', explanation: `${explanation}; ${state}` };
}

function judge({ scenario, record = false }: RunOptions, finished: Finished): RunResult {
  const { world, history, applied, plan, reached } = finished;
  const findings = [...STANDARD_CHECKERS, ...scenario.checkers].map(
    (checker) => [checker.name, checker.check(history)] as const,
  );
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
