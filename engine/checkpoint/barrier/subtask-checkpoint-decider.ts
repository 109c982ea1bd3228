// Whether a subtask may still take the snapshot of a checkpoint: never twice, never after a newer
// one, never after it was given up. Knows ids only; remembers a bounded number of them.

import { assert } from '../../core/assert.ts';
import type { CheckpointId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';

export type SnapshotDecision =
  | 'snapshot'
  /** An older one, or the same again: nothing is sent, nobody is told. */
  | 'ignore'
  /** It was given up before its barrier came: a cancel marker goes downstream instead. */
  | 'cancel-downstream';

export type AbortDecision =
  /** Nothing has been done for it yet: it is remembered until its barrier comes. */
  | 'remembered'
  /** Its snapshot may be under way: stop it, and tell the operators. */
  | 'stop-snapshot';

/** Flink's default. */
const REMEMBERED_MAX = 128;

export class SubtaskCheckpointDecider {
  readonly #rememberedMax: number;
  readonly #aborted = new Set<CheckpointId>();
  #last = 0;
  #highestAborted = 0;

  constructor(rememberedMax = REMEMBERED_MAX) {
    assert(rememberedMax > 0, `Cannot remember ${rememberedMax} aborted checkpoints`);
    this.#rememberedMax = rememberedMax;
  }

  /** Asked once per barrier or trigger that leads to a snapshot. */
  decide(id: CheckpointId): SnapshotDecision {
    if (id <= this.#last) {
      sometimes(true, 'a barrier is out of order');
      return 'ignore';
    }
    this.#last = id;
    const wasAborted = this.wasAborted(id);
    for (const aborted of this.#aborted) if (aborted <= id) this.#aborted.delete(aborted);
    sometimes(wasAborted, 'a barrier comes after its checkpoint was aborted');
    return wasAborted ? 'cancel-downstream' : 'snapshot';
  }

  aborted(id: CheckpointId): AbortDecision {
    if (id <= this.#last) return 'stop-snapshot';
    this.#highestAborted = Math.max(this.#highestAborted, id);
    this.#aborted.add(id);
    while (this.#aborted.size > this.#rememberedMax) this.#forgetLowest();
    return 'remembered';
  }

  /** So far below the highest that it may have been forgotten counts as given up. */
  wasAborted(id: CheckpointId): boolean {
    return this.#aborted.has(id) || id <= this.#highestAborted - this.#rememberedMax;
  }

  #forgetLowest(): void {
    let lowest: CheckpointId | undefined;
    for (const id of this.#aborted) if (lowest === undefined || id < lowest) lowest = id;
    if (lowest !== undefined) this.#aborted.delete(lowest);
  }
}
