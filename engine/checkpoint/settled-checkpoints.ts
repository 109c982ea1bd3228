// Remembers which checkpoints completed, so that a repeated or very late acknowledgement never has
// the state of a complete checkpoint deleted. Bounded: of ids older than it remembers it says
// "maybe complete", which keeps files rather than losing them.

import type { CheckpointId } from '../core/ids.ts';

/** Some hours at the usual rates; an acknowledgement that late is left to the sweep. */
const REMEMBERED_MAX = 1_024;

export class SettledCheckpoints {
  readonly #completed = new Set<CheckpointId>();
  /** Ids up to this one were triggered by others, or are forgotten. */
  #forgottenUpTo: number;

  constructor(floor: number) {
    this.#forgottenUpTo = floor;
  }

  complete(id: CheckpointId): void {
    this.#completed.add(id);
    if (this.#completed.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#completed;
    if (oldest === undefined) return;
    this.#completed.delete(oldest);
    this.#forgottenUpTo = Math.max(this.#forgottenUpTo, oldest);
  }

  mayBeComplete(id: CheckpointId): boolean {
    return id <= this.#forgottenUpTo || this.#completed.has(id);
  }
}
