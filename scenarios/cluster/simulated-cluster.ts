// A whole cluster in a simulated world: one JobManager, some TaskManagers, one shared volume such
// as a distributed file system gives. Runs the engine's own code on every host and watches it from
// outside.

import type { SnapshotClients } from '../../engine/checkpoint/restore-place.ts';
import type { Environment } from '../../engine/environment/environment.ts';
import type { Address } from '../../engine/environment/network.ts';
import type { JobGraph } from '../../engine/graph/job-graph.ts';
import {
  type ClusterConfig,
  createActorSystem,
  type JobManagerSetup,
  startContender,
  startJobManager,
  startTaskManager,
} from '../../engine/runtime/cluster.ts';
import type { JobManager } from '../../engine/runtime/job-manager.ts';
import type { JobMaster } from '../../engine/runtime/job/job-master.ts';
import type { JobRestoreSettings } from '../../engine/runtime/job/job-recovery.ts';
import type { ActorSystem } from '../../engine/runtime/actor/actor-system.ts';
import { JOB_MANAGER_NAME } from '../../engine/runtime/messages.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { StateBackend } from '../../engine/state/state-backend.ts';
import { SimulatedDisk, type World } from '../../simulator/index.ts';
import type { JobEnd, TimedEvent } from '../checkers/checker.ts';
import type { JobStart } from '../checkers/observations.ts';
import type { ScenarioCluster } from '../scenario.ts';
import type { BackendProfile, OpenBackend } from './backends/backend-profile.ts';
import { localDirectoryOf } from './backends/local-disk.ts';
import type { LiveStates } from './live-states.ts';
import { JOB_MANAGER, jobManagersOf, taskManagersOf } from './hosts.ts';
import { isFinished, OUTPUT_DIRECTORY, STORE_DIRECTORY } from './places.ts';
import { RunWatch } from './run-watch.ts';
import { TasksSeen } from './tasks-seen.ts';
import { gatherEvidence, type SeenProcess } from '../stall/gather-evidence.ts';
import { explainStall } from '../stall/explain-stall.ts';

/** Quick enough for failures to be noticed within a simulated second or two. */
const HEARTBEAT = { intervalMs: 300, timeoutMs: 1_500 };
const ELECTION = { leaseDurationMs: 1_500, renewDeadlineMs: 1_000, retryPeriodMs: 250 };
const TRANSPORT = { retransmissionMsMax: 500, lostAfterMs: 5_000 };

export interface SimulatedClusterOptions {
  readonly world: World;
  readonly cluster: ScenarioCluster;
  readonly backend: OpenBackend;
  /** The job at a parallelism. Called for every attempt of every task. */
  readonly program: (parallelism: number, backend: StateBackend) => JobGraph;
  /** Where a job without a checkpoint of its own starts from. */
  readonly restore?: () => JobRestoreSettings;
  /** Of the storage that it starts from, where that is another. */
  readonly snapshotClients?: () => SnapshotClients;
  /** Instead of submitting the job again, as an operator would. */
  readonly onSuspended?: () => void;
  /** The job was canceled; without it that is its end. */
  readonly onCanceled?: () => void;
  /** A JobManager boots. */
  readonly onLeader?: () => void;
  /** Told of keyed states, for whoever looks at them. */
  readonly states?: LiveStates;
}

interface Contender {
  readonly system: ActorSystem;
  /** Its JobManager is undefined while another one leads. */
  readonly process: { readonly jobManager: JobManager | undefined };
}

