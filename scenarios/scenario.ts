// A scenario is a claim about the engine, made executable: a workload, a job, what the job must
// give, what may go wrong, and who judges. Data and pure functions only: it holds no run and no
// result.

import { OnceproofError } from '../engine/core/errors.ts';
import type { DataStream } from '../engine/api/data-stream.ts';
import type { StreamExecutionEnvironment } from '../engine/api/stream-execution-environment.ts';
import type { Sink } from '../engine/connector/sink.ts';
import type { Random } from '../engine/environment/random.ts';
import type { StateBackend } from '../engine/state/state-backend.ts';
import type { Corruption, Fault, FaultKind } from '../simulator/index.ts';
import { type BackendName, BACKENDS_ON_REQUEST, DEFAULT_BACKENDS } from './backend-names.ts';
import type { Checker } from './checkers/checker.ts';
import type { Guarantee } from './guarantee.ts';

export type { BackendName } from './backend-names.ts';

/** What goes into the job. The same random stream gives the same records. */
export interface Workload<IN> {
  readonly records: number;
  readonly generate: (index: number, random: Random) => IN;
  /** Of each source subtask. Slow enough for faults to find the job running. */
  readonly recordsPerSecond: number;
  readonly timestampOf?: (record: IN) => number;
}

/**
 * What a job is built with. Called once for every attempt of every task: build, do not remember.
 */
export interface JobContext<IN, OUT> {
  readonly env: StreamExecutionEnvironment;
  /**
   * The workload's records, from a source that rewinds. Only one split keeps their order, whatever
   * is restored; default 4.
   */
  readonly source: (splits?: number) => DataStream<IN>;
  /**
   * A transactional file sink whose finished files are judged. A job that has several gives each a
   * prefix of its own, which starts with `part-`.
   */
  readonly sink: (prefix?: string) => Sink<OUT>;
}

/** A job that is not the same for every seed. */
export interface DrawnJob<IN, OUT> {
  /** What it is, for traces. */
  readonly text: string;
  readonly job: ScenarioDefinition<IN, OUT>['job'];
  readonly model: ScenarioDefinition<IN, OUT>['model'];
}

export interface ScenarioCluster {
  /** With more than one they contend for the job. 1, if absent. */
  readonly jobManagers?: number;
  /**
   * How long a leader works without having renewed its lease. By default less than a lease lasts;
   * with more, leaders that have been replaced go on until they notice.
   */
  readonly renewDeadlineMs?: number;
  readonly taskManagers: number;
  readonly slots: number;
  readonly parallelism: number;
}

/** While the job runs, its parallelism changes to this one. */
export interface Rescale {
  readonly afterCheckpoint: number;
  readonly parallelism: number;
  /** 'savepoint': stop, then start from the savepoint. 'failover': the next leader plans it so. */
  readonly via: 'savepoint' | 'failover';
}

/** How checkpoints are taken. Times are virtual milliseconds. */
export interface ScenarioCheckpoints {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly unaligned: boolean;
  /** With unaligned: start aligned and switch once the barrier is this old. */
  readonly alignedTimeoutMs: number;
  readonly retained: number;
  readonly maxConcurrent: number;
}

