// One attempt of one subtask: an actor that takes one batch or one event at a time. Its life is
// initializing, running, ended; whatever throws inside it, user code or ours, fails this attempt
// alone, except for a broken invariant, which stops the host.

import { InvariantViolation, present, unreachable } from '../../core/assert.ts';
import type { CheckpointWorkerStorage } from '../../checkpoint/checkpoint-storage.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointId, ExecutionAttemptId } from '../../core/ids.ts';
import type { Address } from '../../environment/network.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { Actor, ActorRef } from '../actor/actor.ts';
import type { ActorSystem } from '../actor/actor-system.ts';
import { BoundedClock } from '../bounded-clock.ts';
import { failureCauseOf } from '../failure-cause.ts';
import type { AttemptDirectory } from '../local-directory.ts';
import {
  type FailureCause,
  TASK_MANAGER_NAME,
  type TaskDeployment,
  type TaskState,
  type ToJobManager,
  type ToTask,
} from '../messages.ts';
import type { Observer } from '../observer.ts';
import type { TaskStatus } from '../status.ts';
import { HeldMails } from './held-mails.ts';
import { InputGate } from './input-gate.ts';
import { RunningTask } from './running-task.ts';
import type { TaskServices } from './task-context.ts';
import { settle, withLabel } from './task-mails.ts';
import { TaskOutputs } from './task-outputs.ts';
import { disposeStates, restoreTask, type RestoredTask } from './task-restore.ts';

export interface TaskOptions {
  readonly system: ActorSystem;
  readonly graph: JobGraph;
  readonly deployment: TaskDeployment;
  readonly storage: CheckpointWorkerStorage;
  readonly observer: Observer;
  readonly jobManager: ActorRef;
  /** Of this attempt alone. Undefined: there is no local disk to work on. */
  readonly local: AttemptDirectory | undefined;
  /** Told of what is still being closed when the task has ended. */
  readonly closing: (closed: Promise<void>) => void;
}

const CHANNEL_RETRY_MS = 100;

export class Task implements Actor {
  readonly #options: TaskOptions;
  readonly #vertex: JobVertex;
  readonly #outputs: TaskOutputs;
  readonly #gate: InputGate | undefined;
  readonly #services: TaskServices;
  /** A timer of a window far ahead must not keep an ended task in memory. */
  readonly #clock: BoundedClock;
  #running: RunningTask | undefined;
  #states: RestoredTask['states'] = new Map();
  /** Until its outcome has come in. */
  #restoring: Promise<RestoredTask> | undefined;
  #ended = false;
  #runPosted = false;
  readonly #held = new HeldMails();
  /** Splits that came before the reader was there. */
  #early: ToTask[] = [];

  constructor(options: TaskOptions) {
    this.#options = options;
    const { graph, deployment, system } = options;
    this.#vertex = vertexOf(graph, deployment);
    this.#clock = new BoundedClock(system.environment.clock);
    const wakeUp = (): void => this.#wakeUp();
    this.#outputs = new TaskOutputs({ system, graph, deployment, wakeUp });
    this.#gate =
      deployment.inputs.length === 0 ? undefined : new InputGate({ system, graph, deployment });
    this.#services = {
      deployment,
      environment: { ...system.environment, clock: this.#clock },
      jobName: graph.name,
      checkpointing: graph.checkpoints !== undefined,
      restoredCheckpoint: deployment.restore?.checkpoint,
      post: (run) => this.#post({ kind: 'call', run }),
      postWhenAvailable: (run) =>
        this.#post({ kind: 'call', run: () => this.#running?.whenAvailable(run) }),
      io: (label, operation, done) => this.#io(label, operation, done),
      whenPrepared: (pending, run) => this.#whenPrepared(pending, run),
      isPreparing: () => this.#held.isHolding,
      wakeUp,
      fail: (cause) => this.#fail(cause),
    };
  }