export class SimulatedCluster {
  readonly disk: SimulatedDisk;
  readonly profile: BackendProfile;
  readonly events: TimedEvent[] = [];
  readonly tasks = new TasksSeen(() => this.#leader?.process.jobManager?.master);
  /** That took the place of the first. */
  readonly laterJobs: JobStart[] = [];
  readonly watch: RunWatch;
  readonly #options: SimulatedClusterOptions;
  readonly #config: Omit<ClusterConfig, 'checkpointStorage' | 'observer'>;
  #parallelism: number;
  #end: JobEnd | undefined;
  #completedUpTo = 0;
  #parallelismAfterStop: number | undefined;
  #hasSavepoint = false;
  /** Of the last process that booted on each host. */
  readonly #processes = new Map<Address, SeenProcess>();
  #latestCheckpoint: string | undefined;
  /** Of each host that may lead, its newest process. */
  readonly #contenders = new Map<string, Contender>();
  #leader: Contender | undefined;

  constructor(options: SimulatedClusterOptions) {
    const { world, cluster } = options;
    this.#options = options;
    this.#parallelism = cluster.parallelism;
    this.disk = new SimulatedDisk({ random: world.random.fork('disk') });
    this.profile = options.backend({ world, disk: this.disk, job: () => this.#program().id });
    this.watch = new RunWatch({
      now: () => world.nowMs,
      disk: this.disk,
      unguarded: (work) => world.unguarded(work),
      isRemote: this.profile.services.length > 0,
      isContended: this.jobManagers.length > 1,
    });
    this.#config = {
      storeDirectory: STORE_DIRECTORY,
      heartbeat: HEARTBEAT,
      transport: TRANSPORT,
      mailsPerTurn: 1,
    };
  }

  get taskManagers(): readonly Address[] {
    const { taskManagers } = this.#options.cluster;
    return taskManagersOf(taskManagers);
  }

  get hosts(): readonly Address[] {
    return [...this.jobManagers, ...this.taskManagers];
  }

  get jobManagers(): readonly Address[] {
    return jobManagersOf(this.#options.cluster);
  }

  /** Calls `use` with the present leader's job, as a mail of the JobManager. */
  withMaster(use: (master: JobMaster) => void): void {
    this.#leader?.system.post(JOB_MANAGER_NAME, {
      kind: 'call',
      run: () => {
        const master = this.#leader?.process.jobManager?.master;
        if (master !== undefined) use(master);
      },
    });
  }

  get end(): JobEnd | undefined {
    return this.#end;
  }

  start(): void {
    const { world } = this.#options;
    const disk = this.disk;
    for (const host of this.jobManagers) {
      const boot = (environment: Environment): void => this.#bootJobManager(host, environment);
      world.addHost(host, { disk, boot });
    }
    for (const host of this.taskManagers) {
      const boot = (environment: Environment): void => this.#bootTaskManager(host, environment);
      world.addHost(host, { disk, boot });
    }
  }

  /** Stops the job with a savepoint; the next JobManager plans it with another parallelism. */
  rescaleBySavepoint(parallelism: number): void {
    const leader = this.#leader;
    if (leader === undefined || this.#end !== undefined) return;
    this.#parallelismAfterStop = parallelism;
    leader.system.post(JOB_MANAGER_NAME, {
      kind: 'call',
      run: () => leader.process.jobManager?.master?.suspend(this.profile.savepointDirectory),
    });
  }

  /** As a user would, who does not wait for it; it may fail, and the job goes on in any case. */
  takeSavepoint(): void {
    const { savepointDirectory: target } = this.profile;
    this.withMaster((master) => {
      master.triggerCheckpoint({ kind: 'savepoint', target, stop: 'no' }, () => undefined);
    });
  }

  /** Once it is complete the job is suspended, and submitted again; if it fails the job goes on. */
  stopWithSavepoint(): void {
    const { savepointDirectory: target } = this.profile;
    this.withMaster((master) => {
      master.stopWithSavepoint({ target, stop: 'suspend' }, () => undefined);
    });
  }

  /** The JobManager's process dies; the next one plans the job with another parallelism. */
  rescaleByFailover(parallelism: number): void {
    const { world } = this.#options;
    this.#parallelism = parallelism;
    for (const host of this.jobManagers) {
      if (world.stateOf(host) === 'down') continue;
      if (world.stateOf(host) === 'paused') world.wake(host);
      world.crash(host);
      world.restart(host);
    }
  }

  /** Where the one runs that was the leader last. */
  get #leaderHost(): Address {
    return this.#leader?.system.host ?? JOB_MANAGER;
  }

  /** A JobManager is up and knows the job. */
  get canBeAsked(): boolean {
    const isUp = this.#options.world.stateOf(this.#leaderHost) === 'up';
    return isUp && this.#leader?.process.jobManager?.master !== undefined;
  }

  /** Where the newest checkpoint lies that the job has completed or restored. */
  get latestCheckpoint(): string | undefined {
    return this.#latestCheckpoint;
  }

  /** Learns from the present leader which checkpoint is the newest. */
  lookAtCheckpoints(): void {
    const checkpoints = this.#leader?.process.jobManager?.master?.checkpoints;
    const latest = checkpoints?.coordinator.latestCompleted;
    if (latest !== undefined) this.#latestCheckpoint = latest.pointer;
  }

  /** Another job begins: processes of the one before it are killed wherever they are. */
  submitAnew({ replaced, isOtherVersion }: Pick<JobStart, 'replaced' | 'isOtherVersion'>): void {
    const { world } = this.#options;
    const job = this.#program().id;
    this.#latestCheckpoint = undefined;
    this.watch.look();
    this.laterJobs.push({
      job,
      replaced,
      timeMs: world.nowMs,
      events: this.events.length,
      storage: this.watch.storage.length,
      output: this.watch.output.length,
      unfinished: this.pathsBelow(OUTPUT_DIRECTORY).filter((path) => !isFinished(path)),
      isOtherVersion,
    });
    this.watch.beginJob(job);
    for (const host of this.hosts) {
      if (world.stateOf(host) === 'paused') world.wake(host);
      // One that is down will boot for the new job.
      if (world.stateOf(host) !== 'up') continue;
      world.kill(host);
      world.restart(host);
    }
  }

  /** As an operator would: once the job is suspended, submit it again. */
  submitAgain(parallelism = this.#parallelism): void {
    this.#parallelismAfterStop = parallelism;
    this.#startAgain();
  }

  #bootJobManager(host: Address, environment: Environment): void {
    this.#options.onLeader?.();
    const config = this.#configNow(host);
    const system = createActorSystem(environment, config);
    const setup: JobManagerSetup = {
      graph: this.#program(),
      restore: this.#options.restore?.() ?? {},
      onEnd: (result, cause) => {
        if (result.state === 'suspended') return this.#suspended();
        const { onCanceled } = this.#options;
        if (result.state === 'canceled' && onCanceled !== undefined) return onCanceled();
        this.#end =
          result.state === 'failed'
            ? { kind: 'failed', cause: result.cause ?? '', code: cause?.code }
            : { kind: 'finished' };
      },
    };
    if (this.jobManagers.length === 1) {
      this.#leader = { system, process: { jobManager: startJobManager(system, config, setup) } };
    } else {
      const { renewDeadlineMs = ELECTION.renewDeadlineMs } = this.#options.cluster;
      const highAvailability = { ...ELECTION, renewDeadlineMs };
      const process = startContender(system, { ...config, highAvailability }, setup);
      this.#contenders.set(host, { system, process });
    }
    this.#processes.set(host, { system });
  }

