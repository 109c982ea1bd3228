// One run of one job inside a process: starts JobManager and TaskManager, stops them when the job
// has ended, and leaves no timer behind. Whatever is asked of the job is a mail of the JobManager;
// a request that the job does not live to answer is rejected when it ends.

import type { CheckpointTrigger } from '../checkpoint/checkpoint-coordinator.ts';
import type { CheckpointOutcome } from '../checkpoint/checkpoint-effects.ts';
import type { CompletedCheckpoint } from '../checkpoint/completed-checkpoint.ts';
import type { OnceproofError } from '../core/errors.ts';
import type { Environment } from '../environment/environment.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import type { ActorSystem } from './actor/actor-system.ts';
import { BoundedClock } from './bounded-clock.ts';
import {
  type ClusterConfig,
  createActorSystem,
  startJobManager,
  startTaskManager,
} from './cluster.ts';
import type { JobMaster } from './job/job-master.ts';
import type { JobRestoreSettings } from './job/job-recovery.ts';
import { jobIsOver, noCheckpointing, type NotTaken, notTaken } from './job/job-request-errors.ts';
import type { JobResult } from './job/job-store.ts';
import type { JobManager } from './job-manager.ts';
import { type FailureCause, JOB_MANAGER_NAME } from './messages.ts';
import { type EngineEvent, NO_OBSERVER, type Observer } from './observer.ts';
import type { TaskManager } from './task-manager.ts';

export interface EmbeddedRunOptions {
  readonly environment: Environment;
  readonly graph: JobGraph;
  readonly config: ClusterConfig;
  readonly restore: JobRestoreSettings;
  /** Where stop() takes its savepoint; undefined: without one. */
  readonly savepointDirectory: string | undefined;
}

export interface RunEnd {
  readonly result: JobResult;
  readonly cause: FailureCause | undefined;
  /** The run was given up; nothing is known of the job, which others may be running. */
  readonly lost: OnceproofError | undefined;
  /** Of the savepoint it was stopped with. */
  readonly savepoint: string | undefined;
}

interface Request {
  readonly done: (checkpoint: CompletedCheckpoint) => void;
  readonly failed: (error: OnceproofError) => void;
}

export class EmbeddedRun {
  readonly #options: EmbeddedRunOptions;
  readonly #clock: BoundedClock;
  readonly #system: ActorSystem;
  readonly #end: Promise<RunEnd>;
  #resolve: (end: RunEnd | Promise<RunEnd>) => void = () => {};
  readonly #requests = new Set<Request>();
  #isCancelRequested = false;
  #savepoint: string | undefined;
  #ended: RunEnd | undefined;
  #jobManager: JobManager | undefined;
  #taskManager: TaskManager | undefined;

  constructor(options: EmbeddedRunOptions) {
    this.#options = options;
    this.#clock = new BoundedClock(options.environment.clock);
    this.#end = new Promise((resolve) => (this.#resolve = resolve));
    this.#system = createActorSystem(
      { ...options.environment, clock: this.#clock },
      options.config,
    );
    this.#start();
  }

  end(): Promise<RunEnd> {
    return this.#end;
  }

  /** How it ended, if it has. */
  get ended(): RunEnd | undefined {
    return this.#ended;
  }

