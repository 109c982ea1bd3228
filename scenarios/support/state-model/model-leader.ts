// The JobManager of the model's job in one of its lives: the engine's own recovery, checkpoint
// coordinator and state assignment, with the tasks that it deploys. Messages between the hosts take
// some time and are not lost.

import type {
  CheckpointStorageAccess,
  CheckpointStorageContext,
} from '../../../engine/checkpoint/checkpoint-storage.ts';
import type { CompletedCheckpoint } from '../../../engine/checkpoint/completed-checkpoint.ts';
import { assignState } from '../../../engine/checkpoint/state-assignment.ts';
import { checkpointStorageAt } from '../../../engine/checkpoint/storage-at.ts';
import { verifyCheckpoint } from '../../../engine/checkpoint/verify-checkpoint.ts';
import { assert, InvariantViolation, present } from '../../../engine/core/assert.ts';
import {
  type CheckpointId,
  checkpointId,
  type ExecutionAttemptId,
} from '../../../engine/core/ids.ts';
import type { JobGraph } from '../../../engine/graph/job-graph.ts';
import { deploymentOf } from '../../../engine/runtime/job/deployment.ts';
import {
  ExecutionGraph,
  type ExecutionVertex,
} from '../../../engine/runtime/job/execution-graph.ts';
import { JobCheckpoints } from '../../../engine/runtime/job/job-checkpoints.ts';
import { type Recovered, recoverJob } from '../../../engine/runtime/job/job-recovery.ts';
import { JobStore } from '../../../engine/runtime/job/job-store.ts';
import type { TaskDeployment, ToTask } from '../../../engine/runtime/messages.ts';
import type { EngineEvent } from '../../../engine/runtime/observer.ts';
import { JOB_MANAGER } from '../../cluster/hosts.ts';
import { STORE_DIRECTORY } from '../../cluster/places.ts';
import { type HostLife, type ModelStage, TASK_MANAGERS } from './model-stage.ts';
import { isPassing, ModelTask } from './model-task.ts';

export interface LeaderOptions {
  readonly stage: ModelStage;
  readonly graph: JobGraph;
  readonly nowMs: () => number;
  readonly observe: (event: EngineEvent) => void;
  /** A task is about to be asked for its part. */
  readonly triggered: (checkpoint: CheckpointId) => void;
  /** A task has written its part, and the leader knows. */
  readonly answered: () => void;
}

type Ready = Extract<Recovered, { readonly kind: 'ready' }>;

const RETRY_MS = 250;
const ATTEMPTS_MAX = 2_000;
/** Of a message between hosts. */
const LATENCY_MS = 3;

export class ModelLeader {
  readonly checkpoints: JobCheckpoints;
  readonly #options: LeaderOptions;
  readonly #life: HostLife;
  readonly #access: CheckpointStorageAccess;
  readonly #recovered: Ready;
  readonly #graph: ExecutionGraph;
  #tasks = new Map<ExecutionAttemptId, ModelTask>();
  /** What made a task fail since the last deployment. */
  #failure: unknown;

  private constructor(options: LeaderOptions, life: HostLife, recovered: Ready) {
    const { stage, graph } = options;
    this.#options = options;
    this.#life = life;
    this.#recovered = recovered;
    this.#graph = new ExecutionGraph(graph);
    this.#access = openStorage(stage, graph, life);
    this.checkpoints = this.#createCheckpoints();
    for (const checkpoint of recovered.checkpoints) {
      this.checkpoints.coordinator.addRestored(checkpoint, recovered.claimed);
    }
  }

  /** Finds the checkpoint to go on from; deploys nothing. */
  static async recover(options: LeaderOptions): Promise<ModelLeader> {
    const { stage, graph } = options;
    const life = stage.lifeOf(JOB_MANAGER);
    const { coordinator, worker } = openStorage(stage, graph, life);
    const recovered = await untilDone(stage, life, () =>
      recoverJob({
        graph,
        store: storeOf(graph, life),
        storage: coordinator,
        settings: {},
        read: (handle) => worker.read(handle),
      }),
    );
    assert(recovered.kind === 'ready', 'Cannot lead a job that has ended');
    const leader = new ModelLeader(options, life, recovered);
    leader.#sweep();
    return leader;
  }

