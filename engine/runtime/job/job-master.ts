// One job under one leader: ties scheduler, checkpoints and sources together. Each decides on its
// own; here is what one's decision means for the others.

import { present, unreachable } from '../../core/assert.ts';
import type { ExecutionAttemptId } from '../../core/ids.ts';
import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { CheckpointTrigger } from '../../checkpoint/checkpoint-coordinator.ts';
import type { CheckpointOutcome } from '../../checkpoint/checkpoint-effects.ts';
import type { CompletedCheckpoint } from '../../checkpoint/completed-checkpoint.ts';
import {
  adoptMaxParallelism,
  assignState,
  type StateAssignment,
} from '../../checkpoint/state-assignment.ts';
import type { Clock, Timer } from '../../environment/clock.ts';
import type { Address } from '../../environment/network.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { ActorSystem, Outcome } from '../actor/actor-system.ts';
import { failureCauseOf } from '../failure-cause.ts';
import { regionOf } from '../failover/regions.ts';
import {
  type FailureCause,
  TASK_MANAGER_NAME,
  type ToJobManager,
  type ToTask,
} from '../messages.ts';
import type { Observer } from '../observer.ts';
import { createRestartStrategy } from '../restart/restart-strategy.ts';
import { deploymentOf } from './deployment.ts';
import { type Execution, ExecutionGraph, type ExecutionVertex } from './execution-graph.ts';
import { JobCheckpoints } from './job-checkpoints.ts';
import { JobEnding } from './job-ending.ts';
import type { Recovered } from './job-recovery.ts';
import { JobScheduler, type SchedulerEffects } from './job-scheduler.ts';
import { JobSources } from './job-sources.ts';
import { JobStop, type StopRequest } from './job-stop.ts';
import type { JobResult, JobStore } from './job-store.ts';
import type { JobStatus } from '../status.ts';
import type { SlotPool } from './slot-pool.ts';

export interface JobMasterOptions {
  readonly system: ActorSystem;
  readonly graph: JobGraph;
  readonly storage: CheckpointCoordinatorStorage;
  readonly store: JobStore;
  readonly slots: SlotPool;
  readonly observer: Observer;
  readonly recovered: Extract<Recovered, { kind: 'ready' }>;
  readonly allowNonRestoredState: boolean;
  readonly slotRequestTimeoutMs: number;
  readonly io: <T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void) => void;
  readonly schedule: (delayMs: number, run: () => void) => Timer;
  /** As a mail of its own. */
  readonly post: (run: () => void) => void;
  readonly onEnd: (result: JobResult, cause: FailureCause | undefined) => void;
}

type ToMaster = Exclude<
  ToJobManager,
  { kind: 'call' | 'register-task-manager' | 'task-manager-heartbeat' }
>;

const LEADER_RETRY_MS = 100;

export class JobMaster implements SchedulerEffects {
  readonly graph: ExecutionGraph;
  readonly checkpoints: JobCheckpoints | undefined;
  readonly #options: JobMasterOptions;
  readonly #scheduler: JobScheduler;
  readonly #sources: JobSources;
  readonly #stop: JobStop;
  readonly #ending: JobEnding;

