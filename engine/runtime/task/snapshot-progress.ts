// How far the snapshots of one task are: which are being stored, what of each is missing, and what
// the JobManager was told last. Bookkeeping for status(); decides nothing.

import type { CheckpointId } from '../../core/ids.ts';
import type { SnapshotStatus, TaskCheckpointsStatus } from '../status.ts';

type Answer = NonNullable<TaskCheckpointsStatus['lastAnswer']>['kind'];

/** One snapshot that is being stored. */
interface Storing {
  readonly sinceMs: number;
  /** Parts of it that are not stored; each is taken out once it is. */
  readonly missing: Set<string>;
}

export class SnapshotProgress {
  readonly #now: () => number;
  readonly #storing = new Map<CheckpointId, Storing>();
  #newest: CheckpointId | undefined;
  #lastAnswer: { checkpoint: CheckpointId; kind: Answer; atMs: number } | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns where its parts are to be put, and taken out. */
  begun(checkpoint: CheckpointId): Set<string> {
    const missing = new Set<string>();
    this.#newest = checkpoint;
    this.#storing.set(checkpoint, { sinceMs: this.#now(), missing });
    return missing;
  }

  stored(checkpoint: CheckpointId): void {
    this.#storing.delete(checkpoint);
  }

  answered(checkpoint: CheckpointId, kind: Answer): void {
    this.#lastAnswer = { checkpoint, kind, atMs: this.#now() };
  }

  status(): Pick<TaskCheckpointsStatus, 'newest' | 'snapshots' | 'lastAnswer'> {
    const nowMs = this.#now();
    const last = this.#lastAnswer;
    return {
      newest: this.#newest,
      snapshots: [...this.#storing].map(
        ([checkpoint, { sinceMs, missing }]): SnapshotStatus => ({
          checkpoint,
          forMs: nowMs - sinceMs,
          missing: [...missing],
        }),
      ),
      lastAnswer: last && {
        checkpoint: last.checkpoint,
        kind: last.kind,
        forMs: nowMs - last.atMs,
      },
    };
  }
}