export interface ScenarioDefinition<IN, OUT> {
  /** `suite/what-it-shows`, kebab-case. Part of run ids and reports: never renamed lightly. */
  readonly id: string;
  readonly claim: string;
  readonly tags?: readonly string[];
  /** What it runs on. Default: `memory` and `fs`. */
  readonly backends?: readonly BackendName[];
  /**
   * What it runs on as well where it is asked for. Default: all others, or none with `backends`.
   */
  readonly backendsOnRequest?: readonly BackendName[];
  /** What the job keeps its state in, given the backend it runs on: the same, if absent. */
  readonly stateBackend?: (backend: StateBackend) => StateBackend;
  /** Default 'exactly-once'. */
  readonly guarantee?: Guarantee;
  readonly cluster?: Partial<ScenarioCluster>;
  readonly checkpoints?: Partial<ScenarioCheckpoints>;
  readonly workload: Workload<IN>;
  readonly job: (context: JobContext<IN, OUT>) => void;
  /** Everything the job must have put out in the end, in any order, computed without the engine. */
  readonly model: (records: readonly IN[]) => readonly OUT[];
  /** Draws another job and its model from each seed, instead of these. */
  readonly draw?: (random: Random) => DrawnJob<IN, OUT>;
  /** Drops outputs that later ones replace, such as early results of a window. */
  readonly settle?: (outputs: readonly OUT[]) => readonly OUT[];
  /** What of an output is compared; the whole, if absent. */
  readonly project?: (output: OUT) => unknown;
  /** Ids of the input records that an output accounts for: each must be accounted for once. */
  readonly accountsFor?: (output: OUT) => readonly string[];
  readonly idOf?: (record: IN) => string;
  /** Which kinds of faults may be drawn. */
  readonly faults: readonly FaultKind[];
  /** Of every run, beside those that are drawn: for moments that chance would hardly ever meet. */
  readonly staged?: readonly Fault[];
  /** How long faults go on, in virtual milliseconds. Default 2,500. */
  readonly safetyMs?: number;
  /** How long the healed job may take to finish. Default 120,000. */
  readonly livenessMs?: number;
  readonly rescale?: Rescale;
  /** A user takes a savepoint after these completions, counted from 1; the job goes on. */
  readonly savepointsAfter?: readonly number[];
  /** A user stops the job with one, then submits it again; where it fails the job goes on. */
  readonly stopsAfter?: readonly number[];
  /**
   * What 'upgrade' makes of the job: another state schema, and output that the model still says.
   */
  readonly upgrade?: Pick<ScenarioDefinition<IN, OUT>, 'job'>;
  /** Between which 'switch-backend' switches, beside the one that the run begins with. */
  readonly stateBackends?: readonly BackendName[];
  /** State has a time to live: of what a checkpoint holds some may be over when it is restored. */
  readonly stateExpires?: boolean;
  /** The engine may refuse to go on, loudly, where a checkpoint was damaged. */
  readonly mayRefuse?: boolean;
  /** Codes of the errors with which the engine may refuse to go on. */
  readonly refusals?: readonly string[];
  /** What 'corrupt-checkpoint' may do. Default: what a disk does. */
  readonly corruptions?: readonly Corruption[];
  /** Every seed runs on this backend as well, for checkers that compare: `history.reference`. */
  readonly reference?: BackendName;
  /** Besides the ones that judge every scenario. */
  readonly checkers?: readonly Checker[];
  /** Where it is defined, for reports. */
  readonly source?: { readonly file: string; readonly line: number };
}

/** With everything filled in; types of records forgotten. */
export interface Scenario {
  readonly id: string;
  readonly claim: string;
  readonly tags: readonly string[];
  readonly backends: readonly BackendName[];
  readonly backendsOnRequest: readonly BackendName[];
  readonly stateBackend: (backend: StateBackend) => StateBackend;
  readonly guarantee: Guarantee;
  readonly cluster: ScenarioCluster;
  readonly checkpoints: ScenarioCheckpoints;
  readonly workload: Workload<unknown>;
  readonly job: (context: JobContext<unknown, unknown>) => void;
  readonly model: (records: readonly unknown[]) => readonly unknown[];
  readonly draw: ((random: Random) => DrawnJob<unknown, unknown>) | undefined;
  readonly settle: (outputs: readonly unknown[]) => readonly unknown[];
  readonly project: (output: unknown) => unknown;
  readonly accountsFor: ((output: unknown) => readonly string[]) | undefined;
  readonly idOf: ((record: unknown) => string) | undefined;
  readonly faults: readonly FaultKind[];
  readonly staged: readonly Fault[];
  readonly safetyMs: number;
  readonly livenessMs: number;
  readonly rescale: Rescale | undefined;
  readonly savepointsAfter: readonly number[];
  readonly stopsAfter: readonly number[];
  readonly upgrade: Pick<Scenario, 'job'> | undefined;
  readonly stateBackends: readonly BackendName[];
  readonly stateExpires: boolean;
  readonly mayRefuse: boolean;
  readonly refusals: readonly string[];
  readonly corruptions: readonly Corruption[] | undefined;
  readonly reference: BackendName | undefined;
  readonly checkers: readonly Checker[];
  readonly source: { readonly file: string; readonly line: number } | undefined;
}

const DEFAULT_CHECKPOINTS: ScenarioCheckpoints = {
  intervalMs: 200,
  timeoutMs: 3_000,
  unaligned: false,
  alignedTimeoutMs: 0,
  retained: 1,
  maxConcurrent: 1,
};

