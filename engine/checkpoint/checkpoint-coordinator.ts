// Triggers, collects, completes and aborts the checkpoints of one job under one leader. Decides
// only: synchronous, no I/O, no promises. Guarantees that ids increase, that nothing is deleted
// which a complete or possibly complete checkpoint needs, and that triggering never gets stuck.

import { type CheckpointId, checkpointId, type ExecutionAttemptId } from '../core/ids.ts';
import { sometimes } from '../core/sometimes.ts';
import type { Clock } from '../environment/clock.ts';
import type { Random } from '../environment/random.ts';
import type { CheckpointConfig } from '../graph/checkpoint-config.ts';
import type { TaskSnapshot } from '../state/state-handle.ts';
import type { CheckpointBarrier } from '../stream/elements.ts';
import { type CheckpointAttempt, CheckpointAttempts } from './checkpoint-attempts.ts';
import type {
  AcknowledgeResult,
  CheckpointEffects,
  CheckpointFailure,
  CheckpointOutcome,
  LocationResult,
  MetadataResult,
} from './checkpoint-effects.ts';
import {
  type CheckpointFailureReason,
  declineReason,
  followsFailover,
} from './checkpoint-failure-reason.ts';
import {
  checkpointOptions,
  effectiveMaxConcurrent,
  isSynchronous,
} from './checkpoint-properties.ts';
import { CheckpointRetention } from './checkpoint-retention.ts';
import { type CheckpointCoordinatorStatus, statusOf } from './checkpoint-status.ts';
import { CheckpointScheduler } from './checkpoint-scheduler.ts';
import type { CompletedCheckpoint } from './completed-checkpoint.ts';
import { CheckpointFailureManager } from './failure-manager.ts';
import type { CheckpointedJob } from './metadata.ts';
import { PendingCheckpoint } from './pending-checkpoint.ts';
import { CheckpointRequestDecider, type CheckpointRequest } from './request-decider.ts';
import type { JobOutcome } from './retention-rules.ts';
import { SettledCheckpoints } from './settled-checkpoints.ts';

export type CheckpointTrigger =
  | { readonly kind: 'periodic' }
  | { readonly kind: 'manual' }
  | {
      readonly kind: 'savepoint';
      readonly target: string;
      readonly stop: 'no' | 'suspend' | 'drain';
    };

export interface CheckpointCoordinatorOptions {
  readonly job: CheckpointedJob;
  readonly config: CheckpointConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly effects: CheckpointEffects;
  /** The highest id that any leader may have used; 0 if there was none. */
  readonly restoredIdFloor: number;
}

interface Request extends CheckpointRequest {
  readonly resumesScheduler: boolean;
  readonly onOutcome: (outcome: CheckpointOutcome) => void;
}

export class CheckpointCoordinator {
  readonly #config: CheckpointConfig;
  readonly #clock: Clock;
  readonly #effects: CheckpointEffects;
  readonly #scheduler: CheckpointScheduler;
  readonly #decider: CheckpointRequestDecider<Request>;
  readonly #retention: CheckpointRetention;
  readonly #settled: SettledCheckpoints;
  readonly #attempts: CheckpointAttempts;
  /** Directories that were asked for and not answered. */
  readonly #locating = new Set<CheckpointId>();
  #whenStored: (() => void)[] = [];
  #nextId: number;
  #sequence = 0;
  #isShutDown = false;