  get #name(): ExecutionAttemptId {
    return this.#options.deployment.attempt;
  }

  start(): void {
    const { system, graph, deployment, storage, observer, local } = this.#options;
    system.spawn(this.#name, this);
    this.#report('initializing', undefined);
    const { environment } = system;
    const restore = (): Promise<RestoredTask> => {
      const restoring = restoreTask({
        vertex: this.#vertex,
        graph,
        deployment,
        storage,
        environment,
        local,
        trackDigest: observer.stateDigests,
      });
      this.#restoring = restoring;
      return restoring;
    };
    this.#io('restore state', restore, (restored) => this.#restored(restored, observer));
  }

  status(): TaskStatus {
    return {
      attempt: this.#name,
      running: this.#running?.status(),
      isFetching: this.#held.isHolding,
      inputs: this.#gate?.status() ?? [],
      outputs: this.#outputs.status(),
    };
  }

  /** Ends the attempt without a trace: nothing it has not committed counts. */
  cancel(): void {
    if (!this.#ended) this.#end('canceled', undefined);
  }

  connectionLost(peer: Address): void {
    const { outputs } = this.#options.deployment;
    const feeds = outputs.some(({ peers }) => peers.some(({ host }) => host === peer));
    const isConnected = feeds || this.#gate?.awaits(peer) === true;
    if (!isConnected || this.#ended) return;
    this.#fail(new OnceproofError('OP-E604', `Lost the connection to ${peer}`));
  }

  receive(mail: unknown): void {
    const message = mail as ToTask;
    if (!this.#held.takes(message)) this.#attempt(message);
  }

  #attempt(message: ToTask): void {
    if (this.#ended) return;
    try {
      this.#handle(message);
    } catch (error) {
      if (error instanceof InvariantViolation) throw error;
      this.#fail(error);
    }
  }

  #handle(message: ToTask): void {
    switch (message.kind) {
      case 'run':
        this.#runPosted = false;
        this.#running?.step();
        return;
      case 'call':
        message.run();
        // A timer may have emitted: what it emitted must not wait for the next input.
        return this.#wakeUp();
      case 'prepared':
        return this.#prepared(message.run);
      case 'cancel':
        return this.cancel();
      case 'open-channel':
        return this.#openChannel(message.edge, message.consumer);
      case 'channel-opened':
        this.#gate?.channelOpened(message.edge, message.producer);
        return;
      case 'channel-element':
        return this.#element(message);
      case 'grant-credit':
        return this.#outputs.grantCredit(message.edge, message.consumer, message.credit);
      default:
        return this.#control(message);
    }
  }

  #control(
    message: Extract<
      ToTask,
      {
        kind:
          | 'trigger-checkpoint'
          | 'notify-checkpoint-complete'
          | 'notify-checkpoint-aborted'
          | 'add-splits'
          | 'no-more-splits';
      }
    >,
  ): void {
    const running = this.#running;
    if (running === undefined) {
      this.#early.push(message);
      return;
    }
    switch (message.kind) {
      case 'trigger-checkpoint':
        return running.triggerCheckpoint(message.barrier);
      case 'notify-checkpoint-complete':
        this.#notified(message.checkpoint, 'completed');
        return running.checkpointComplete(message.checkpoint);
      case 'notify-checkpoint-aborted':
        this.#notified(message.checkpoint, 'aborted');
        return running.checkpointAborted(message.checkpoint);
      case 'add-splits':
        return running.addSplits(message.splits);
      case 'no-more-splits':
        return running.noMoreSplits();
      default:
        return unreachable(message);
    }
  }

  #notified(checkpoint: CheckpointId, outcome: 'completed' | 'aborted'): void {
    const { observer, deployment } = this.#options;
    const { attempt } = deployment;
    observer.observe({ kind: 'checkpoint-notified', checkpoint, attempt, outcome });
  }

  #restored(restored: RestoredTask, observer: Observer): void {
    const { graph, deployment, storage } = this.#options;
    this.#states = restored.states;
    this.#restoring = undefined;
    const running = new RunningTask({
      vertex: this.#vertex,
      graph,
      deployment,
      storage,
      observer,
      restored,
      services: this.#services,
      gate: this.#gate,
      outputs: this.#outputs,
      clock: this.#clock,
      tell: (message) => this.#tell(message),
      end: () => this.#end('finished', undefined),
      acknowledge: (checkpoint, snapshot) =>
        this.#tell({
          kind: 'acknowledge-checkpoint',
          attempt: deployment.attempt,
          checkpoint,
          snapshot,
        }),
      decline: (checkpoint, reason) => this.#decline(checkpoint, reason),
      await: (operation, done, failed) => this.#await(operation, done, failed),
    });
    this.#running = running;
    running.open();
    this.#report('running', undefined);
    this.#requestChannels();
    const early = this.#early;
    this.#early = [];
    for (const message of early) this.#handle(message);
    this.#wakeUp();
  }

  #element(message: Extract<ToTask, { kind: 'channel-element' }>): void {
    const gate = present(this.#gate, 'Cannot take an element: the task has no inputs');
    this.#running?.arrived(gate.receive(message));
    this.#wakeUp();
  }

  // Before it runs, a task has nothing to say and would only fill its consumers' channels.
  #openChannel(edge: string, consumer: number): void {
    if (this.#running === undefined) return;
    this.#outputs.openChannel(edge, consumer);
    const location = this.#options.deployment.outputs
      .find((output) => output.edge === edge)
      ?.peers.find(({ subtask }) => subtask === consumer);
    const to = present(location, `Cannot open ${edge} to ${consumer}: not a consumer`);
    const { subtask } = this.#options.deployment;
    const reply: ToTask = { kind: 'channel-opened', edge, producer: subtask };
    this.#options.system.send({ host: to.host, name: to.attempt }, reply);
  }

  #requestChannels(): void {
    if (this.#gate === undefined || !this.#gate.requestChannels()) return;
    this.#options.system.schedule(CHANNEL_RETRY_MS, this.#name, {
      kind: 'call',
      run: () => this.#requestChannels(),
    });
  }

  #wakeUp(): void {
    if (this.#runPosted || this.#ended || this.#running === undefined) return;
    this.#runPosted = true;
    this.#post({ kind: 'run' });
  }

  #post(mail: ToTask): void {
    this.#options.system.post(this.#name, mail);
  }

  #io<T>(label: string, operation: () => Promise<T>, done: (result: T) => void): void {
    const failed = (cause: unknown): void => this.#fail(withLabel(label, cause));
    this.#options.system.io(this.#name, operation, (outcome) => settle(outcome, done, failed));
  }

  #await<T>(
    operation: Promise<T>,
    done: (value: T) => void,
    failed: (cause: unknown) => void,
  ): void {
    this.#options.system.io(
      this.#name,
      () => operation,
      (outcome) => settle(outcome, done, failed),
    );
  }

  #whenPrepared(pending: Promise<void>, run: () => void): void {
    this.#held.hold();
    const failed = (cause: unknown): void => this.#fail(withLabel('fetch state', cause));
    this.#options.system.io(
      this.#name,
      () => pending,
      (outcome): ToTask => ({
        kind: 'prepared',
        run: () => (outcome.kind === 'done' ? run() : failed(outcome.cause)),
      }),
    );
  }

  #prepared(run: () => void): void {
    this.#held.letGo();
    run();
    this.#held.replay((mail) => this.#attempt(mail));
    this.#wakeUp();
  }

  #decline(checkpoint: CheckpointId, reason: string): void {
    const { attempt } = this.#options.deployment;
    this.#tell({ kind: 'decline-checkpoint', attempt, checkpoint, reason });
  }

  #tell(message: ToJobManager): void {
    this.#options.system.send(this.#options.jobManager, message);
  }

  #fail(cause: unknown): void {
    if (this.#ended) return;
    this.#options.observer.taskFailed?.(this.#name, cause);
    this.#end('failed', failureCauseOf(cause));
  }

  #end(state: TaskState, cause: FailureCause | undefined): void {
    this.#ended = true;
    const { system, deployment } = this.#options;
    const closeFailure = this.#running?.close();
    const closed = this.#disposed();
    if (closed !== undefined) this.#options.closing(closed);
    this.#clock.close();
    const final = state === 'finished' && closeFailure !== undefined ? 'failed' : state;
    this.#report(final, cause ?? (final === 'failed' ? closeFailure : undefined));
    system.stop(this.#name);
    system.post(TASK_MANAGER_NAME, { kind: 'task-ended', attempt: deployment.attempt });
  }

  // An attempt that ends while it restores will not hear of what was opened, even if it is open by
  // now: the mail that says so comes too late.
  #disposed(): Promise<void> | undefined {
    return (
      this.#restoring?.then(
        ({ states }) => disposeStates(states),
        () => undefined,
      ) ?? disposeStates(this.#states)
    );
  }

  #report(state: TaskState, cause: FailureCause | undefined): void {
    const { attempt, vertex, subtask } = this.#options.deployment;
    this.#options.observer.observe({
      kind: 'task-state',
      attempt,
      vertex,
      subtask,
      state,
      cause: cause?.message,
    });
    this.#tell({ kind: 'task-state', attempt, state, cause });
  }
}

function vertexOf(graph: JobGraph, { vertex }: TaskDeployment): JobVertex {
  const found = graph.vertices.find(({ id }) => id === vertex);
  if (found !== undefined) return found;
  throw new OnceproofError('OP-E618', `Cannot run ${vertex}: it is not in this host's program`, {
    place: graph.name,
    remedy: 'Start the JobManager and all TaskManagers with the same program',
  });
}
