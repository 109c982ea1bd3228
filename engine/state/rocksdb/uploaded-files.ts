// Which immutable files of a store lie in checkpoint storage already. A snapshot may refer to files
// of the last completed checkpoint, and of no other: those alone surely stay until it is over.

import { assert } from '../../core/assert.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { CheckpointId } from '../../core/ids.ts';
import type { StateHandle, StoreFile } from '../state-handle.ts';

type Files = ReadonlyMap<string, StateHandle>;

const NONE: Files = new Map();

export class UploadedFiles {
  #base: Files = NONE;
  #lastCompleted = 0;
  readonly #pending = new Map<CheckpointId, Files>();

  /** Files of the checkpoint that the store was opened from. */
  restore(files: readonly StoreFile[]): void {
    this.#base = byName(files);
  }

  /** What a snapshot that begins now may refer to. */
  get base(): Files {
    return this.#base;
  }

  /** Its upload is over, even if there was nothing to upload; it may still fail elsewhere. */
  add(checkpoint: CheckpointId, files: readonly StoreFile[]): void {
    assert(
      !this.#pending.has(checkpoint),
      `Cannot add files of checkpoint ${checkpoint}: they are known`,
    );
    if (checkpoint > this.#lastCompleted) this.#pending.set(checkpoint, byName(files));
  }

  /** Notifications may be late, and never come for some: earlier ones are forgotten then. */
  complete(checkpoint: CheckpointId): void {
    const files = this.#pending.get(checkpoint);
    sometimes(files === undefined, 'a completed checkpoint has no files of this store');
    if (files === undefined) return;
    this.#base = files;
    this.#lastCompleted = checkpoint;
    for (const id of this.#pending.keys()) if (id <= checkpoint) this.#pending.delete(id);
  }

  abort(checkpoint: CheckpointId): void {
    this.#pending.delete(checkpoint);
  }
}

function byName(files: readonly StoreFile[]): Files {
  return new Map(files.map(({ name, state }) => [name, state]));
}