const ID = /^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/;
const MARK = Symbol.for('onceproof.scenario');

/** Checks a definition and fills in what it leaves out. Throws OP-E130 for what cannot be. */
export function defineScenario<IN, OUT>(definition: ScenarioDefinition<IN, OUT>): Scenario {
  const { id, workload, cluster } = definition;
  check(ID.test(id), id, 'its id must be kebab-case words, separated by "/"');
  check(workload.records > 0, id, 'its workload has no records');
  check(workload.recordsPerSecond > 0, id, 'its workload.recordsPerSecond must be positive');
  const filled = { taskManagers: 2, slots: 2, parallelism: 2, ...cluster };
  check((cluster?.jobManagers ?? 1) >= 1, id, 'its cluster has no JobManager');
  const slots = filled.taskManagers * filled.slots;
  const needed = Math.max(filled.parallelism, definition.rescale?.parallelism ?? 0);
  check(needed <= slots, id, `it needs ${needed} slots and its cluster has ${slots}`);
  checkOperations(definition);
  const scenario = {
    claim: definition.claim,
    id,
    tags: definition.tags ?? [],
    backends: definition.backends ?? DEFAULT_BACKENDS,
    backendsOnRequest: onRequestOf(definition),
    stateBackend: definition.stateBackend ?? ((backend: StateBackend) => backend),
    guarantee: definition.guarantee ?? 'exactly-once',
    cluster: filled,
    checkpoints: { ...DEFAULT_CHECKPOINTS, ...definition.checkpoints },
    // A scenario feeds its own records to its own functions: the types fit, though forgotten here.
    workload: workload as Workload<unknown>,
    job: definition.job as Scenario['job'],
    model: definition.model as Scenario['model'],
    draw: definition.draw as Scenario['draw'],
    settle: (definition.settle ?? ((outputs: readonly unknown[]) => outputs)) as Scenario['settle'],
    project: (definition.project ?? ((output: unknown) => output)) as Scenario['project'],
    accountsFor: definition.accountsFor as Scenario['accountsFor'],
    idOf: definition.idOf as Scenario['idOf'],
    faults: definition.faults,
    staged: definition.staged ?? [],
    safetyMs: definition.safetyMs ?? 2_500,
    livenessMs: definition.livenessMs ?? 120_000,
    rescale: definition.rescale,
    savepointsAfter: definition.savepointsAfter ?? [],
    stopsAfter: definition.stopsAfter ?? [],
    upgrade: definition.upgrade as Scenario['upgrade'],
    stateBackends: definition.stateBackends ?? [],
    stateExpires: definition.stateExpires ?? false,
    mayRefuse: definition.mayRefuse ?? false,
    refusals: definition.refusals ?? [],
    corruptions: definition.corruptions,
    reference: definition.reference,
    checkers: definition.checkers ?? [],
    source: definition.source,
  };
  return Object.freeze(Object.assign(scenario, { [MARK]: true }));
}

/** Whether a value that a module exports was made by defineScenario, of this package or a copy. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === 'object' && value !== null && MARK in value;
}

function checkOperations({
  id,
  faults,
  upgrade,
  stateBackends = [],
}: Pick<ScenarioDefinition<never, never>, 'id' | 'faults' | 'stateBackends'> & {
  readonly upgrade?: unknown;
}): void {
  const has = (kind: FaultKind): boolean => faults.includes(kind);
  check(!has('upgrade') || upgrade !== undefined, id, 'it is upgraded and has no "upgrade"');
  const isSwitched = !has('switch-backend') || stateBackends.length > 0;
  check(isSwitched, id, 'its backend is switched and it has no "stateBackends"');
}

function onRequestOf(
  definition: Pick<ScenarioDefinition<never, never>, 'backends' | 'backendsOnRequest'>,
): readonly BackendName[] {
  const { backends, backendsOnRequest } = definition;
  return backendsOnRequest ?? (backends === undefined ? BACKENDS_ON_REQUEST : []);
}

function check(condition: boolean, id: string, problem: string): void {
  if (condition) return;
  throw new OnceproofError('OP-E130', `Cannot define scenario "${id}": ${problem}`, { place: id });
}