  /**
   * Rejects with OP-E520, OP-E521 or OP-E609. One that stops the job is complete before its end.
   */
  triggerCheckpoint(trigger: CheckpointTrigger): Promise<CompletedCheckpoint> {
    const { graph } = this.#options;
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#over(this.#ended));
      if (graph.checkpoints === undefined) return reject(noCheckpointing(graph.name));
      const request: Request = { done: resolve, failed: reject };
      this.#requests.add(request);
      this.#call((master) => this.#trigger(master, trigger, request));
    });
  }

  /** The job is over; what it has not committed is gone. */
  cancel(): void {
    this.#isCancelRequested = true;
    // One that is not recovered yet is canceled as soon as it is.
    this.#call((master) => master?.cancelJob());
  }

  /** Ends the job so that it can be resumed; without checkpoints that last, for good. */
  stop(): void {
    const { graph, config, savepointDirectory } = this.#options;
    const isLasting = graph.checkpoints !== undefined && config.storeDirectory !== undefined;
    this.#call((master) => {
      if (master === undefined) {
        this.#close({ result: SUSPENDED, cause: undefined, lost: undefined });
      } else if (isLasting) {
        master.suspend(savepointDirectory, ({ pointer }) => (this.#savepoint = pointer));
      } else master.cancelJob();
    });
  }

  /** Stops everything at once and leaves everything as it is. */
  abandon(error: OnceproofError): void {
    this.#close({ result: SUSPENDED, cause: undefined, lost: error });
  }

  #trigger(master: JobMaster | undefined, trigger: CheckpointTrigger, request: Request): void {
    if (master === undefined) return this.#refuse(request, { kind: 'starting' });
    if (master.isStopping) return this.#refuse(request, { kind: 'stopping' });
    const answer = (outcome: CheckpointOutcome): void => this.#answer(request, trigger, outcome);
    if (trigger.kind === 'savepoint' && trigger.stop !== 'no') {
      master.stopWithSavepoint({ target: trigger.target, stop: trigger.stop }, answer);
    } else master.triggerCheckpoint(trigger, answer);
  }

  #answer(request: Request, trigger: CheckpointTrigger, outcome: CheckpointOutcome): void {
    if (outcome.kind === 'completed') {
      const { checkpoint } = outcome;
      const stops = trigger.kind === 'savepoint' && trigger.stop !== 'no';
      if (stops) this.#savepoint = checkpoint.pointer;
      this.#requests.delete(request);
      request.done(checkpoint);
    } else if (outcome.reason !== 'checkpoint-coordinator-shutdown') {
      // After a shutdown the end is near, and says more.
      this.#refuse(request, outcome);
    }
  }

  #refuse(request: Request, why: NotTaken): void {
    this.#requests.delete(request);
    request.failed(notTaken(this.#options.graph.name, why));
  }

  #over({ result, lost }: Pick<RunEnd, 'result' | 'lost'>): OnceproofError {
    const { name } = this.#options.graph;
    const outcome = lost === undefined ? `it is ${result.state}` : 'another process has taken over';
    return jobIsOver(name, outcome, lost);
  }

  #call(run: (master: JobMaster | undefined) => void): void {
    const mail = { kind: 'call', run: () => run(this.#jobManager?.master) };
    this.#system.post(JOB_MANAGER_NAME, mail);
  }

  #start(): void {
    const { graph, restore, config } = this.#options;
    const observer = this.#observer(config.observer ?? NO_OBSERVER);
    this.#jobManager = startJobManager(
      this.#system,
      { ...config, observer },
      {
        graph,
        restore,
        onEnd: (result, cause) => this.#close({ result, cause, lost: undefined }),
      },
    );
  }

  // A TaskManager that came before its JobManager leads would be heard a heartbeat later only.
  #observer(observer: Observer): Observer {
    const observe = (event: EngineEvent): void => {
      observer.observe(event);
      if (event.kind !== 'leader-elected') return;
      this.#startTaskManager(observer);
      // Whoever wanted it canceled before there was a job to cancel.
      if (this.#isCancelRequested) this.cancel();
    };
    return { ...observer, observe };
  }

  #startTaskManager(observer: Observer): void {
    const { graph, config } = this.#options;
    const slots = graph.vertices.reduce((most, vertex) => Math.max(most, vertex.parallelism), 1);
    this.#taskManager = startTaskManager(
      this.#system,
      { ...config, observer },
      { slots, jobManager: this.#system.host, program: () => graph },
    );
  }

  #close(result: Omit<RunEnd, 'savepoint'>): void {
    if (this.#ended !== undefined) return;
    const end: RunEnd = { ...result, savepoint: this.#savepoint };
    this.#ended = end;
    const closed = this.#taskManager?.stop();
    this.#jobManager?.stop();
    this.#clock.close();
    for (const { failed } of this.#requests) failed(this.#over(end));
    this.#requests.clear();
    this.#options.environment.expectContinuations();
    this.#resolve(closed?.then(() => end) ?? end);
  }
}

const SUSPENDED: JobResult = { state: 'suspended', cause: undefined };
