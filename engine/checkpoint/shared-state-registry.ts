// Which shared files are still needed. Not reference counts: each file remembers the last
// checkpoint that used it, and goes once every retained checkpoint is newer. An abort therefore
// never deletes a file that an earlier or later checkpoint relies on.

import { assert } from '../core/assert.ts';
import { type CheckpointId, checkpointId } from '../core/ids.ts';
import type { SharedStateHandle } from './completed-checkpoint.ts';

interface Entry {
  readonly handle: SharedStateHandle;
  readonly createdBy: CheckpointId;
  lastUsedBy: CheckpointId;
  /** The file lies in the own directory of the checkpoint that made it, as in a savepoint. */
  keepsCreator: boolean;
}

export interface UnusedState {
  readonly discard: readonly SharedStateHandle[];
  /** Checkpoints whose own files are still in use, so their directories have to stay. */
  readonly keepCheckpoints: ReadonlySet<CheckpointId>;
}

export class SharedStateRegistry {
  /** By path: the physical file. A logical name may be uploaded twice by concurrent checkpoints. */
  readonly #entries = new Map<string, Entry>();
  /** Files of a restored snapshot that still belongs to the user are never ours to delete. */
  #highestNotClaimed = 0;

  register(handle: SharedStateHandle, checkpoint: CheckpointId, keepsCreator = false): void {
    const known = this.#entries.get(handle.path);
    if (known === undefined) {
      const entry = { handle, createdBy: checkpoint, lastUsedBy: checkpoint, keepsCreator };
      this.#entries.set(handle.path, entry);
      return;
    }
    const isSame =
      known.handle.sizeBytes === handle.sizeBytes && known.handle.checksum === handle.checksum;
    assert(isSame, `Cannot share "${handle.path}": two different files have this name`);
    if (checkpoint > known.lastUsedBy) known.lastUsedBy = checkpoint;
    if (keepsCreator) known.keepsCreator = true;
  }

  registerAll(handles: readonly SharedStateHandle[], checkpoint: CheckpointId): void {
    for (const handle of handles) this.register(handle, checkpoint);
  }

  /** Has to happen before the checkpoint enters the store, or the first subsumption deletes it. */
  registerRestored(options: {
    readonly handles: readonly SharedStateHandle[];
    readonly checkpoint: CheckpointId;
    /** False: the snapshot remains the user's, and none of its files is ever deleted. */
    readonly claimed: boolean;
    /** Its shared files lie in its own directory, as a savepoint's do. */
    readonly keepsCreator: boolean;
  }): void {
    const { handles, checkpoint, claimed, keepsCreator } = options;
    for (const handle of handles) this.register(handle, checkpoint, keepsCreator);
    if (!claimed) this.#highestNotClaimed = Math.max(this.#highestNotClaimed, checkpoint);
  }

  /**
   * Forgets what no checkpoint from `lowestRetained` on uses. `neededFrom`: checkpoints under way
   * may still come to use what one from there on did.
   */
  unregisterUnused(lowestRetained: CheckpointId, neededFrom = lowestRetained): UnusedState {
    const lowestUsed = Math.min(lowestRetained, neededFrom);
    const discard: SharedStateHandle[] = [];
    const keepCheckpoints = new Set<CheckpointId>();
    for (const [path, entry] of this.#entries) {
      if (entry.lastUsedBy >= lowestUsed) {
        const isBelow = entry.createdBy < lowestRetained;
        if (isBelow && entry.keepsCreator) keepCheckpoints.add(entry.createdBy);
        continue;
      }
      this.#entries.delete(path);
      if (entry.createdBy > this.#highestNotClaimed) discard.push(entry.handle);
    }
    return { discard, keepCheckpoints };
  }

  /** Forgets everything: no checkpoint is retained. Returns what may be deleted. */
  unregisterAll(): readonly SharedStateHandle[] {
    return this.unregisterUnused(checkpointId(Number.MAX_SAFE_INTEGER)).discard;
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** Paths in use, for hygiene. */
  paths(): ReadonlySet<string> {
    return new Set(this.#entries.keys());
  }
}
