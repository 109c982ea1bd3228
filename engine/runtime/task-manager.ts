// Runs the tasks of one host. Keeps itself registered with the JobManager, deploys and cancels what
// it is told, and stops everything when it has lost the JobManager or a new leader has taken over.

import { InvariantViolation, unreachable } from '../core/assert.ts';
import { sometimes } from '../core/sometimes.ts';
import type { ExecutionAttemptId } from '../core/ids.ts';
import type { Timer } from '../environment/clock.ts';
import type { Address } from '../environment/network.ts';
import type { CheckpointWorkerStorage } from '../checkpoint/checkpoint-storage.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import type { Actor, ActorRef } from './actor/actor.ts';
import type { ActorSystem, CallMail } from './actor/actor-system.ts';
import { failureCauseOf } from './failure-cause.ts';
import { LocalDirectory } from './local-directory.ts';
import {
  type FailureCause,
  JOB_MANAGER_NAME,
  TASK_MANAGER_NAME,
  type TaskDeployment,
  type TaskManagerSession,
  type TaskState,
  type ToJobManager,
  type ToTaskManager,
} from './messages.ts';
import type { Observer } from './observer.ts';
import type { TaskManagerStatus } from './status.ts';
import { Task } from './task/task.ts';

export interface TaskManagerOptions {
  readonly system: ActorSystem;
  readonly slots: number;
  readonly jobManager: Address;
  /** Others that may lead instead. */
  readonly standbys?: readonly Address[];
  /** Builds the job anew for every attempt, so that attempts share no user objects. */
  readonly program: () => JobGraph;
  readonly storage: CheckpointWorkerStorage;
  readonly observer: Observer;
  readonly heartbeatIntervalMs: number;
  /** On the host's own disk, for nobody else; undefined where there is none. */
  readonly localDirectory?: string | undefined;
}

/** Flink's cluster.registration.initial-timeout. */
const REGISTRATION_DELAY_MS = 100;
/** Registrations to one JobManager before another one is asked. One may be lost, or be late. */
const UNANSWERED_MAX = 2;

export class TaskManager implements Actor {
  readonly #options: TaskManagerOptions;
  readonly #jobManagers: readonly ActorRef[];
  /** The one that leads or, while that is not known, the one that is asked. */
  #jobManager: ActorRef;
  readonly #instance: number;
  #sessionNumber = 1;
  readonly #tasks = new Map<ExecutionAttemptId, Task>();
  readonly #local: LocalDirectory | undefined;
  #isRemoving = false;
  /** What tasks that have ended are still closing. */
  readonly #closing = new Set<Promise<void>>();
  #leaderEpoch: number | undefined;
  #newestEpoch = 0;
  #heartbeatTimeoutMs = 0;
  #lastHeardMs = 0;
  #tick: Timer | undefined;
  /** Doubles with every registration that is not answered, up to the heartbeat's interval. */
  #registrationDelayMs: number;
  /** Since the last one that was answered. */
  #registrations: { count: number; readonly sinceMs: number } | undefined;
  readonly #registrationDelayMsMin: number;

  constructor(options: TaskManagerOptions) {
    this.#options = options;
    const { jobManager, standbys = [] } = options;
    this.#jobManager = { host: jobManager, name: JOB_MANAGER_NAME };
    const others = standbys.map((host) => ({ host, name: JOB_MANAGER_NAME }));
    this.#jobManagers = [this.#jobManager, ...others];
    this.#registrationDelayMsMin = Math.min(REGISTRATION_DELAY_MS, options.heartbeatIntervalMs);
    this.#registrationDelayMs = this.#registrationDelayMsMin;
    const { random, filesystem } = options.system.environment;
    this.#instance = random.fork('task-manager').below(2 ** 32);
    const { localDirectory } = options;
    if (localDirectory === undefined) return;
    this.#local = new LocalDirectory(filesystem, localDirectory, String(this.#instance));
  }

