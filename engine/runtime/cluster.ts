// Puts the processes of a cluster together: what runs on the JobManager's host, what on a
// TaskManager's. The same for all run modes; they differ in the Environment alone.

import { withForeignSavepoints } from '../checkpoint/foreign-savepoints.ts';
import type { SnapshotClients } from '../checkpoint/restore-place.ts';
import { checkpointStorageAt } from '../checkpoint/storage-at.ts';
import type {
  CheckpointStorage,
  CheckpointStorageAccess,
} from '../checkpoint/checkpoint-storage.ts';
import { present } from '../core/assert.ts';
import { OnceproofError } from '../core/errors.ts';
import type { Environment } from '../environment/environment.ts';
import type { Address } from '../environment/network.ts';
import { DEFAULT_CHECKPOINT_CONFIG } from '../graph/checkpoint-config.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { ActorSystem } from './actor/actor-system.ts';
import type { JobRestoreSettings } from './job/job-recovery.ts';
import { type JobResult, JobStore } from './job/job-store.ts';
import {
  DEFAULT_HEARTBEAT,
  type HeartbeatConfig,
  JobManager,
  type JobManagerOptions,
} from './job-manager.ts';
import { JobManagerContender } from './leadership/job-manager-contender.ts';
import {
  DEFAULT_LEADER_ELECTION,
  type LeaderElectionConfig,
} from './leadership/leader-election.ts';
import type { FailureCause } from './messages.ts';
import { NO_OBSERVER, type Observer } from './observer.ts';
import { TaskManager } from './task-manager.ts';
import type { TransportConfig } from './transport/transport-config.ts';

export interface ClusterConfig {
  /** Of storages other than the job's own that it may start from. */
  readonly savepointClients?: SnapshotClients;
  /** Where checkpoints go; undefined where the backend brings its own. */
  readonly checkpointStorage: CheckpointStorage | undefined;
  /**
   * The JobManager's own: leader epoch, job result and, for `memory`, checkpoints. Undefined: these
   * are kept in memory and die with the process.
   */
  readonly storeDirectory: string | undefined;
  /**
   * On each host's own disk, for backends that work there; for one TaskManager alone. What is in it
   * is removed when the TaskManager starts. Flink's io.tmp.dirs.
   */
  readonly localDirectory?: string;
  /** Of several JobManagers that contend for the job, all with the same `storeDirectory`. */
  readonly highAvailability?: LeaderElectionConfig;
  readonly heartbeat?: HeartbeatConfig;
  /** Flink's slot.request.timeout: 5 minutes. */
  readonly slotRequestTimeoutMs?: number;
  readonly transport?: Partial<TransportConfig>;
  readonly mailsPerTurn?: number;
  readonly observer?: Observer;
}

const SLOT_REQUEST_TIMEOUT_MS = 300_000;

export function createActorSystem(environment: Environment, config: ClusterConfig): ActorSystem {
  return new ActorSystem({
    environment,
    ...(config.mailsPerTurn === undefined ? {} : { mailsPerTurn: config.mailsPerTurn }),
    ...(config.transport === undefined ? {} : { transport: config.transport }),
  });
}

export interface JobManagerSetup {
  readonly graph: JobGraph;
  readonly restore?: JobRestoreSettings;
  readonly onEnd: (result: JobResult, cause: FailureCause | undefined) => void;
}

export function startJobManager(
  system: ActorSystem,
  config: ClusterConfig,
  setup: JobManagerSetup,
): JobManager {
  const store = jobStoreOf(system.environment, config, setup.graph);
  const jobManager = new JobManager({
    ...jobManagerOptions(system, config, setup),
    system,
    store,
  });
  jobManager.start();
  return jobManager;
}

/** The same with others that may lead instead: needs `storeDirectory`. */
export function startContender(
  system: ActorSystem,
  config: ClusterConfig,
  setup: JobManagerSetup,
): JobManagerContender {
  const { storeDirectory, highAvailability = DEFAULT_LEADER_ELECTION } = config;
  const store = present(storeDirectory, 'Cannot contend for a job without a store');
  const contender = new JobManagerContender({
    system,
    directory: `${store}/${setup.graph.id}`,
    election: highAvailability,
    jobManager: jobManagerOptions(system, config, setup),
  });
  contender.start();
  return contender;
}

function jobManagerOptions(
  { environment }: ActorSystem,
  config: ClusterConfig,
  { graph, restore = {}, onEnd }: JobManagerSetup,
): Omit<JobManagerOptions, 'system' | 'store'> {
  const { coordinator, worker } = storagesFor(environment, config, graph);
  return {
    graph,
    storage: coordinator,
    read: (handle) => worker.read(handle),
    restore,
    heartbeat: config.heartbeat ?? DEFAULT_HEARTBEAT,
    slotRequestTimeoutMs: config.slotRequestTimeoutMs ?? SLOT_REQUEST_TIMEOUT_MS,
    observer: config.observer ?? NO_OBSERVER,
    onEnd,
  };
}

export function jobStoreOf(
  { filesystem }: Environment,
  { storeDirectory }: ClusterConfig,
  { id }: JobGraph,
): JobStore {
  return new JobStore(
    filesystem,
    storeDirectory === undefined ? undefined : `${storeDirectory}/${id}`,
  );
}

export interface TaskManagerSetup {
  readonly slots: number;
  readonly jobManager: Address;
  /** Others that may lead instead. */
  readonly standbys?: readonly Address[];
  /** Builds the job anew for every attempt, so that attempts share no user objects. */
  readonly program: () => JobGraph;
}

export function startTaskManager(
  system: ActorSystem,
  config: ClusterConfig,
  setup: TaskManagerSetup,
): TaskManager {
  const { worker } = storagesFor(system.environment, config, setup.program());
  const heartbeat = config.heartbeat ?? DEFAULT_HEARTBEAT;
  const taskManager = new TaskManager({
    system,
    ...setup,
    storage: worker,
    observer: config.observer ?? NO_OBSERVER,
    heartbeatIntervalMs: heartbeat.intervalMs,
    localDirectory: config.localDirectory,
  });
  taskManager.start();
  return taskManager;
}

/** A backend that brings its own storage keeps it unless the job names another. */
function storagesFor(
  environment: Environment,
  config: ClusterConfig,
  graph: JobGraph,
): CheckpointStorageAccess {
  const { stateBackend, checkpoints } = graph;
  const named = stateBackend.ownsStorage === true ? undefined : config.checkpointStorage;
  const place = named ?? stateBackend.checkpointStorage;
  if (place === undefined) throw noStorage(stateBackend.name);
  const storage = checkpointStorageAt(place, (path) => path);
  const { dataInlineThresholdBytes } = checkpoints ?? DEFAULT_CHECKPOINT_CONFIG;
  const context = {
    environment,
    job: graph.id,
    storeDirectory: config.storeDirectory,
    dataInlineThresholdBytes,
  };
  return withForeignSavepoints({
    access: storage.open(context),
    context,
    clients: {
      ...(storage.encryption === undefined ? {} : { encryption: storage.encryption }),
      ...config.savepointClients,
    },
  });
}

function noStorage(name: string): OnceproofError {
  return new OnceproofError('OP-E304', `State backend "${name}" needs a checkpoint storage`, {
    place: 'execution.checkpointing.dir',
    remedy: 'Call env.setCheckpointStorage() with a directory or a URL',
  });
}