  #bootTaskManager(host: Address, environment: Environment): void {
    const { hasLocalDisks } = this.profile;
    const config = {
      ...this.#configNow(host),
      ...(hasLocalDisks ? { localDirectory: localDirectoryOf(host) } : {}),
    };
    const system = createActorSystem(environment, config);
    const taskManager = startTaskManager(system, config, {
      slots: this.#options.cluster.slots,
      jobManager: JOB_MANAGER,
      standbys: this.jobManagers.slice(1),
      program: () => this.#program(host),
    });
    this.#processes.set(host, { system, taskManager });
  }

  /** Of the job that was submitted last, for the process that boots there now. */
  #configNow(host: Address): ClusterConfig {
    const clients = this.#options.snapshotClients?.();
    const { checkpointStorage } = this.profile;
    const boot = this.#options.world.bootCountOf(host);
    return {
      ...this.#config,
      observer: { observe: (event) => this.#observe({ event, host, boot }), stateDigests: true },
      checkpointStorage: checkpointStorage && this.watch.watchStorage(checkpointStorage),
      ...(clients === undefined ? {} : { savepointClients: clients }),
    };
  }

  /** As its tasks on a host run it, if one is named. */
  #program(host?: Address): JobGraph {
    const { states, program } = this.#options;
    const backend = this.watch.watchBackend(this.profile.stateBackend());
    const isSeen = host !== undefined && states !== undefined;
    return program(this.#parallelism, isSeen ? states.watch(backend, host) : backend);
  }

  #suspended(): void {
    const { onSuspended } = this.#options;
    if (onSuspended === undefined) this.#startAgain();
    else onSuspended();
  }

  // As an operator would: once the job is suspended, submit it again.
  #startAgain(): void {
    const { world } = this.#options;
    // Only now, and only with a savepoint: in-flight data is bound to its parallelism.
    if (this.#hasSavepoint) this.#parallelism = this.#parallelismAfterStop ?? this.#parallelism;
    this.#parallelismAfterStop = undefined;
    world.at(world.nowMs, 'submit the job again', () => {
      for (const host of this.jobManagers) {
        if (world.stateOf(host) !== 'up') continue;
        world.kill(host);
        world.restart(host);
      }
    });
  }

  #observe({ event, ...process }: Omit<TimedEvent, 'timeMs'>): void {
    const { world } = this.#options;
    this.watch.before(event);
    this.events.push({ timeMs: world.nowMs, event, ...process });
    if (event.kind === 'checkpoint-completed' || event.kind === 'job-restoring') {
      this.#completedUpTo = Math.max(this.#completedUpTo, event.checkpoint ?? 0);
    }
    if (event.kind === 'leader-elected') this.#follow(process.host);
    if (event.kind === 'checkpoint-completed') this.#hasSavepoint = event.savepoint;
    if (event.kind === 'checkpoint-completed' || event.kind === 'job-restoring') {
      this.lookAtCheckpoints();
    }
    world.note(describe(event));
    world.mark(event.kind);
  }

  #follow(host: string | undefined): void {
    const contender = host === undefined ? undefined : this.#contenders.get(host);
    if (contender !== undefined) this.#leader = contender;
  }

  /** Of the disk that a host writes to. */
  diskOf(host: Address): SimulatedDisk {
    return this.profile.services.find(({ address: at }) => at === host)?.disk ?? this.disk;
  }

  /** The newest checkpoint that has completed so far; 0 if none. Restoring one confirms it. */
  completedUpTo(): number {
    return this.#completedUpTo;
  }

  /** What the cluster was doing last, for a run that does not end. */
  explain(): string {
    const last = this.events
      .slice(-5)
      .map(({ timeMs, event }) => `${timeMs} ms ${describe(event)}`);
    return `last events: ${last.join('; ')}`;
  }

  /** Who waits for whom, a line each, for a run that does not end. */
  explainStall(): readonly string[] {
    const { world } = this.#options;
    const isLed = world.stateOf(this.#leaderHost) !== 'down';
    const leader = isLed ? this.#leader?.process.jobManager?.status() : undefined;
    const evidence = gatherEvidence({
      world,
      hosts: this.hosts,
      jobManager: this.#leaderHost,
      leader,
      processes: this.#processes,
    });
    return explainStall(evidence, this.events);
  }

  pathsBelow(prefix: string): readonly string[] {
    return this.disk.listAll(prefix);
  }
}

function describe(event: EngineEvent): string {
  const { kind, ...details } = event;
  const text = Object.values(details).map((value: unknown) =>
    Array.isArray(value) ? value.length : value,
  );
  return `${kind} ${text.join(' ')}`;
}
