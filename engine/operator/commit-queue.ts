// The committables of one sink subtask, from the seal to the commit: in ascending order of
// checkpoints, each one's fully before the next, one at a time, never before its checkpoint is
// complete. A commit that asks for a retry is repeated with growing pauses, then fails the task.

import { unreachable } from '../core/assert.ts';
import { buggify } from '../core/buggify.ts';
import { OnceproofError } from '../core/errors.ts';
import { type CheckpointId, checkpointId } from '../core/ids.ts';
import { sometimes } from '../core/sometimes.ts';
import type { CommitResult, Committer } from '../connector/sink.ts';
import type { Timer } from '../environment/clock.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import type { TaskContext } from './stream-operator.ts';

/** One element of operator state each, so that rescaling gives each to exactly one subtask. */
export interface PendingCommittable {
  readonly checkpoint: number;
  readonly committable: unknown;
}

export interface CommitQueueOptions {
  readonly task: TaskContext;
  readonly committer: Committer<unknown>;
  /** Per committable, after the first attempt. */
  readonly retries: number;
  /** From the restored checkpoint, of any number of former subtasks. */
  readonly restored: readonly PendingCommittable[];
  /** Everything that may be committed now is. */
  readonly onIdle: () => void;
}

/** 100 ms doubled ten times ends at the maximum: a service may be away for half a minute. */
const RETRY_DELAY_MS = 100;
const RETRY_DELAY_MS_MAX = 10_000;

export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #pending: PendingCommittable[];
  /** The greatest complete checkpoint. Notifications may be lost, and come late. */
  #completed: number = NO_TIMESTAMP;
  #isBusy = false;
  #isClosed = false;
  #attempts = 0;
  #committedCount = 0;
  #retryTimer: Timer | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    this.#pending = [...options.restored].sort((left, right) => left.checkpoint - right.checkpoint);
  }

  /** Not committed yet, or not known to be. Ascending by checkpoint. */
  get pending(): readonly PendingCommittable[] {
    return this.#pending;
  }

  get committedCount(): number {
    return this.#committedCount;
  }

  /** A commit is under way, or waits for its retry. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  add(checkpoint: CheckpointId, committables: readonly unknown[]): void {
    for (const committable of committables) this.#pending.push({ checkpoint, committable });
  }

  commitUntil(checkpoint: CheckpointId): void {
    sometimes(checkpoint < this.#completed, 'a completed checkpoint is notified after a later one');
    if (checkpoint > this.#completed) this.#completed = checkpoint;
    if (!this.#isBusy) this.#commitNext();
  }

  commitAll(): void {
    const last = this.#pending.at(-1);
    if (last !== undefined) this.commitUntil(checkpointId(last.checkpoint));
  }

  /** A commit under way is not undone: the next attempt finds it done, or does it. */
  close(): void {
    this.#isClosed = true;
    this.#retryTimer?.cancel();
  }

  #commitNext(): void {
    const next = this.#pending[0];
    if (this.#isClosed) return;
    if (next === undefined || next.checkpoint > this.#completed) {
      const wasBusy = this.#isBusy;
      this.#isBusy = false;
      if (wasBusy) this.#options.onIdle();
      return;
    }
    this.#isBusy = true;
    const { task, committer } = this.#options;
    task.io(
      `commit checkpoint ${next.checkpoint} of "${task.operatorName}"`,
      () => commit(committer, next.committable),
      (result) => this.#onResult(next, result),
    );
  }

  #onResult(attempted: PendingCommittable, result: CommitResult): void {
    if (this.#isClosed) return;
    switch (result.kind) {
      case 'committed':
        if (buggify('a commit is repeated that has succeeded')) return this.#commitNext();
        this.#pending = this.#pending.filter((pending) => pending !== attempted);
        this.#committedCount += 1;
        this.#attempts = 0;
        return this.#commitNext();
      case 'retry':
        return this.#retry(attempted, result.cause);
      case 'failed':
        return this.#fail(attempted, result.cause);
      default:
        return unreachable(result);
    }
  }

  #retry(attempted: PendingCommittable, cause: string): void {
    const { task, retries } = this.#options;
    if (this.#attempts >= retries) {
      return this.#fail(attempted, `${cause}, after ${retries} retries`);
    }
    sometimes(true, 'a commit is retried');
    const delayMs = Math.min(RETRY_DELAY_MS * 2 ** this.#attempts, RETRY_DELAY_MS_MAX);
    this.#attempts += 1;
    // Not by the wall clock: one that is set back would put the commit off for as long.
    this.#retryTimer = task.after(delayMs, () => this.#commitNext());
  }

  #fail(attempted: PendingCommittable, cause: string): void {
    const { task } = this.#options;
    const { operatorName } = task;
    task.fail(
      new OnceproofError(
        'OP-E620',
        `Cannot commit checkpoint ${attempted.checkpoint} of sink "${operatorName}": ${cause}`,
        {
          place: operatorName,
          remedy: 'Mend the cause; the commit is repeated when the job restarts',
        },
      ),
    );
  }
}

async function commit(committer: Committer<unknown>, committable: unknown): Promise<CommitResult> {
  try {
    return await committer.commit(committable);
  } catch (error) {
    return { kind: 'failed', cause: String(error) };
  }
}
