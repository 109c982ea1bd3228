// Decides when failed checkpoints fail the job: more distinct checkpoints in a row than tolerated.
// A checkpoint counts once however often and for whatever reasons it failed; what failed before the
// last success no longer counts.

import type { CheckpointId } from '../core/ids.ts';
import { type CheckpointFailureReason, countsAsFailure } from './checkpoint-failure-reason.ts';

export type FailureVerdict = 'tolerated' | 'fail-job';

export class CheckpointFailureManager {
  readonly #tolerable: number;
  readonly #counted = new Set<CheckpointId>();
  /** Failures before an id was given, as of a checkpoint directory that cannot be made. */
  #countedWithoutId = 0;
  #lastSucceeded = 0;

  constructor(tolerableFailedCheckpoints: number) {
    this.#tolerable = tolerableFailedCheckpoints;
  }

  failed(checkpoint: CheckpointId | undefined, reason: CheckpointFailureReason): FailureVerdict {
    if (!countsAsFailure(reason)) return 'tolerated';
    if (checkpoint === undefined) this.#countedWithoutId += 1;
    else if (checkpoint <= this.#lastSucceeded) return 'tolerated';
    else this.#counted.add(checkpoint);
    if (this.#counted.size + this.#countedWithoutId <= this.#tolerable) return 'tolerated';
    this.#clear();
    return 'fail-job';
  }

  succeeded(checkpoint: CheckpointId): void {
    if (checkpoint <= this.#lastSucceeded) return;
    this.#lastSucceeded = checkpoint;
    this.#clear();
  }

  #clear(): void {
    this.#counted.clear();
    this.#countedWithoutId = 0;
  }
}
