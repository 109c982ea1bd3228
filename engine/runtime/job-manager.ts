// Owns one job: recovers it, keeps track of TaskManagers, and passes every message to the part that
// decides: scheduler, checkpoints or sources. One JobManager is one leader; what it knew dies with
// it, what it must know again is in the job store and in the checkpoints. Where others may lead
// after it, it does nothing once its leadership may be over.

import { present, unreachable } from '../core/assert.ts';
import { buggify } from '../core/buggify.ts';
import type { CheckpointCoordinatorStorage } from '../checkpoint/checkpoint-storage.ts';
import { failureBehind } from '../checkpoint/snapshot-place-errors.ts';
import { sometimes } from '../core/sometimes.ts';
import type { Timer } from '../environment/clock.ts';
import { FileSystemError } from '../environment/filesystem.ts';
import type { Address } from '../environment/network.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { Actor } from './actor/actor.ts';
import type { ActorSystem, CallMail, Outcome } from './actor/actor-system.ts';
import {
  type JobRestoreSettings,
  type Recovered,
  type RecoveryOptions,
  recoverJob,
} from './job/job-recovery.ts';
import { type CleanUpOptions, leavesNothing, removeCheckpoints } from './job/job-clean-up.ts';
import { JobMaster, type JobMasterOptions } from './job/job-master.ts';
import type { JobResult, JobStore } from './job/job-store.ts';
import { SlotPool } from './job/slot-pool.ts';
import { failureCauseOf } from './failure-cause.ts';
import { leadingStorage } from './leadership/leading-storage.ts';
import {
  JOB_MANAGER_NAME,
  TASK_MANAGER_NAME,
  type FailureCause,
  type TaskManagerSession,
  type ToJobManager,
  type ToTaskManager,
} from './messages.ts';
import type { Observer } from './observer.ts';
import type { JobManagerStatus } from './status.ts';

export interface HeartbeatConfig {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Flink's: 10 s and 50 s. */
export const DEFAULT_HEARTBEAT: HeartbeatConfig = { intervalMs: 10_000, timeoutMs: 50_000 };

export interface JobManagerOptions {
  readonly system: ActorSystem;
  readonly graph: JobGraph;
  readonly storage: CheckpointCoordinatorStorage;
  /** Keeps leader epoch, checkpoint ids and job result. */
  readonly store: JobStore;
  readonly restore: JobRestoreSettings;
  /** Of the worker storage: verifies what it reads. */
  readonly read: (handle: StateHandle) => Promise<Uint8Array>;
  readonly heartbeat: HeartbeatConfig;
  readonly slotRequestTimeoutMs: number;
  readonly observer: Observer;
  readonly onEnd: (result: JobResult, cause: FailureCause | undefined) => void;
  /** Asked before every mail; undefined where nobody else can lead. False: revoke() was called. */
  readonly isLeader?: () => boolean;
}

export class JobManager implements Actor {
  readonly #options: JobManagerOptions;
  readonly #slots = new SlotPool();
  readonly #store: JobStore;
  readonly #storage: CheckpointCoordinatorStorage;
  #master: JobMaster | undefined;
  #leaderEpoch = 0;
  #isRevoked = false;

  constructor(options: JobManagerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#storage = leadingStorage(options.storage, options.store);
  }

  /** Undefined until the job is recovered. */
  get master(): JobMaster | undefined {
    return this.#master;
  }

  status(): JobManagerStatus {
    return {
      leaderEpoch: this.#leaderEpoch,
      taskManagers: this.#slots.taskManagers.map(({ host }) => host),
      job: this.#master?.status(),
    };
  }