  constructor(options: JobMasterOptions) {
    this.#options = options;
    const { graph, slots, recovered, slotRequestTimeoutMs, system } = options;
    const restored = recovered.checkpoints.at(-1)?.metadata;
    this.graph = new ExecutionGraph(adoptMaxParallelism(graph, restored));
    this.#sources = this.#createSources();
    this.checkpoints = this.#createCheckpoints();
    const coordinator = this.checkpoints?.coordinator;
    this.#ending = new JobEnding({ ...options, coordinator });
    this.#stop = new JobStop({
      graph: this.graph,
      coordinator,
      cancelJob: () => this.cancelJob(),
      schedule: (delayMs, run) => void options.schedule(delayMs, run),
    });
    const restartStrategy = createRestartStrategy(
      graph.restartStrategy,
      system.environment.clock,
      system.environment.random.fork('restart'),
    );
    this.#scheduler = new JobScheduler({
      graph: this.graph,
      slots,
      restartStrategy,
      effects: this,
      leaderEpoch: recovered.leaderEpoch,
      slotRequestTimeoutMs,
    });
  }

  start(): void {
    this.#scheduler.start();
  }

  receive(message: ToMaster): void {
    const subtask = this.graph.byAttempt(message.attempt);
    switch (message.kind) {
      case 'task-state':
        this.#scheduler.taskStateChanged(message);
        if (message.state === 'finished' && subtask !== undefined) {
          this.checkpoints?.coordinator.taskFinished(message.attempt);
        }
        return;
      case 'acknowledge-checkpoint': {
        const { attempt, checkpoint, snapshot } = message;
        this.checkpoints?.coordinator.acknowledge(attempt, checkpoint, snapshot);
        return;
      }
      case 'decline-checkpoint': {
        const { attempt, checkpoint, reason } = message;
        this.checkpoints?.coordinator.decline(attempt, checkpoint, reason);
        return;
      }
      case 'end-of-data':
        if (subtask !== undefined) this.#stop.endOfData(subtask);
        return;
      case 'reader-registered':
        if (subtask !== undefined) this.#sources.readerRegistered(subtask, message.attempt);
        return;
      case 'split-request':
        if (subtask !== undefined) this.#sources.splitRequested(subtask, message.attempt);
        return;
      default:
        return unreachable(message);
    }
  }

  status(): JobStatus {
    return {
      subtasks: this.graph.vertices.map(({ vertex, subtask, state, current }) => ({
        attempt: current?.attempt,
        name: vertex.name,
        subtask,
        operators: vertex.operators,
        state,
        host: current?.host,
      })),
      scheduler: this.#scheduler.status(),
      checkpoints: this.checkpoints?.coordinator.status(),
      sources: this.#sources.coordinators.map((source) => source.status()),
      ending: this.#ending.stage,
    };
  }

  slotsChanged(): void {
    this.#scheduler.slotsChanged();
  }

  hostLost(host: Address, reason: string): void {
    this.#scheduler.hostLost(host, reason);
  }

  attemptsOn(host: Address): readonly ExecutionAttemptId[] {
    return this.graph.vertices.flatMap(({ current }) =>
      current?.host === host ? [current.attempt] : [],
    );
  }

  /** Stops what would go on by itself; nothing is stored, and nobody is told. */
  abandon(): void {
    this.#sources.close();
  }

  /** The job is over; what it has not committed is gone. */
  cancelJob(): void {
    this.#scheduler.end('cancel', undefined);
  }

  /** Ends the job so that it can be resumed; see JobStop. */
  suspend(
    savepointTarget: string | undefined,
    onSaved?: (checkpoint: CompletedCheckpoint) => void,
  ): void {
    this.#stop.suspend(savepointTarget, onSaved);
  }

  /** A savepoint that ends the job is under way, or complete. */
  get isStopping(): boolean {
    return this.#stop.isStopping;
  }

  /** See JobStop. */
  stopWithSavepoint(request: StopRequest, onOutcome: (outcome: CheckpointOutcome) => void): void {
    this.#stop.stopWithSavepoint(request, onOutcome);
  }

  triggerCheckpoint(
    trigger: CheckpointTrigger,
    onOutcome: (outcome: CheckpointOutcome) => void,
  ): void {
    this.#stop.triggerCheckpoint(trigger, onOutcome);
  }

  deploy(subtasks: readonly ExecutionVertex[]): void {
    const attempts = subtasks.flatMap(({ current }) => (current ? [current.attempt] : []));
    const go = (): void => this.#ifLeading(() => this.#deployFromLatest(subtasks, attempts));
    if (this.checkpoints === undefined) return go();
    // A checkpoint that may be complete has to be known before anything older is restored.
    this.checkpoints.whenSettled(go);
  }

  // One that was replaced and does not know it would restore what it knows to be the latest.
  #ifLeading(run: () => void): void {
    const { store, io, schedule } = this.#options;
    if (!store.isContended) return run();
    io(
      () => store.whileLeading(() => Promise.resolve()),
      (outcome) => {
        if (outcome.kind === 'done') run();
        // Whoever has lost the job is told so by the election.
        else schedule(LEADER_RETRY_MS, () => this.#ifLeading(run));
      },
    );
  }

  cancel(execution: Execution): void {
    const to = { host: execution.host, name: TASK_MANAGER_NAME };
    this.#options.system.send(to, { kind: 'cancel-task', attempt: execution.attempt });
  }

  regionOf(failed: ExecutionVertex): readonly ExecutionVertex[] {
    if (this.graph.graph.failoverStrategy === 'full') return this.graph.vertices;
    return regionOf(this.graph, failed);
  }

  failing(cause: FailureCause): void {
    this.#stop.failing();
    this.#options.observer.observe({
      kind: 'job-failing',
      cause: cause.message,
      code: cause.code,
    });
    this.checkpoints?.coordinator.stopScheduler('job-failover-region');
  }

  restarting(delayMs: number): void {
    this.#options.observer.observe({ kind: 'job-restarting', delayMs });
    this.#stop.restarting();
  }

  running(): void {
    this.#options.observer.observe({ kind: 'job-running' });
    this.checkpoints?.coordinator.startScheduler();
    this.#stop.running();
  }

  schedule(delayMs: number, run: () => void): Timer {
    return this.#options.schedule(delayMs, run);
  }

  now(): number {
    return this.#options.system.environment.clock.now();
  }

  ended(state: 'finished' | 'failed' | 'canceled', cause: FailureCause | undefined): void {
    this.#sources.close();
    if (this.#stop.isSuspending && state !== 'failed') this.#ending.suspend();
    else this.#ending.end(state, cause);
  }

  #deployFromLatest(
    subtasks: readonly ExecutionVertex[],
    attempts: readonly ExecutionAttemptId[],
  ): void {
    // While the storage was asked, some may have been lost; they are deployed again by others.
    const current = subtasks.filter(
      (subtask) => subtask.state === 'deploying' && attempts.includes(attemptOf(subtask)),
    );
    if (current.length === 0) return;
    const latest = this.checkpoints?.coordinator.latestCompleted;
    const assignment = this.#assign(latest);
    if (assignment === undefined) return;
    this.#options.observer.observe({
      kind: 'job-restoring',
      checkpoint: latest?.id,
      attempts: current.map(attemptOf),
    });
    this.checkpoints?.sweep.deploying();
    this.#sources.reset(current, latest?.id, assignment);
    for (const subtask of current) {
      const deployment = deploymentOf(this.graph, subtask, {
        leaderEpoch: this.#options.recovered.leaderEpoch,
        restore: assignment.restoreOf(subtask.vertex.id, subtask.subtask),
      });
      const host = present(subtask.current, 'Cannot deploy without an attempt').host;
      const to = { host, name: TASK_MANAGER_NAME };
      this.#options.system.send(to, { kind: 'deploy-task', deployment });
    }
  }

  #assign(latest: CompletedCheckpoint | undefined): StateAssignment | undefined {
    const { allowNonRestoredState } = this.#options;
    try {
      return assignState(this.graph.graph, latest?.metadata, { allowNonRestoredState });
    } catch (error) {
      const failure = failureCauseOf(error);
      this.#scheduler.end('fail', { ...failure, code: failure.code ?? 'OP-E511' });
      return undefined;
    }
  }

  #createSources(): JobSources {
    const { system, io } = this.#options;
    return new JobSources({
      graph: this.graph,
      environment: system.environment,
      send: (attempt, message) => this.#send(attempt, message),
      io,
      // As a mail: an enumerator may throw in the middle of a deployment.
      failed: (label, cause) => {
        this.#options.post(() => this.#enumeratorFailed(label, cause));
      },
    });
  }

  #enumeratorFailed(label: string, cause: unknown): void {
    const failure = failureCauseOf(cause);
    const message = failure.code === undefined ? `${label}: ${failure.message}` : failure.message;
    this.#scheduler.failAll({ ...failure, message });
  }

  #createCheckpoints(): JobCheckpoints | undefined {
    const { graph, storage, store, system, io, recovered, observer } = this.#options;
    if (graph.checkpoints === undefined) return undefined;
    const checkpoints = new JobCheckpoints({
      config: graph.checkpoints,
      graph: this.graph,
      storage,
      store,
      sources: this.#sources.coordinators,
      observer,
      clock: this.#mailClock(),
      random: system.environment.random.fork('checkpoints'),
      idFloor: recovered.checkpointIdFloor,
      send: (attempt, message) => this.#send(attempt, message),
      io,
      schedule: (delayMs, run) => {
        this.#options.schedule(delayMs, run);
      },
      // As a mail: the coordinator is in the middle of something.
      failJob: (message) => {
        this.#options.post(() => this.#scheduler.failAll({ message, code: undefined }));
      },
    });
    for (const checkpoint of recovered.checkpoints) {
      checkpoints.coordinator.addRestored(checkpoint, recovered.claimed);
    }
    return checkpoints;
  }

  /** The coordinator's timers come back as mails, like everything else. */
  #mailClock(): Clock {
    const { clock } = this.#options.system.environment;
    return {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      schedule: (delayMs, wake) => this.#options.schedule(delayMs, wake),
    };
  }

  #send(attempt: ExecutionAttemptId, message: ToTask): void {
    const host = this.graph.byAttempt(attempt)?.current?.host;
    if (host !== undefined) this.#options.system.send({ host, name: attempt }, message);
  }
}

function attemptOf(subtask: ExecutionVertex): ExecutionAttemptId {
  return present(subtask.current, 'Cannot name an attempt: there is none').attempt;
}
