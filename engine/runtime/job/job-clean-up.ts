// What an ended job leaves behind, and how the rest goes: by the leader that ended it, or by the
// next one where that died before it was done.

import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { CheckpointConfig } from '../../graph/checkpoint-config.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { Outcome } from '../actor/actor-system.ts';
import type { JobResult } from './job-store.ts';

export interface CleanUpOptions {
  readonly graph: JobGraph;
  readonly storage: CheckpointCoordinatorStorage;
  readonly io: <T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void) => void;
  readonly schedule: (delayMs: number, run: () => void) => void;
}

const RETRY_MS = 500;
const ATTEMPTS_MAX = 10;

/**
 * Removes every checkpoint of the job, also what earlier leaders and attempts have left. Tried some
 * times: that it fails must not keep the job from ending.
 */
export function removeCheckpoints(options: CleanUpOptions, then: () => void, attempt = 1): void {
  const { graph, storage, io, schedule } = options;
  io(
    () => storage.removeJob(graph.id),
    (outcome) => {
      const again = outcome.kind === 'failed' && attempt < ATTEMPTS_MAX;
      if (again) schedule(RETRY_MS, () => removeCheckpoints(options, then, attempt + 1));
      else then();
    },
  );
}

/** Whether a job that ended like this keeps no checkpoint at all. */
export function leavesNothing(
  state: JobResult['state'],
  checkpoints: CheckpointConfig | undefined,
): boolean {
  if (state === 'finished') return true;
  if (state !== 'canceled' || checkpoints === undefined) return false;
  return checkpoints.externalizedRetention !== 'RETAIN_ON_CANCELLATION';
}