  start(): void {
    const { system, graph, restore, read } = this.#options;
    system.spawn(JOB_MANAGER_NAME, this);
    system.onConnectionLost(JOB_MANAGER_NAME, (peer) => {
      this.#taskManagerLost(peer, 'The connection was lost');
    });
    const sinceMs = system.environment.clock.now();
    const [store, storage] = [this.#store, this.#storage];
    const options = { graph, store, storage, settings: restore, read };
    this.#recover(options, { attempt: 1, sinceMs });
  }

  // A file system that fails now and then must not end the job; one that fails for good must.
  #recover(options: RecoveryOptions, { attempt, sinceMs }: Attempt): void {
    const { clock } = this.#options.system.environment;
    this.#io(
      () => recoverJob(options),
      (outcome) => {
        const again =
          outcome.kind === 'failed' &&
          isTransient(outcome.cause, clock.now() - sinceMs) &&
          attempt < RECOVERY_ATTEMPTS_MAX;
        if (!again) return this.#recovered(outcome);
        sometimes(true, 'a recovery is tried again');
        this.#schedule(RECOVERY_RETRY_MS, () => {
          this.#recover(options, { attempt: attempt + 1, sinceMs });
        });
      },
    );
  }

  stop(): void {
    this.#options.system.stop(JOB_MANAGER_NAME);
  }

  /** Another one leads, or may: leaves the job to it as it is, and the name of the actor too. */
  revoke(): void {
    const { system } = this.#options;
    const hosts = this.#slots.taskManagers.map(({ host }) => host);
    this.#isRevoked = true;
    this.#master?.abandon();
    this.stop();
    // So that TaskManagers look for the next leader at once, and nothing of this one is under way.
    for (const host of hosts) system.disconnect(host);
    if (this.#leaderEpoch === 0) return;
    const { observer } = this.#options;
    observer.observe({ kind: 'leadership-revoked', leaderEpoch: this.#leaderEpoch });
  }

  receive(mail: unknown): void {
    if (this.#options.isLeader?.() === false) return;
    const message = mail as ToJobManager;
    switch (message.kind) {
      case 'call':
        return message.run();
      case 'register-task-manager':
        return this.#register(message.host, message.slots, message.session);
      case 'task-manager-heartbeat':
        return this.#heartbeat(message.host, message.session);
      case 'task-state':
      case 'acknowledge-checkpoint':
      case 'decline-checkpoint':
      case 'end-of-data':
      case 'reader-registered':
      case 'split-request':
        this.#master?.receive(message);
        return;
      default:
        return unreachable(message);
    }
  }

  #recovered(outcome: Outcome<Recovered>): void {
    if (outcome.kind === 'failed') return this.#refuseIfLeading(outcome.cause);
    const { value } = outcome;
    this.#leaderEpoch = value.leaderEpoch;
    this.#options.observer.observe({ kind: 'leader-elected', leaderEpoch: value.leaderEpoch });
    if (value.kind === 'already-ended') return this.#alreadyEnded(value.result);
    const { system, graph, observer, restore, slotRequestTimeoutMs } = this.#options;
    const master = new JobMaster({
      system,
      graph,
      storage: this.#storage,
      store: this.#store,
      slots: this.#slots,
      observer,
      recovered: value,
      allowNonRestoredState: restore.allowNonRestoredState ?? false,
      slotRequestTimeoutMs,
      ...this.#later,
      post: (run) => system.post(JOB_MANAGER_NAME, this.#call(run)),
      onEnd: (result, cause) => this.#ended(result, cause),
    });
    this.#master = master;
    this.#tick();
    master.start();
  }

  // An earlier leader stored the result and may have died before it had cleaned up.
  #alreadyEnded(result: JobResult): void {
    const { graph, onEnd } = this.#options;
    const end = (): void => onEnd(result, causeOfResult(result));
    if (leavesNothing(result.state, graph.checkpoints)) removeCheckpoints(this.#cleanUp, end);
    else end();
  }

  get #cleanUp(): CleanUpOptions {
    const { graph } = this.#options;
    return { graph, storage: this.#storage, ...this.#later };
  }

  /** What comes back comes as a mail. */
  get #later(): Pick<JobMasterOptions, 'io' | 'schedule'> {
    return {
      io: (operation, done) => this.#io(operation, done),
      schedule: (delayMs, run) => this.#schedule(delayMs, run),
    };
  }

  // A leader that was replaced while it read may miss what the next one has deleted.
  #refuseIfLeading(cause: unknown): void {
    if (!this.#store.isContended) return this.#refuse(cause);
    this.#io(
      () => this.#store.whileLeading(() => Promise.resolve()),
      (outcome) => {
        const isUnsure = outcome.kind === 'failed' && outcome.cause instanceof FileSystemError;
        if (outcome.kind === 'done') this.#refuse(cause);
        else if (isUnsure) this.#schedule(RECOVERY_RETRY_MS, () => this.#refuseIfLeading(cause));
      },
    );
  }

  // Nothing has been started, and nothing on disk has been touched: the user can repair and retry.
  #refuse(cause: unknown): void {
    const failure = failureCauseOf(cause);
    const { message, code } = failure;
    this.#options.observer.observe({ kind: 'job-failed', cause: message, code });
    this.#options.onEnd({ state: 'failed', cause: message }, failure);
  }

  #ended(result: JobResult, cause: FailureCause | undefined): void {
    this.#options.onEnd(result, cause);
  }

  #register(host: Address, slots: number, session: TaskManagerSession): void {
    if (this.#master === undefined) return;
    const known = this.#slots.get(host);
    const repeated =
      known?.session.instance === session.instance && known.session.number === session.number;
    if (known !== undefined && !repeated) this.#taskManagerLost(host, 'It has started anew');
    if (!repeated) {
      const lastHeartbeatMs = this.#options.system.environment.clock.now();
      this.#slots.register({ host, slots, session, lastHeartbeatMs });
    }
    this.#send(host, {
      kind: 'registration-accepted',
      leaderEpoch: this.#leaderEpoch,
      session,
      heartbeatTimeoutMs: this.#options.heartbeat.timeoutMs,
    });
    if (!repeated) this.#master.slotsChanged();
  }

  #heartbeat(host: Address, session: TaskManagerSession): void {
    if (this.#master === undefined) return;
    const known = this.#slots.get(host);
    const isKnown =
      known?.session.instance === session.instance && known.session.number === session.number;
    if (isKnown && known !== undefined) {
      known.lastHeartbeatMs = this.#options.system.environment.clock.now();
      return;
    }
    this.#send(host, { kind: 'registration-unknown', leaderEpoch: this.#leaderEpoch, session });
  }

  #tick(): void {
    const { system, heartbeat } = this.#options;
    const now = system.environment.clock.now();
    for (const { host, lastHeartbeatMs } of this.#slots.taskManagers) {
      const isSilent = now - lastHeartbeatMs > heartbeat.timeoutMs;
      if (isSilent || buggify('a task manager is given up that is alive')) {
        system.disconnect(host);
        this.#taskManagerLost(host, `No heartbeat for ${now - lastHeartbeatMs} ms`);
      }
    }
    const master = present(this.#master, 'Cannot send heartbeats before the job is recovered');
    for (const { host } of this.#slots.taskManagers) {
      this.#send(host, {
        kind: 'job-manager-heartbeat',
        leaderEpoch: this.#leaderEpoch,
        attempts: master.attemptsOn(host),
      });
    }
    this.#schedule(heartbeat.intervalMs, () => this.#tick());
  }

  #taskManagerLost(host: Address, reason: string): void {
    if (this.#slots.get(host) === undefined) return;
    this.#slots.remove(host);
    // A host that sends nothing itself would not notice: its own end of the connection stays open.
    for (const other of this.#slots.taskManagers)
      this.#send(other.host, { kind: 'host-lost', host });
    this.#master?.hostLost(host, reason);
  }

  #send(host: Address, message: ToTaskManager): void {
    this.#options.system.send({ host, name: TASK_MANAGER_NAME }, message);
  }

  #io<T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void): void {
    this.#options.system.io(JOB_MANAGER_NAME, operation, (outcome) =>
      this.#call(() => done(outcome)),
    );
  }

  #schedule(delayMs: number, run: () => void): Timer {
    return this.#options.system.schedule(delayMs, JOB_MANAGER_NAME, this.#call(run));
  }

  // Whoever leads next in this process has the same name, and must not run what this one began.
  #call(run: () => void): CallMail {
    return {
      kind: 'call',
      run: () => {
        if (!this.#isRevoked) run();
      },
    };
  }
}

const RECOVERY_ATTEMPTS_MAX = 20;
const RECOVERY_RETRY_MS = 500;
/** For a storage that may never be there. Its client has tried for a while itself. */
const SNAPSHOT_PATIENCE_MS = 30_000;

interface Attempt {
  readonly attempt: number;
  readonly sinceMs: number;
}

function isTransient(cause: unknown, afterMs: number): boolean {
  const behind = failureBehind(cause);
  if (behind !== undefined) return isTransient(behind, 0) && afterMs < SNAPSHOT_PATIENCE_MS;
  return cause instanceof FileSystemError && (cause.code === 'EIO' || cause.code === 'ENOSPC');
}

function causeOfResult(result: JobResult): FailureCause | undefined {
  if (result.cause === undefined) return undefined;
  return { message: result.cause, code: undefined };
}
