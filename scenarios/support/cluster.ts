// The vocabulary of directed tests: a simulated cluster that runs one job and is told, step by
// step, what happens to it. Every wait has a bound in virtual time and says what it waited for.
// Draws no faults by itself: nothing goes wrong that the test does not do.

import { StreamExecutionEnvironment } from '../../engine/api/stream-execution-environment.ts';
import { FileSink } from '../../engine/connector/file-sink.ts';
import { jsonLines } from '../../engine/connector/json-lines.ts';
import type { Sink } from '../../engine/connector/sink.ts';
import { assert, present } from '../../engine/core/assert.ts';
import { jobId } from '../../engine/core/ids.ts';
import { type Address, address } from '../../engine/environment/network.ts';
import type { CheckpointTrigger } from '../../engine/checkpoint/checkpoint-coordinator.ts';
import type { CheckpointOutcome } from '../../engine/checkpoint/checkpoint-effects.ts';
import {
  type RestorePlace,
  type RestorePoint,
  restorePointOf,
} from '../../engine/checkpoint/restore-place.ts';
import type { JobGraph } from '../../engine/graph/job-graph.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { StateBackend } from '../../engine/state/state-backend.ts';
import { decodeWtf8 } from '../../engine/stream/wtf8.ts';
import { describeOutcome, macrotask, World } from '../../simulator/index.ts';
import type { BackendName } from '../backend-names.ts';
import type { Artefacts, OpenBackend } from '../cluster/backends/backend-profile.ts';
import { inDirectory } from '../cluster/backends/directory-backends.ts';
import { openBackend } from '../cluster/backends/open-backend.ts';
import { JOB_MANAGER } from '../cluster/hosts.ts';
import { OUTPUT_DIRECTORY } from '../cluster/places.ts';
import { SimulatedCluster } from '../cluster/simulated-cluster.ts';

export interface ClusterOptions {
  /** Builds the job on an environment that is configured already; it may be configured further. */
  readonly job: (env: StreamExecutionEnvironment, tools: JobTools) => void;
  readonly taskManagers?: number;
  readonly slots?: number;
  readonly parallelism?: number;
  /** By name; one made by hand keeps its checkpoints in a directory. Default: fs. */
  readonly backend?: BackendName | StateBackend | OpenBackend;
  /** Go back behind a damaged checkpoint, and repeat output. Default: stop instead. */
  readonly allowFallback?: boolean;
  /** 16 hexadecimal digits. */
  readonly seed?: string;
}

export interface JobTools {
  /** A transactional sink whose committed records `output` gives. */
  readonly sink: <T>(prefix?: string) => Sink<T>;
}

type EventOf<K extends EngineEvent['kind']> = Extract<EngineEvent, { readonly kind: K }>;

/** Longer than any timeout in the cluster. */
const PATIENCE_MS = 60_000;
const DEFAULT_SEED = '00000000c0ffee00';
const END_EVENTS: readonly EngineEvent['kind'][] = ['job-finished', 'job-failed', 'job-canceled'];

export class Cluster {
  readonly world: World;
  readonly #cluster: SimulatedCluster;
  readonly #options: ClusterOptions;
  #jobName = 'job-1';
  #parallelism: number;
  #restoreFrom: RestorePoint | undefined;
  #isSuspended = false;
  /** Events before this one belong to jobs submitted earlier. */
  #firstEvent = 0;

