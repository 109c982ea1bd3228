// The checkpoints a job may be restored from, oldest first, and which of them may go. The newest
// checkpoint that is not a savepoint always stays: later ones may build on its files, and a user
// may delete a savepoint at any time.

import { assert } from '../core/assert.ts';
import type { CheckpointId } from '../core/ids.ts';
import { isSavepoint, isSynchronous } from './checkpoint-properties.ts';
import type { CompletedCheckpoint } from './completed-checkpoint.ts';

export class CompletedCheckpointStore {
  readonly #retainedMax: number;
  readonly #checkpoints: CompletedCheckpoint[] = [];

  constructor(retainedMax: number) {
    assert(retainedMax >= 1, `Cannot retain ${retainedMax} checkpoints`);
    this.#retainedMax = retainedMax;
  }

  /** Returns what has been subsumed, oldest first; that is the caller's to discard. */
  add(checkpoint: CompletedCheckpoint): readonly CompletedCheckpoint[] {
    const latest = this.latest;
    const isNewest = latest === undefined || latest.id < checkpoint.id;
    assert(isNewest, `Cannot add checkpoint ${checkpoint.id}: ${latest?.id} is newer`);
    this.#checkpoints.push(checkpoint);
    return this.#subsume();
  }

  get latest(): CompletedCheckpoint | undefined {
    return this.#checkpoints.at(-1);
  }

  get lowestRetained(): CheckpointId | undefined {
    return this.#checkpoints[0]?.id;
  }

  /** Oldest first. */
  all(): readonly CompletedCheckpoint[] {
    return [...this.#checkpoints];
  }

  has(id: CheckpointId): boolean {
    return this.#checkpoints.some((checkpoint) => checkpoint.id === id);
  }

  /** Empties the store: the job is over, or somebody else goes on with it. */
  takeAll(): readonly CompletedCheckpoint[] {
    return this.#checkpoints.splice(0);
  }

  #subsume(): CompletedCheckpoint[] {
    const latest = this.latest;
    const newestOwn = this.#checkpoints.findLast(({ properties }) => !isSavepoint(properties));
    const subsumed: CompletedCheckpoint[] = [];
    let index = 0;
    while (this.#checkpoints.length > this.#retainedMax && index < this.#checkpoints.length) {
      const candidate = this.#checkpoints[index];
      const isKept = candidate === undefined || !canSubsume({ candidate, latest, newestOwn });
      if (isKept) index += 1;
      else subsumed.push(...this.#checkpoints.splice(index, 1));
    }
    return subsumed;
  }
}

function canSubsume(options: {
  readonly candidate: CompletedCheckpoint;
  readonly latest: CompletedCheckpoint | undefined;
  readonly newestOwn: CompletedCheckpoint | undefined;
}): boolean {
  const { candidate, latest, newestOwn } = options;
  if (candidate === latest) return false;
  if (isSavepoint(candidate.properties)) return true;
  // After a stop-with-savepoint nothing is going to build on an older checkpoint.
  if (latest !== undefined && isSavepoint(latest.properties) && isSynchronous(latest.properties)) {
    return true;
  }
  return candidate !== newestOwn;
}
