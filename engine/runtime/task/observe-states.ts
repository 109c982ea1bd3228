// Tells the observer what the keyed states of a subtask hold, as a hash, where it asks for that:
// at every snapshot and after every restore, so that a checker can compare them.

import type { CheckpointId } from '../../core/ids.ts';
import type { TaskDeployment } from '../messages.ts';
import type { Observer } from '../observer.ts';
import type { RestoredTask } from './task-restore.ts';

export interface ObservedStates {
  readonly observer: Observer;
  readonly restored: RestoredTask;
  readonly deployment: TaskDeployment;
}

export function observeStates(
  { observer, restored, deployment }: ObservedStates,
  checkpoint: CheckpointId,
  kind: 'keyed-state-snapshotted' | 'keyed-state-restored',
): void {
  if (!observer.stateDigests) return;
  for (const [operator, { keyed }] of restored.states) {
    if (keyed === undefined) continue;
    const { subtask, attempt, parallelism } = deployment;
    const digest = keyed.logicalDigest();
    observer.observe({ kind, checkpoint, operator, subtask, attempt, parallelism, digest });
  }
}
