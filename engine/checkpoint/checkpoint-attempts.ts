// The checkpoints that are under way, and how each of them ends: acknowledged and stored, aborted,
// or unsettled because nobody knows whether its metadata was written. Decides what may be deleted
// at each end, and what the tasks and whoever asked are told.

import type { CheckpointId, ExecutionAttemptId } from '../core/ids.ts';
import { sometimes } from '../core/sometimes.ts';
import type { Clock, Timer } from '../environment/clock.ts';
import type { TaskSnapshot } from '../state/state-handle.ts';
import type {
  AcknowledgeResult,
  CheckpointEffects,
  CheckpointFailure,
  CheckpointOutcome,
  MetadataResult,
} from './checkpoint-effects.ts';
import { type CheckpointFailureReason, followsFailover } from './checkpoint-failure-reason.ts';
import { isPlainSavepoint, isSavepoint, isSynchronous } from './checkpoint-properties.ts';
import type { CheckpointRetention } from './checkpoint-retention.ts';
import {
  type CompletedCheckpoint,
  completedCheckpoint,
  sharedHandlesOf,
} from './completed-checkpoint.ts';
import type { CheckpointFailureManager } from './failure-manager.ts';
import { type CheckpointedJob, type CheckpointMetadata, handlesOfTask } from './metadata.ts';
import { encodeCheckpointMetadata } from './metadata-format.ts';
import type { PendingCheckpoint } from './pending-checkpoint.ts';
import type { SettledCheckpoints } from './settled-checkpoints.ts';

export interface CheckpointAttempt {
  readonly pending: PendingCheckpoint;
  readonly targetDirectory: string | undefined;
  readonly timeout: Timer;
  /** Called once. */
  readonly ended: (outcome: CheckpointOutcome) => void;
}

export interface CheckpointAttemptsOptions {
  readonly job: CheckpointedJob;
  readonly clock: Clock;
  readonly effects: CheckpointEffects;
  readonly retention: CheckpointRetention;
  readonly failures: CheckpointFailureManager;
  readonly settled: SettledCheckpoints;
}

export class CheckpointAttempts {
  readonly #job: CheckpointedJob;
  readonly #clock: Clock;
  readonly #effects: CheckpointEffects;
  readonly #retention: CheckpointRetention;
  readonly #failures: CheckpointFailureManager;
  readonly #settled: SettledCheckpoints;
  /** Ascending by id. Unsettled ones stay until somebody finds out. */
  readonly #attempts = new Map<CheckpointId, CheckpointAttempt>();
  #lastCompletionMs: number | undefined;

  constructor(options: CheckpointAttemptsOptions) {
    this.#job = options.job;
    this.#clock = options.clock;
    this.#effects = options.effects;
    this.#retention = options.retention;
    this.#failures = options.failures;
    this.#settled = options.settled;
  }

  add(attempt: CheckpointAttempt): void {
    this.#attempts.set(attempt.pending.id, attempt);
  }

  get(id: CheckpointId): CheckpointAttempt | undefined {
    return this.#attempts.get(id);
  }

  /** A copy: attempts may end while it is walked. */
  all(): readonly CheckpointAttempt[] {
    return [...this.#attempts.values()];
  }

  /** Not the unsettled ones: they only wait for somebody to find out. */
  get underWayCount(): number {
    return this.all().filter(({ pending }) => pending.phase !== 'unsettled').length;
  }

  get lastCompletionMs(): number | undefined {
    return this.#lastCompletionMs;
  }

  acknowledge(
    task: ExecutionAttemptId,
    id: CheckpointId,
    snapshot: TaskSnapshot,
  ): AcknowledgeResult {
    const attempt = this.#attempts.get(id);
    const handles = handlesOfTask(snapshot);
    // Even of checkpoints that are gone: other checkpoints may rely on the same files.
    if (attempt === undefined || !isSavepoint(attempt.pending.properties)) {
      this.#retention.registry.registerAll(sharedHandlesOf(handles), id);
    }
    if (attempt === undefined) {
      if (this.#settled.mayBeComplete(id)) return 'duplicate';
      this.#retention.discardExclusive(handles);
      sometimes(true, 'an acknowledgement comes too late');
      return 'late';
    }
    const result = attempt.pending.acknowledge(task, snapshot);
    if (result === 'unknown') this.#retention.discardExclusive(handles);
    if (result === 'complete') this.store(attempt);
    return result;
  }

  /** Every task has answered: from here on it cannot be aborted. */
  store({ pending, timeout }: CheckpointAttempt): void {
    timeout.cancel();
    const metadata = pending.metadata(this.#job);
    const { id, directory, properties } = pending;
    pending.phase = 'storing';
    this.#effects.storeMetadata({
      checkpoint: id,
      directory,
      bytes: encodeCheckpointMetadata(metadata, directory),
      retainedBytes: isSynchronous(properties) ? encodeCheckpointMetadata(metadata) : undefined,
    });
  }

  metadataStored(attempt: CheckpointAttempt, result: MetadataResult): void {
    switch (result.kind) {
      case 'stored':
        return this.#complete(attempt, attempt.pending.metadata(this.#job), result.pointer);
      case 'failed':
        return this.abort(attempt, 'finalize-checkpoint-failure', result.cause);
      case 'unknown':
        return this.#leaveUnsettled(attempt, result.cause);
    }
  }

  abort(attempt: CheckpointAttempt, reason: CheckpointFailureReason, cause?: string): void {
    const { pending, timeout } = attempt;
    const { id, phase, directory } = pending;
    // Whoever was told of another abort may have aborted this one meanwhile.
    if (phase === 'over') return;
    pending.phase = 'over';
    timeout.cancel();
    this.#attempts.delete(id);
    this.#retention.discardExclusive(pending.handles());
    // One that is still being made goes once it is there.
    if (pending.isLocated) this.#effects.discardLocation(id, directory);
    // An unsettled one has been reported already, when it became so.
    if (phase !== 'unsettled') this.#reportFailure(attempt, reason, cause);
  }

  #leaveUnsettled(attempt: CheckpointAttempt, cause: string): void {
    if (attempt.pending.phase === 'unsettled') return;
    attempt.pending.phase = 'unsettled';
    sometimes(true, 'nobody knows whether the metadata of a checkpoint was written');
    this.#reportFailure(attempt, 'finalize-checkpoint-failure', cause);
  }