  private constructor(options: ClusterOptions) {
    const { taskManagers = 2, slots = 2, parallelism = 2, seed = DEFAULT_SEED } = options;
    this.#options = options;
    this.#parallelism = parallelism;
    this.world = new World({ seed, drain: macrotask, maxSteps: 1_000_000 });
    this.#cluster = new SimulatedCluster({
      world: this.world,
      cluster: { taskManagers, slots, parallelism },
      backend: openBackendOf(options.backend ?? 'fs'),
      program: (_parallelism, backend) => this.#program(backend),
      restore: () => ({
        pointer: this.#restoreFrom?.pointer,
        allowFallback: options.allowFallback ?? false,
      }),
      snapshotClients: () => this.#restoreFrom?.clients ?? {},
      onSuspended: () => {
        this.#isSuspended = true;
      },
    });
  }

  /** The job is submitted; nothing has run. */
  static start(options: ClusterOptions): Cluster {
    const cluster = new Cluster(options);
    cluster.#cluster.start();
    return cluster;
  }

  // ---- what is done to it ----

  /** Loses power: files keep only what was synced. Starts again after `downMs`. */
  crash(host: string, downMs = 0): void {
    this.world.crash(address(host));
    this.#restartIn(downMs, host);
  }

  /** The process dies, the machine does not. */
  kill(host: string, downMs = 0): void {
    this.world.kill(address(host));
    this.#restartIn(downMs, host);
  }

  pause(host: string): void {
    this.world.pause(address(host));
  }

  wake(host: string): void {
    this.world.wake(address(host));
  }

  /** Hosts that run tasks, ascending. */
  workers(): readonly Address[] {
    return this.#cluster.tasks.hosts();
  }

  /** Where an attempt runs, or has run. */
  hostOf(attempt: string): Address {
    const host = this.#cluster.tasks.hostOf(attempt);
    assert(host !== undefined, `Cannot find ${attempt}: it is not deployed`);
    return host;
  }

  aWorker(which: 'first' | 'last' = 'first'): Address {
    const host = this.workers().at(which === 'first' ? 0 : -1);
    assert(host !== undefined, 'Cannot name a host that runs tasks: there is none');
    return host;
  }

  /** Returns how to heal it. */
  partition(from: string, to: string, isTwoWay = true): () => void {
    return this.world.partition(address(from), address(to), isTwoWay);
  }

  /** Every change below `prefix` fails, or the first `times`. Returns how to mend it. */
  breakDisk(prefix: string, times?: number): () => void {
    const scope = times === undefined ? { prefix } : { prefix, countMax: times };
    const fault = this.#cluster.disk.faults.readOnly(scope);
    return () => fault.heal();
  }

  /** Nothing below `prefix` can be reached. Returns how to mend it. */
  cutOff(prefix: string): () => void {
    const fault = this.#cluster.disk.faults.ioError({ prefix });
    return () => fault.heal();
  }

  /** Looking for a file below `prefix` fails, the first `times`. Returns how to mend it. */
  breakLookups(prefix: string, times: number): () => void {
    const fault = this.#cluster.disk.faults.ioError({ prefix, countMax: times }, ['status']);
    return () => fault.heal();
  }

  /** The disk takes `factor` times as long. Returns how to mend it. */
  slowDisk(factor: number): () => void {
    const fault = this.#cluster.disk.faults.slow(factor);
    return () => fault.heal();
  }

  trigger(trigger: CheckpointTrigger): { readonly outcome: CheckpointOutcome | undefined } {
    const answer: { outcome: CheckpointOutcome | undefined } = { outcome: undefined };
    this.#cluster.withMaster((master) => {
      master.triggerCheckpoint(trigger, (outcome) => {
        answer.outcome = outcome;
      });
    });
    return answer;
  }

  /** Takes a savepoint and returns where it is. */
  async savepoint(stop: 'no' | 'suspend' | 'drain' = 'no'): Promise<string> {
    const target = this.#cluster.profile.savepointDirectory;
    const answer = this.trigger({ kind: 'savepoint', target, stop });
    await this.until('a savepoint', () => answer.outcome !== undefined);
    const { outcome } = answer;
    assert(outcome?.kind === 'completed', `Cannot take a savepoint: ${JSON.stringify(outcome)}`);
    return outcome.checkpoint.pointer;
  }

  /** Stops the job so that it can be resumed. */
  suspend(withSavepoint: boolean): void {
    const target = withSavepoint ? this.#cluster.profile.savepointDirectory : undefined;
    this.#cluster.withMaster((master) => master.suspend(target));
  }

  cancel(): void {
    this.#cluster.withMaster((master) => master.cancelJob());
  }

  /** The same job is submitted again: it goes on from its own newest checkpoint. */
  resume(parallelism = this.#parallelism): void {
    this.#parallelism = parallelism;
    this.#submit();
  }

  /**
   * A new job with the same program, which begins with a savepoint of the old one. It has new
   * TaskManagers: those of the old one write into its directories.
   */
  startFrom(savepoint: RestorePlace, parallelism = this.#parallelism): void {
    this.#jobName = `${this.#jobName}-again`;
    this.#restoreFrom = restorePointOf(savepoint, (path) => path);
    this.#parallelism = parallelism;
    this.#submit();
    for (const host of this.#cluster.taskManagers) this.kill(host);
  }

  // ---- how it is waited for ----

  async until(what: string, isReached: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    const deadlineMs = this.world.nowMs + patienceMs;
    const outcome = await this.world.run({ until: isReached, deadlineMs });
    if (outcome.kind === 'reached') return;
    const state = `${describeOutcome(outcome)}; ${this.#cluster.explain()}`;
    assert(false, `Cannot wait any longer for ${what}: ${state}`);
  }

  async forMs(delayMs: number): Promise<void> {
    const deadlineMs = this.world.nowMs + delayMs;
    const outcome = await this.world.run({ until: () => false, deadlineMs });
    const isQuiet = outcome.kind === 'out-of-time' || outcome.kind === 'deadlock';
    assert(isQuiet, `Cannot let time pass: ${describeOutcome(outcome)}`);
  }

  /** `count` such events since the job was submitted. */
  async untilEvent(kind: EngineEvent['kind'], count = 1): Promise<void> {
    await this.until(`${count} of ${kind}`, () => this.events(kind).length >= count);
  }

  async untilCheckpoint(count: number): Promise<void> {
    await this.untilEvent('checkpoint-completed', count);
  }

  /** `count` checkpoints more than there are now. */
  async untilCheckpointsMore(count: number): Promise<void> {
    await this.untilCheckpoint(this.events('checkpoint-completed').length + count);
  }

  async untilTriggered(count: number): Promise<void> {
    await this.untilEvent('checkpoint-triggered', count);
  }

  async untilRunning(times = 1): Promise<void> {
    await this.untilEvent('job-running', times);
  }

  /** The last event of the job, which ended it. A job that goes on at the end is a failure. */
  async untilEnd(patienceMs = PATIENCE_MS): Promise<EngineEvent> {
    await this.until('the end', () => this.#endEvent() !== undefined, patienceMs);
    const end = this.#endEvent();
    assert(end !== undefined, 'Cannot tell how the job ended');
    await this.forMs(3_000);
    return end;
  }

  async untilSuspended(): Promise<void> {
    await this.until('the suspension', () => this.#isSuspended);
  }

  // ---- what came of it ----

  events<K extends EngineEvent['kind']>(kind: K): readonly EventOf<K>[] {
    return this.allEvents().filter((event): event is EventOf<K> => event.kind === kind);
  }

  /** Committed, as it would survive a loss of power now. In no order. */
  output<T>(prefix = 'part'): readonly T[] {
    const files = this.#cluster.disk.snapshotView().readDurable(`${OUTPUT_DIRECTORY}/`);
    return [...files]
      .filter(([path]) => path.slice(path.lastIndexOf('/') + 1).startsWith(`${prefix}-`))
      .flatMap(([, bytes]) => (decodeWtf8(bytes, 0, bytes.length) ?? '').split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }

  /** Of the newest restore; undefined if it was from the very beginning. */
  restoredFrom(): number | undefined {
    return this.events('job-restoring').at(-1)?.checkpoint;
  }

  /** All subtasks have new attempts, and none has been heard of. */
  isDeploying(): boolean {
    const states = this.#cluster.tasks.all().map(({ state }) => state);
    return states.length > 0 && states.every((state) => state === 'deploying');
  }

  /** Names of the vertices whose subtasks the newest restore started. */
  restarted(): readonly string[] {
    return this.events('job-restoring').at(-1)?.attempts ?? [];
  }

  files(prefix: string): readonly string[] {
    return this.#cluster.pathsBelow(prefix);
  }

  /** What is stored of checkpoints, by the paths that the engine names in errors. */
  async artefacts(): Promise<Artefacts> {
    let answer: { readonly all: Artefacts | undefined } | undefined;
    this.#cluster.profile.artefacts.readAll((all) => {
      answer = { all };
    });
    await this.until('the artefacts to be read', () => answer !== undefined);
    return present(answer?.all, 'Cannot read the artefacts');
  }

  /** Past whoever keeps them; undefined removes one. */
  async changeArtefacts(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    let isDone: boolean | undefined;
    this.#cluster.profile.artefacts.change(changes, (done) => {
      isDone = done;
    });
    await this.until('the artefacts to be changed', () => isDone !== undefined);
    assert(isDone === true, 'Cannot change the artefacts');
  }

  /** All hosts of the cluster lose power, `meanwhile` happens, and they start again. */
  async losePower(meanwhile: () => Promise<void>): Promise<void> {
    for (const host of this.#cluster.hosts) this.world.crash(host);
    await meanwhile();
    for (const host of this.#cluster.hosts) this.world.restart(host);
  }

  /** Since the job was submitted, in order. */
  allEvents(): readonly EngineEvent[] {
    return this.#cluster.events.slice(this.#firstEvent).map(({ event }) => event);
  }

  #endEvent(): EngineEvent | undefined {
    return this.allEvents().find(({ kind }) => END_EVENTS.includes(kind));
  }

  #restartIn(downMs: number, host: string): void {
    const restart = (): void => this.world.restart(address(host));
    if (downMs === 0) restart();
    else this.world.at(this.world.nowMs + downMs, `restart ${host}`, restart);
  }

  #submit(): void {
    this.#isSuspended = false;
    this.#firstEvent = this.#cluster.events.length;
    this.kill(JOB_MANAGER);
  }

  #program(backend: StateBackend): JobGraph {
    const { job } = this.#options;
    const env = StreamExecutionEnvironment.create({
      jobId: jobId(this.#jobName),
      parallelism: this.#parallelism,
    });
    env.setStateBackend(backend);
    env.enableCheckpointing(200).setBufferTimeout(10);
    env.setRestartStrategy({ kind: 'fixed-delay', attempts: 100, delayMs: 50 });
    env.getCheckpointConfig().setTolerableCheckpointFailureNumber(1_000);
    job(env, {
      sink: <T>(prefix = 'part') =>
        new FileSink<T>({ directory: OUTPUT_DIRECTORY, format: jsonLines<T>(), prefix }),
    });
    return env.getJobGraph('directed test');
  }
}

function openBackendOf(backend: BackendName | StateBackend | OpenBackend): OpenBackend {
  if (typeof backend === 'string') return openBackend(backend);
  if (typeof backend === 'function') return backend;
  return inDirectory(() => backend, { hasLocalDisks: true });
}

export type { Address };
