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
  type FaultPlan,
  isSeed,
  type Outcome,
  type StepScope,
  type TraceEntry,
  World,
} from '../simulator/index.ts';
import { STANDARD_CHECKERS } from './checkers/index.ts';
import type { Finding, History, JobEnd } from './checkers/checker.ts';
import { corruptionHandler } from './cluster/corruption.ts';
import { describePacket } from './cluster/describe-packet.ts';
import { collectHistory } from './cluster/history.ts';
import { buildScenarioJob } from './cluster/scenario-job.ts';
import { CHECKPOINT_DIRECTORY, STORE_DIRECTORY } from './cluster/places.ts';
import { SimulatedCluster } from './cluster/simulated-cluster.ts';
import { CommitLog } from './cluster/commit-log.ts';
import type { Scenario } from './scenario.ts';
import { type ScheduleRow, scheduleOf } from './schedule.ts';

export interface RunOptions {
  readonly scenario: Scenario;
  readonly backend: string;
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

/** Throws OP-E131 for a backend the scenario does not know, OP-E132 for a malformed seed. */
export async function simulate(options: RunOptions): Promise<RunResult> {
  const { scenario, backend, seed } = options;
  checkOptions(options);
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
  const cluster = new SimulatedCluster({
    world,
    cluster: scenario.cluster,
    program: (parallelism) =>
      buildScenarioJob({ scenario, backend, records, watcher: commits }, parallelism),
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
  const history = collectHistory({ scenario, records, cluster, commits, end, damaged });
  return judge({ scenario, world, history, applied, plan, record: options.record === true });
}

function checkOptions({ scenario, backend, seed }: RunOptions): void {
  if (!scenario.backends.some((known) => known === backend)) {
    throw new OnceproofError('OP-E131', `Scenario "${scenario.id}" has no backend "${backend}"`, {
      place: scenario.id,
      remedy: `Choose one of ${scenario.backends.join(', ')}`,
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
  const { scenario } = options;
  const plan =
    options.plan ??
    drawPlan(world.random.fork('plan'), {
      kinds: scenario.faults,
      hosts: cluster.hosts,
      healAtMs: scenario.safetyMs,
      pathPrefixes: ['/shared/'],
      checkpointsMax: 4,
    });
  const applied = applyPlan(world, plan, {
    disk: diskHandler(() => cluster.disk.faults),
    corrupt: corruptionHandler({
      world,
      disk: cluster.disk,
      hosts: cluster.hosts,
      directories: [CHECKPOINT_DIRECTORY, STORE_DIRECTORY],
      damaged: (path) => damaged.add(path),
    }),
  });
  return { applied, plan };
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

function endOf(outcome: Outcome, cluster: SimulatedCluster): JobEnd {
  if (outcome.kind === 'reached' && cluster.end !== undefined) return cluster.end;
  const explanation = describeOutcome(outcome);
  if (outcome.kind === 'host-threw') return { kind: 'broken', explanation };
  const state = cluster.explain();
  return { kind: 'stuck', explanation: `${explanation}; ${state}` };
}

function judge(judged: {
  readonly scenario: Scenario;
  readonly world: World;
  readonly history: History;
  readonly applied: AppliedPlan;
  readonly plan: FaultPlan;
  readonly record: boolean;
}): RunResult {
  const { scenario, world, history, applied, plan, record } = judged;
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
    sometimes: [...takeReached().keys()],
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