  #reportFailure(
    { pending, ended }: CheckpointAttempt,
    reason: CheckpointFailureReason,
    cause: string | undefined,
  ): void {
    const { id, properties } = pending;
    const attempts = pending.attempts();
    const wasTriggered = attempts.length > 0;
    if (wasTriggered) this.#effects.notifyAborted(attempts, id);
    const failure: CheckpointFailure = { kind: 'failed', checkpoint: id, reason, cause };
    this.#effects.failed(failure);
    ended(failure);
    const why = `Checkpoint ${id} failed: ${reason}${cause === undefined ? '' : ` (${cause})`}`;
    if (isSynchronous(properties)) {
      // Its tasks have stopped, maybe drained, and wait for a completion that never comes.
      if (wasTriggered && !followsFailover(reason)) this.#effects.failJob(why);
    } else if (!isSavepoint(properties) && this.#failures.failed(id, reason) === 'fail-job') {
      this.#effects.failJob(`${why}; no further failure is tolerated`);
    }
  }

  #complete(attempt: CheckpointAttempt, metadata: CheckpointMetadata, pointer: string): void {
    const { pending, ended } = attempt;
    const isNews = pending.phase !== 'unsettled';
    const completed = completedCheckpoint(metadata, pointer);
    pending.phase = 'over';
    this.#attempts.delete(pending.id);
    this.#settled.complete(pending.id);
    this.#lastCompletionMs = this.#clock.now();
    const latest = this.#retention.latest;
    const isPlain = isPlainSavepoint(pending.properties);
    if (!isPlain && latest !== undefined && latest.id > pending.id) {
      return this.#completeTooLate(attempt, completed, isNews);
    }
    this.#failures.succeeded(pending.id);
    if (!isPlain) this.#retention.retain(completed, this.#neededFrom());
    this.#effects.completed(completed);
    if (!isPlain) {
      this.#abortSubsumed(pending.id);
      this.#effects.notifyComplete(pending.attempts(), pending.id);
    }
    if (isNews) ended({ kind: 'completed', checkpoint: completed });
  }

  /** Stored, but a newer one was stored first: to announce it would make ids go backwards. */
  #completeTooLate(
    attempt: CheckpointAttempt,
    completed: CompletedCheckpoint,
    isNews: boolean,
  ): void {
    sometimes(true, 'a checkpoint is stored after a newer one');
    this.#retention.discard(completed);
    if (isNews) this.#reportFailure(attempt, 'checkpoint-subsumed', undefined);
  }

  /** Snapshots that are under way may refer to files of this checkpoint, and of later ones. */
  #neededFrom(): CheckpointId | undefined {
    let lowest: CheckpointId | undefined;
    for (const { pending } of this.#attempts.values()) {
      const { basedOn } = pending;
      if (basedOn !== undefined && (lowest === undefined || basedOn < lowest)) lowest = basedOn;
    }
    return lowest;
  }

  #abortSubsumed(completed: CheckpointId): void {
    for (const attempt of this.all()) {
      const { id, properties, canBeAborted } = attempt.pending;
      const isSubsumed = id < completed && canBeAborted && !isSavepoint(properties);
      if (isSubsumed) this.abort(attempt, 'checkpoint-subsumed');
    }
  }
}
