// Removes what checkpoints without an owner have left: an earlier leader began them, or earlier
// attempts of tasks, and they are not complete. What was stored for them may never have been
// reported. Best effort, but not given up: a sweep that fails is done again after the next
// checkpoint, for then the storage works.

import type { CheckpointCoordinator } from '../../checkpoint/checkpoint-coordinator.ts';
import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import { type CheckpointId, checkpointId, type JobId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { Outcome } from '../actor/actor-system.ts';
import type { JobStore } from './job-store.ts';

export interface JobSweepOptions {
  readonly job: JobId;
  readonly storage: CheckpointCoordinatorStorage;
  readonly store: Pick<JobStore, 'reservedCheckpointId'>;
  /** The highest id that was reserved before this leader began. */
  readonly idFloor: number;
  readonly coordinator: Pick<CheckpointCoordinator, 'lastBegun' | 'retained' | 'sharedPaths'>;
  readonly io: <T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void) => void;
}

/** What there was at a deployment. Whatever came later is nobody's leftover. */
interface Moment {
  readonly begun: CheckpointId;
  readonly retained: readonly CheckpointId[];
  readonly shared: ReadonlySet<string>;
}

export class JobSweep {
  readonly #options: JobSweepOptions;
  /** Of the last deployment, if it was not swept. */
  #failed: Moment | undefined;

  constructor(options: JobSweepOptions) {
    this.#options = options;
  }

  /** Tasks are about to be deployed. */
  deploying(): void {
    const { coordinator, store, idFloor } = this.#options;
    this.#failed = undefined;
    if (coordinator.lastBegun === 0) return;
    // An id that was not reserved may be the next leader's.
    const reserved = Math.max(idFloor, store.reservedCheckpointId);
    const begun = checkpointId(Math.min(coordinator.lastBegun, reserved));
    this.#sweep({ ...this.#now(), begun });
  }

  checkpointCompleted(): void {
    const failed = this.#failed;
    if (failed === undefined) return;
    this.#failed = undefined;
    sometimes(true, 'a sweep is done again');
    const now = this.#now();
    this.#sweep({
      begun: failed.begun,
      // What has been subsumed since goes the usual way.
      retained: [...failed.retained, ...now.retained],
      shared: new Set([...failed.shared, ...now.shared]),
    });
  }

  #now(): Omit<Moment, 'begun'> {
    const { coordinator } = this.#options;
    const retained = coordinator.retained().map(({ id }) => id);
    return { retained, shared: coordinator.sharedPaths() };
  }

  #sweep(moment: Moment): void {
    const { job, storage, io } = this.#options;
    const { retained, shared, begun } = moment;
    io(
      () => storage.sweep(job, retained, shared, begun),
      ({ kind }) => {
        // A deployment meanwhile has begun a sweep of its own, which finds this one's leftovers.
        if (kind === 'failed') this.#failed ??= moment;
      },
    );
  }
}
