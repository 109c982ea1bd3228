// Which splits went to which subtask since when, kept on the JobManager beside each enumerator. The
// enumerator's snapshot is taken when a checkpoint is triggered; what was assigned before that is
// in the snapshots of the readers (messages are FIFO), what was assigned later is in none. So a
// subtask that goes back to checkpoint k has lost exactly the assignments made after k was
// triggered.

import { assert } from '../core/assert.ts';
import type { CheckpointId } from '../core/ids.ts';
import type { SourceSplit } from './source.ts';

/** Plain data. `before`: the first checkpoint that holds them; undefined = none triggered since. */
export interface SplitAssignment<S extends SourceSplit> {
  readonly before: CheckpointId | undefined;
  readonly subtask: number;
  readonly split: S;
}

interface Assigned<S> {
  readonly subtask: number;
  readonly split: S;
}

export class SplitAssignmentTracker<S extends SourceSplit> {
  /** Ascending by checkpoint, because checkpoints are triggered in ascending order. */
  readonly #byCheckpoint = new Map<CheckpointId, Assigned<S>[]>();
  #uncheckpointed: Assigned<S>[] = [];

  constructor(restored: readonly SplitAssignment<S>[] = []) {
    for (const { before, subtask, split } of restored) {
      if (before === undefined) this.#uncheckpointed.push({ subtask, split });
      else this.#assignmentsOf(before).push({ subtask, split });
    }
  }

  recordSplitAssignment(split: S, subtask: number): void {
    this.#uncheckpointed.push({ subtask, split });
  }

  /** The enumerator's snapshot for this checkpoint was taken just now. */
  onCheckpoint(checkpoint: CheckpointId): void {
    const newest = [...this.#byCheckpoint.keys()].at(-1) ?? 0;
    assert(checkpoint > newest, `Cannot track checkpoint ${checkpoint}: ${newest} came before`);
    if (this.#uncheckpointed.length === 0) return;
    this.#byCheckpoint.set(checkpoint, this.#uncheckpointed);
    this.#uncheckpointed = [];
  }

  /**
   * Nobody goes back behind a completed checkpoint. An aborted one needs no call: its assignments
   * stay under its id until a later checkpoint completes.
   */
  onCheckpointComplete(checkpoint: CheckpointId): void {
    for (const id of this.#byCheckpoint.keys()) {
      if (id <= checkpoint) this.#byCheckpoint.delete(id);
    }
  }

  /**
   * What the subtask was assigned and forgets by going back to `restored` (undefined: to the very
   * start), in order of assignment: for addSplitsBack(). To be called when the subtask is reset,
   * not when it fails: only then is it known which checkpoint it goes back to.
   */
  getAndRemoveUncheckpointedAssignment(subtask: number, restored: CheckpointId | undefined): S[] {
    const taken: S[] = [];
    for (const [id, assignments] of this.#byCheckpoint) {
      if (restored !== undefined && id <= restored) continue;
      this.#byCheckpoint.set(id, takeOut(assignments, subtask, taken));
    }
    this.#uncheckpointed = takeOut(this.#uncheckpointed, subtask, taken);
    return taken;
  }

  snapshot(): readonly SplitAssignment<S>[] {
    const all: SplitAssignment<S>[] = [];
    for (const [before, assignments] of this.#byCheckpoint) {
      for (const { subtask, split } of assignments) all.push({ before, subtask, split });
    }
    for (const { subtask, split } of this.#uncheckpointed) {
      all.push({ before: undefined, subtask, split });
    }
    return all;
  }

  #assignmentsOf(checkpoint: CheckpointId): Assigned<S>[] {
    const assignments = this.#byCheckpoint.get(checkpoint) ?? [];
    this.#byCheckpoint.set(checkpoint, assignments);
    return assignments;
  }
}

/** Moves the subtask's splits to `taken` and returns what others keep. */
function takeOut<S>(
  assignments: readonly Assigned<S>[],
  subtask: number,
  taken: S[],
): Assigned<S>[] {
  for (const { subtask: owner, split } of assignments) if (owner === subtask) taken.push(split);
  return assignments.filter(({ subtask: owner }) => owner !== subtask);
}