  start(): void {
    const { system } = this.#options;
    system.spawn(TASK_MANAGER_NAME, this);
    system.onConnectionLost(TASK_MANAGER_NAME, (peer) => this.#connectionLost(peer));
    if (this.#local === undefined) this.#onTick();
    // Before there are tasks, whatever lies there is an earlier life's.
    else this.#removeLeftovers(this.#local, () => this.#onTick());
  }

  receive(mail: unknown): void {
    const message = mail as ToTaskManager;
    switch (message.kind) {
      case 'registration-accepted':
        return this.#accepted(message);
      case 'registration-unknown':
        return this.#rejected(message.leaderEpoch, message.session);
      case 'job-manager-heartbeat':
        return this.#heartbeat(message.leaderEpoch, message.attempts);
      case 'deploy-task':
        return this.#deploy(message.deployment);
      case 'cancel-task':
        return this.#cancel(message.attempt);
      case 'host-lost':
        return this.#connectionLost(message.host);
      case 'task-ended':
        this.#tasks.delete(message.attempt);
        return;
      case 'call':
        return message.run();
      default:
        return unreachable(message);
    }
  }

  status(): TaskManagerStatus {
    const nowMs = this.#options.system.environment.clock.now();
    const pending = this.#registrations;
    return {
      leaderEpoch: this.#leaderEpoch,
      unanswered: pending && { count: pending.count, forMs: nowMs - pending.sinceMs },
      silentForMs: nowMs - this.#lastHeardMs,
      tasks: [...this.#tasks.values()].map((task) => task.status()),
    };
  }

  /** Stops everything on this host at once. A promise where something is still being closed. */
  stop(): Promise<void> | undefined {
    this.#tick?.cancel();
    this.#cancelAll();
    this.#options.system.stop(TASK_MANAGER_NAME);
    if (this.#closing.size === 0) return undefined;
    return Promise.all(this.#closing).then(() => undefined);
  }

  #onTick(): void {
    const { system, heartbeatIntervalMs } = this.#options;
    const now = system.environment.clock.now();
    const isLost =
      this.#leaderEpoch !== undefined && now - this.#lastHeardMs > this.#heartbeatTimeoutMs;
    if (isLost) this.#disconnect();
    if (this.#leaderEpoch === undefined) this.#register();
    else this.#sendHeartbeat(this.#leaderEpoch);
    const isRegistered = this.#leaderEpoch !== undefined;
    this.#tickIn(isRegistered ? heartbeatIntervalMs : this.#registrationDelayMs);
    this.#registrationDelayMs = Math.min(this.#registrationDelayMs * 2, heartbeatIntervalMs);
    if (this.#local?.isClean === false) this.#removeLeftovers(this.#local, () => undefined);
  }

  #removeLeftovers(local: LocalDirectory, then: () => void): void {
    if (this.#isRemoving) return;
    this.#isRemoving = true;
    const run = (): void => {
      this.#isRemoving = false;
      then();
    };
    const { system } = this.#options;
    system.io(
      TASK_MANAGER_NAME,
      () => local.removeLeftovers(),
      () => ({ kind: 'call', run }),
    );
  }

  #tickIn(delayMs: number): void {
    this.#tick?.cancel();
    const run = (): void => this.#onTick();
    this.#tick = this.#options.system.schedule(delayMs, TASK_MANAGER_NAME, { kind: 'call', run });
  }

  #register(): void {
    const { system, slots } = this.#options;
    const host = system.host;
    this.#registrations ??= { count: 0, sinceMs: system.environment.clock.now() };
    const { count } = this.#registrations;
    if (count > 0 && count % UNANSWERED_MAX === 0) this.#askAnother();
    this.#registrations.count++;
    const message: ToJobManager = {
      kind: 'register-task-manager',
      host,
      slots,
      session: this.#session,
    };
    // On the connection, which proves that both ends are alive: a registration of an earlier life,
    // coming late, would put the TaskManager that took its place out of work. Repeated until it is
    // answered, because the JobManager may not be ready.
    system.send(this.#jobManager, message);
  }

  #askAnother(): void {
    const next = this.#jobManagers.indexOf(this.#jobManager) + 1;
    const another = this.#jobManagers[next] ?? this.#jobManagers[0];
    if (another === undefined || another === this.#jobManager) return;
    sometimes(true, 'a task manager looks for another leader');
    this.#jobManager = another;
    // An answer that comes late is the other one's.
    this.#sessionNumber++;
  }

  #sendHeartbeat(leaderEpoch: number): void {
    const { system } = this.#options;
    const message: ToJobManager = {
      kind: 'task-manager-heartbeat',
      host: system.host,
      session: this.#session,
      leaderEpoch,
    };
    system.sendUnreliable(this.#jobManager, message);
  }

  #accepted(message: Extract<ToTaskManager, { readonly kind: 'registration-accepted' }>): void {
    const { leaderEpoch, session, heartbeatTimeoutMs } = message;
    if (!this.#isCurrent(session)) return;
    sometimes(leaderEpoch < this.#newestEpoch, 'an old leader accepts a task manager');
    if (leaderEpoch < this.#newestEpoch) return;
    if (this.#leaderEpoch !== leaderEpoch) {
      sometimes(
        this.#tasks.size > 0,
        'a task manager meets a new leader with tasks of the old one',
      );
      this.#cancelAll();
    }
    this.#leaderEpoch = leaderEpoch;
    this.#registrations = undefined;
    this.#newestEpoch = leaderEpoch;
    this.#heartbeatTimeoutMs = heartbeatTimeoutMs;
    this.#lastHeardMs = this.#options.system.environment.clock.now();
  }

  #rejected(leaderEpoch: number, session: TaskManagerSession): void {
    if (!this.#isCurrent(session) || leaderEpoch < (this.#leaderEpoch ?? 0)) return;
    this.#disconnect();
    this.#tickIn(this.#registrationDelayMs);
  }

  #isCurrent({ instance, number }: TaskManagerSession): boolean {
    return instance === this.#instance && number === this.#sessionNumber;
  }

  #heartbeat(leaderEpoch: number, attempts: readonly ExecutionAttemptId[]): void {
    if (leaderEpoch !== this.#leaderEpoch) return;
    this.#lastHeardMs = this.#options.system.environment.clock.now();
    const expected = new Set(attempts);
    for (const [attempt, task] of this.#tasks) if (!expected.has(attempt)) task.cancel();
  }

  #deploy(deployment: TaskDeployment): void {
    const { attempt, leaderEpoch } = deployment;
    if (leaderEpoch !== this.#leaderEpoch || this.#tasks.has(attempt)) return;
    const task = this.#create(deployment);
    if (task === undefined) return;
    this.#tasks.set(attempt, task);
    this.#options.observer.observe({ kind: 'task-deployed', attempt });
    task.start();
  }

  // The program is the user's: what it throws fails the task, not the host.
  #create(deployment: TaskDeployment): Task | undefined {
    const { system, program, storage, observer } = this.#options;
    const jobManager = this.#jobManager;
    const local = this.#local?.nextAttempt();
    const closing = (closed: Promise<void>): void => this.#close(closed);
    const common = { system, deployment, storage, observer, jobManager, local, closing };
    try {
      return new Task({ ...common, graph: program() });
    } catch (error) {
      if (error instanceof InvariantViolation) throw error;
      this.#tellState(deployment.attempt, 'failed', failureCauseOf(error));
      return undefined;
    }
  }

  #close(closed: Promise<void>): void {
    this.#closing.add(closed);
    const done = (): CallMail => ({ kind: 'call', run: () => this.#closing.delete(closed) });
    this.#options.system.io(TASK_MANAGER_NAME, () => closed, done);
  }

  // One that is not here has ended, or never came; the JobManager waits to hear it all the same.
  #cancel(attempt: ExecutionAttemptId): void {
    const task = this.#tasks.get(attempt);
    if (task !== undefined) return task.cancel();
    this.#tellState(attempt, 'canceled', undefined);
  }

  #tellState(attempt: ExecutionAttemptId, state: TaskState, cause: FailureCause | undefined): void {
    const message: ToJobManager = { kind: 'task-state', attempt, state, cause };
    this.#options.system.send(this.#jobManager, message);
  }

  // Data and control messages of a lost connection may be missing, so what relied on it has to go.
  #connectionLost(peer: Address): void {
    if (peer === this.#jobManager.host) {
      this.#disconnect();
      return this.#tickIn(this.#registrationDelayMs);
    }
    for (const task of this.#tasks.values()) task.connectionLost(peer);
  }

  #disconnect(): void {
    this.#leaderEpoch = undefined;
    this.#sessionNumber++;
    this.#registrationDelayMs = this.#registrationDelayMsMin;
    this.#cancelAll();
  }

  get #session(): TaskManagerSession {
    return { instance: this.#instance, number: this.#sessionNumber };
  }

  #cancelAll(): void {
    for (const task of this.#tasks.values()) task.cancel();
  }
}