  /** By index; empty before they are deployed. */
  get tasks(): readonly ModelTask[] {
    return [...this.#tasks.values()];
  }

  get failure(): unknown {
    return this.#failure;
  }

  /** Runs it as a step of the JobManager. */
  run(action: () => void): Promise<void> {
    return this.#options.stage.perform(this.#life, async () => action());
  }

  /** All tasks from the newest checkpoint, which is returned. */
  async deploy(): Promise<CompletedCheckpoint | undefined> {
    const { stage, graph } = this.#options;
    let isSettled = false;
    await this.run(() => {
      this.checkpoints.whenSettled(() => {
        isSettled = true;
      });
    });
    await stage.until('all checkpoints are settled', () => isSettled);
    const latest = this.checkpoints.coordinator.latestCompleted;
    const assignment = assignState(graph, latest?.metadata, { allowNonRestoredState: false });
    const { leaderEpoch } = this.#recovered;
    for (let attempt = 1; ; attempt++) {
      this.#failure = undefined;
      for (const subtask of this.#graph.vertices)
        subtask.startAttempt(hostOf(subtask), leaderEpoch);
      const deployments = this.#graph.vertices.map((subtask) =>
        deploymentOf(this.#graph, subtask, {
          leaderEpoch,
          restore: assignment.restoreOf(subtask.vertex.id, subtask.subtask),
        }),
      );
      const failures = await this.#restore(deployments);
      if (failures.length === 0) break;
      const failure = failures.find((cause) => !isPassing(cause));
      if (failure !== undefined || attempt === ATTEMPTS_MAX) throw failure ?? failures[0];
      await this.cancelTasks();
      await stage.pass(RETRY_MS);
    }
    for (const { current } of this.#graph.vertices) if (current) current.state = 'running';
    return latest;
  }

  /** As after a failure of a task: what is under way is aborted first. */
  async cancelTasks(): Promise<void> {
    await this.run(() => this.checkpoints.coordinator.stopScheduler('job-failover-region'));
    for (const { current } of this.#graph.vertices) if (current) current.state = 'canceled';
    const { stage } = this.#options;
    for (const task of this.tasks) {
      const isAlive = stage.lifeOf(task.life.host) === task.life;
      if (isAlive) await stage.perform(task.life, () => task.cancel());
    }
    this.#tasks = new Map();
  }

  /**
   * What is wrong with artefacts of checkpoints that are retained, before and after reading them.
   */
  async problems(): Promise<readonly string[]> {
    const { stage } = this.#options;
    const { coordinator } = this.checkpoints;
    const problems: string[] = [];
    for (const checkpoint of coordinator.retained()) {
      const found = await untilDone(stage, this.#life, () =>
        verifyCheckpoint(checkpoint.metadata, (handle) => this.#access.worker.read(handle)),
      );
      if (!coordinator.retained().includes(checkpoint)) continue;
      problems.push(...found.map(({ place, problem }) => `${place}: ${problem}`));
    }
    return problems;
  }

  async #restore(deployments: readonly TaskDeployment[]): Promise<readonly unknown[]> {
    const { stage, graph, nowMs } = this.#options;
    const failures: unknown[] = [];
    let outstanding = deployments.length;
    const tasks = new Map<ExecutionAttemptId, ModelTask>();
    for (const deployment of deployments) {
      const { attempt, subtask } = deployment;
      const life = stage.lifeOf(hostOfSubtask(subtask));
      const restore = (): Promise<ModelTask> =>
        ModelTask.restore({
          life,
          graph,
          deployment,
          storage: openStorage(stage, graph, life).worker,
          nowMs,
          triggered: this.#options.triggered,
          acknowledge: (checkpoint, snapshot) =>
            this.#tell(() => {
              this.checkpoints.coordinator.acknowledge(attempt, checkpoint, snapshot);
              this.#options.answered();
            }),
          decline: (checkpoint, reason) =>
            this.#tell(() => this.checkpoints.coordinator.decline(attempt, checkpoint, reason)),
          fail: (cause) => {
            this.#failure ??= cause;
          },
        });
      stage.io(life, restore, (outcome) => {
        outstanding--;
        if (outcome.kind === 'done') tasks.set(attempt, outcome.value);
        else failures.push(outcome.cause);
      });
    }
    await stage.until('all tasks are restored', () => outstanding === 0);
    this.#tasks = new Map(
      deployments.flatMap(({ attempt }) => {
        const task = tasks.get(attempt);
        return task === undefined ? [] : [[attempt, task] as const];
      }),
    );
    return failures;
  }

  /** From a task. */
  #tell(run: () => void): void {
    this.#options.stage.post(this.#life, LATENCY_MS, run);
  }

  #send(attempt: ExecutionAttemptId, message: ToTask): void {
    const task = this.#tasks.get(attempt);
    if (task !== undefined) {
      this.#options.stage.post(task.life, LATENCY_MS, () => task.receive(message));
    }
  }

  #createCheckpoints(): JobCheckpoints {
    const { stage, graph, observe } = this.#options;
    const { environment } = this.#life;
    return new JobCheckpoints({
      config: present(graph.checkpoints, 'Cannot lead a job without checkpoints'),
      graph: this.#graph,
      storage: this.#access.coordinator,
      store: storeOf(graph, this.#life),
      sources: [],
      observer: { observe, stateDigests: false },
      clock: environment.clock,
      random: environment.random.fork('checkpoints'),
      idFloor: this.#recovered.checkpointIdFloor,
      send: (attempt, message) => this.#send(attempt, message),
      io: (operation, done) => stage.io(this.#life, operation, done),
      schedule: (delayMs, run) => stage.post(this.#life, delayMs, run),
      failJob: (cause) => {
        throw new InvariantViolation(`Cannot fail the job for its checkpoints: ${cause}`);
      },
    });
  }

  // As a JobMaster does: what an earlier leader began has no owner any more.
  #sweep(): void {
    const { stage, graph } = this.#options;
    const { coordinator } = this.checkpoints;
    const retained = coordinator.retained().map(({ id }) => id);
    const shared = coordinator.sharedPaths();
    const begun = checkpointId(Math.max(this.#recovered.checkpointIdFloor, ...retained));
    if (begun === 0) return;
    const sweep = (): Promise<void> =>
      this.#access.coordinator.sweep(graph.id, retained, shared, begun);
    stage.io(this.#life, sweep, () => undefined);
  }
}

/** Again and again while it fails for a reason that passes. */
async function untilDone<T>(
  stage: ModelStage,
  life: HostLife,
  operation: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await stage.attempt(life, operation);
    if (outcome.kind === 'done') return outcome.value;
    if (!isPassing(outcome.cause) || attempt === ATTEMPTS_MAX) throw outcome.cause;
    await stage.pass(RETRY_MS);
  }
}

function hostOf({ subtask }: ExecutionVertex): HostLife['host'] {
  return hostOfSubtask(subtask);
}

function hostOfSubtask(subtask: number): HostLife['host'] {
  const host = TASK_MANAGERS[subtask % TASK_MANAGERS.length];
  return present(host, 'Cannot place a subtask');
}

function storeOf({ id }: JobGraph, { environment }: HostLife): JobStore {
  return new JobStore(environment.filesystem, `${STORE_DIRECTORY}/${id}`);
}

/** As every host of a cluster opens it. */
function openStorage(
  { profile }: ModelStage,
  { id, stateBackend, checkpoints }: JobGraph,
  { environment }: HostLife,
): CheckpointStorageAccess {
  const named = stateBackend.ownsStorage === true ? undefined : profile.checkpointStorage;
  const place = present(named ?? stateBackend.checkpointStorage, 'The backend has no storage');
  const context: CheckpointStorageContext = {
    environment,
    job: id,
    storeDirectory: STORE_DIRECTORY,
    dataInlineThresholdBytes: checkpoints?.dataInlineThresholdBytes ?? 0,
  };
  return checkpointStorageAt(place, (path) => path).open(context);
}