  constructor(options: CheckpointCoordinatorOptions) {
    const { config, clock, random, effects, restoredIdFloor } = options;
    this.#config = config;
    this.#clock = clock;
    this.#effects = effects;
    this.#nextId = restoredIdFloor + 1;
    this.#settled = new SettledCheckpoints(restoredIdFloor);
    this.#retention = new CheckpointRetention(config, effects);
    this.#attempts = new CheckpointAttempts({
      job: options.job,
      clock,
      effects,
      retention: this.#retention,
      failures: new CheckpointFailureManager(config.tolerableFailedCheckpoints),
      settled: this.#settled,
    });
    this.#decider = new CheckpointRequestDecider({
      maxConcurrentCheckpoints: effectiveMaxConcurrent(config),
      minPauseMs: config.minPauseMs,
    });
    const fire = (): void => this.triggerCheckpoint({ kind: 'periodic' });
    this.#scheduler = new CheckpointScheduler({ ...config, clock, random, fire });
  }

  get latestCompleted(): CompletedCheckpoint | undefined {
    return this.#retention.latest;
  }

  /** Oldest first. */
  retained(): readonly CompletedCheckpoint[] {
    return this.#retention.retained();
  }

  /** Shared files in use, for hygiene. */
  sharedPaths(): ReadonlySet<string> {
    return this.#retention.registry.paths();
  }

  /** The highest number that was given to a checkpoint, complete or not; 0 if none was. */
  get lastBegun(): number {
    return this.#nextId - 1;
  }

  status(): CheckpointCoordinatorStatus {
    return {
      pending: this.#attempts.all().map(({ pending }) => statusOf(pending)),
      latestCompleted: this.#retention.latest?.id,
      queuedRequests: this.#decider.queuedCount,
      discarding: this.#retention.discardingCount,
      isPeriodic: this.#scheduler.isRunning,
    };
  }

  pendingIds(): readonly CheckpointId[] {
    return this.#attempts.all().map(({ pending }) => pending.id);
  }

  /**
   * Checkpoints that are complete or not, nobody knows. Before a restore they have to be settled by
   * `metadataStored`, by storing again or by looking: a restore from an older one would otherwise
   * let go of what a later restore may find.
   */
  unsettledIds(): readonly CheckpointId[] {
    const unsettled = this.#attempts.all().filter(({ pending }) => pending.phase === 'unsettled');
    return unsettled.map(({ pending }) => pending.id);
  }

  /** Runs `then` once no metadata is being written: only then `latestCompleted` is final. */
  whenStored(then: () => void): void {
    this.#whenStored.push(then);
    this.#runWhenStored();
  }

  /** Oldest first, before the first trigger. `claimed`: its files become ours to delete. */
  addRestored(checkpoint: CompletedCheckpoint, claimed = true): void {
    this.#nextId = Math.max(this.#nextId, checkpoint.id + 1);
    this.#settled.complete(checkpoint.id);
    this.#retention.restore(checkpoint, claimed);
  }

  /** All tasks run. */
  startScheduler(): void {
    if (this.#isShutDown) return;
    if (this.#scheduler.isRunning) this.stopScheduler('checkpoint-coordinator-suspend');
    this.#scheduler.start();
  }

  stopScheduler(reason: CheckpointFailureReason): void {
    this.#scheduler.stop();
    this.abortAll(reason);
  }

  /** The job is over for good, or for this JobManager. */
  shutdown(outcome: JobOutcome): void {
    this.#isShutDown = true;
    this.stopScheduler('checkpoint-coordinator-shutdown');
    this.#retention.shutdown(outcome);
  }

  triggerCheckpoint(
    trigger: CheckpointTrigger,
    onOutcome: (outcome: CheckpointOutcome) => void = () => {},
  ): void {
    const request = this.#request(trigger, onOutcome);
    // From here on no checkpoint may follow the savepoint, and none before it may still complete.
    if (isSynchronous(request.properties)) this.stopScheduler('checkpoint-coordinator-suspend');
    const displaced = this.#decider.enqueue(request);
    if (displaced !== undefined) this.#turnAway(displaced, 'too-many-checkpoint-requests');
    this.#drain();
  }

  /** Answers `initializeLocation`. */
  locationInitialized(id: CheckpointId, result: LocationResult): void {
    if (!this.#locating.delete(id)) return;
    const attempt = this.#attempts.get(id);
    if (attempt !== undefined) this.#located(attempt, result);
    else if (result.kind === 'initialized') this.#effects.discardLocation(id, result.directory);
    sometimes(attempt === undefined, 'a checkpoint is aborted while its directory is made');
    this.#drain();
  }

  acknowledge(
    task: ExecutionAttemptId,
    id: CheckpointId,
    snapshot: TaskSnapshot,
  ): AcknowledgeResult {
    return this.#attempts.acknowledge(task, id, snapshot);
  }

  /** `reason`: a CheckpointFailureReason, or free text of what went wrong. */
  decline(task: ExecutionAttemptId, id: CheckpointId, reason: string): void {
    const attempt = this.#attempts.get(id);
    if (attempt === undefined || !attempt.pending.canBeAborted) return;
    if (!attempt.pending.attempts().includes(task)) return;
    this.#attempts.abort(attempt, declineReason(reason), `${task}: ${reason}`);
    this.#drain();
  }

  /**
   * The task has ended well, and was not canceled: checkpoints that still await it count it as
   * finished. Requires that a task which forwarded a barrier acknowledges or declines before it
   * ends.
   */
  taskFinished(task: ExecutionAttemptId): void {
    for (const attempt of this.#attempts.all()) {
      if (attempt.pending.phase !== 'collecting' || !attempt.pending.markFinished(task)) continue;
      sometimes(true, 'a task finishes while a checkpoint awaits it');
      this.#triggerTasks(attempt, this.#tasksToTrigger());
      this.#storeIfAcknowledged(attempt);
    }
  }

  /** Answers `storeMetadata`, and settles later what was `unknown` first. */
  metadataStored(id: CheckpointId, result: MetadataResult): void {
    const attempt = this.#attempts.get(id);
    if (attempt === undefined || attempt.pending.canBeAborted) return;
    this.#attempts.metadataStored(attempt, result);
    this.#runWhenStored();
    this.#drain();
  }

  /** Answers `discardCheckpoint`. */
  checkpointDiscarded(id: CheckpointId): void {
    this.#retention.checkpointDiscarded(id);
    this.#drain();
  }

  /** Everything that waits or collects. What is being stored is past the point of return. */
  abortAll(reason: CheckpointFailureReason): void {
    for (const request of this.#decider.takeAll()) this.#turnAway(request, reason);
    for (const attempt of this.#attempts.all()) {
      if (attempt.pending.canBeAborted) this.#attempts.abort(attempt, reason);
    }
  }

  #request(trigger: CheckpointTrigger, onOutcome: Request['onOutcome']): Request {
    const isPlain = trigger.kind !== 'savepoint';
    const stop = isPlain ? 'no' : trigger.stop;
    return {
      properties: { type: isPlain ? 'checkpoint' : 'savepoint', stop },
      isPeriodic: trigger.kind === 'periodic',
      isForced: !isPlain && !this.#config.unaligned,
      targetDirectory: isPlain ? undefined : trigger.target,
      requestedAtMs: this.#clock.now(),
      sequence: this.#sequence++,
      resumesScheduler: stop !== 'no' && this.#scheduler.isRunning,
      onOutcome,
    };
  }

  #drain(): void {
    for (;;) {
      const decision = this.#decider.next({
        nowMs: this.#clock.now(),
        isTriggering: this.#isTriggering(),
        pendingCount: this.#attempts.underWayCount,
        discardingCount: this.#retention.discardingCount,
        lastCompletionMs: this.#attempts.lastCompletionMs,
      });
      if (decision.kind === 'wait') return;
      if (decision.kind === 'start') {
        this.#start(decision.request);
      } else {
        this.#scheduler.postpone(decision.retryInMs);
        this.#turnAway(decision.request, 'minimum-time-between-checkpoints');
      }
    }
  }

  /** Derived, not a flag: whatever ends the attempt ends the triggering. */
  #isTriggering(): boolean {
    return this.#attempts.all().some(({ pending }) => pending.phase === 'locating');
  }

  #start(request: Request): void {
    if (this.#isShutDown) return this.#turnAway(request, 'checkpoint-coordinator-shutdown');
    if (request.isPeriodic && !this.#scheduler.isRunning) {
      return this.#turnAway(request, 'periodic-scheduler-shutdown');
    }
    const plan = this.#effects.planCheckpoint();
    if (plan.kind === 'not-running') {
      return this.#turnAway(request, 'not-all-required-tasks-running', plan.reason);
    }
    const id = checkpointId(this.#nextId++);
    const pending = new PendingCheckpoint({
      id,
      properties: request.properties,
      timestampMs: this.#clock.wallTime(),
      basedOn: this.#retention.latest?.id,
    });
    this.#attempts.add({
      pending,
      targetDirectory: request.targetDirectory,
      timeout: this.#clock.schedule(this.#config.timeoutMs, () => this.#expire(id)),
      ended: (outcome) => this.#ended(request, outcome),
    });
    this.#locating.add(id);
    this.#effects.triggered(id);
    this.#effects.initializeLocation(id, request.targetDirectory);
  }

  #located(attempt: CheckpointAttempt, result: LocationResult): void {
    const { pending } = attempt;
    if (result.kind === 'failed') {
      return this.#attempts.abort(attempt, 'io-exception', result.cause);
    }
    pending.isLocated = true;
    pending.directory = result.directory;
    // Tasks may have ended while the directory was made.
    const plan = this.#effects.planCheckpoint();
    if (plan.kind === 'not-running') {
      return this.#attempts.abort(attempt, 'not-all-required-tasks-running', plan.reason);
    }
    const enumerators = this.#effects.snapshotEnumerators(pending.id);
    if (enumerators.kind === 'failed') {
      return this.#attempts.abort(attempt, 'trigger-checkpoint-failure', enumerators.cause);
    }
    pending.collect({
      tasks: plan.tasksToAcknowledge,
      finished: plan.finishedTasks,
      enumerators: enumerators.states,
    });
    this.#triggerTasks(attempt, plan.tasksToTrigger);
    this.#storeIfAcknowledged(attempt);
  }

  #triggerTasks(attempt: CheckpointAttempt, tasks: readonly ExecutionAttemptId[]): void {
    const { id, timestampMs, properties, directory, basedOn } = attempt.pending;
    const barrier: CheckpointBarrier = {
      kind: 'barrier',
      checkpoint: id,
      timestampMs,
      options: checkpointOptions(this.#config, properties, directory),
      ...(basedOn === undefined ? {} : { latestCompleted: basedOn }),
    };
    for (const task of tasks) {
      if (attempt.pending.markTriggered(task)) this.#effects.triggerTask(task, barrier);
    }
  }

  /** Planned anew after a task ended: who lost its last input gets no barrier from upstream. */
  #tasksToTrigger(): readonly ExecutionAttemptId[] {
    const plan = this.#effects.planCheckpoint();
    return plan.kind === 'ready' ? plan.tasksToTrigger : [];
  }

  #storeIfAcknowledged(attempt: CheckpointAttempt): void {
    if (attempt.pending.isFullyAcknowledged) this.#attempts.store(attempt);
  }

  #expire(id: CheckpointId): void {
    const attempt = this.#attempts.get(id);
    if (attempt === undefined || !attempt.pending.canBeAborted) return;
    sometimes(attempt.pending.phase === 'collecting', 'a checkpoint expires');
    this.#attempts.abort(attempt, 'checkpoint-expired');
    this.#drain();
  }

  #turnAway(request: Request, reason: CheckpointFailureReason, cause?: string): void {
    const failure: CheckpointFailure = { kind: 'failed', checkpoint: undefined, reason, cause };
    this.#effects.failed(failure);
    this.#ended(request, failure);
  }

  #ended({ resumesScheduler, onOutcome }: Request, outcome: CheckpointOutcome): void {
    // The job goes on after a stop-with-savepoint that came to nothing.
    const goesOn = outcome.kind === 'failed' && !followsFailover(outcome.reason);
    if (resumesScheduler && goesOn) this.startScheduler();
    onOutcome(outcome);
  }

  #runWhenStored(): void {
    if (this.#attempts.all().some(({ pending }) => pending.phase === 'storing')) return;
    for (const then of this.#whenStored.splice(0)) then();
  }
}
