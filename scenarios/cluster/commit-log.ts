// Which committables were sealed for which checkpoint, and when each was committed.

import type { ObservedCommit } from '../checkers/checker.ts';
import type { SinkWatcher } from './scenario-job.ts';

export class CommitLog implements SinkWatcher {
  readonly commits: ObservedCommit[] = [];
  readonly #now: () => number;
  readonly #sealedFor = new Map<string, number>();
  #completedUpTo: () => number = () => 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `completedUpTo`: the newest checkpoint that is complete when asked. */
  watch(completedUpTo: () => number): void {
    this.#completedUpTo = completedUpTo;
  }

  sealed(committable: string, checkpoint: number): void {
    // Sealed again for a later checkpoint, it may be committed with the first one already.
    if (!this.#sealedFor.has(committable)) this.#sealedFor.set(committable, checkpoint);
  }

  committed(committable: string): void {
    this.commits.push({
      timeMs: this.#now(),
      checkpoint: this.#sealedFor.get(committable) ?? 0,
      committable,
      completedUpTo: this.#completedUpTo(),
    });
  }
}
