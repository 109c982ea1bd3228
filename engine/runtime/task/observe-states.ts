// Tells the observer what the states of a subtask hold, as hashes, where it asks for that: at every
// snapshot and after every restore, so that a checker can compare them.

import { crc32c } from '../../core/crc32c.ts';
import type { CheckpointId } from '../../core/ids.ts';
import type { TaskDeployment } from '../messages.ts';
import type { ObservedList, Observer } from '../observer.ts';
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

/** Restored: before the operators are opened. Snapshotted: once all of them have had their say. */
export function observeOperatorStates(
  { observer, restored, deployment }: ObservedStates,
  checkpoint: CheckpointId,
  kind: 'operator-state-snapshotted' | 'operator-state-restored',
): void {
  if (!observer.stateDigests) return;
  const { subtask, attempt, parallelism } = deployment;
  for (const [operator, { operatorState }] of restored.states) {
    const lists = operatorState.describe().map(({ name, mode, elements }): ObservedList => {
      return { name, mode, elements: elements.map(digestOf) };
    });
    // That there was nothing for it says something too; that there is nothing is the rule.
    if (lists.length === 0 && kind === 'operator-state-snapshotted') continue;
    observer.observe({ kind, checkpoint, operator, subtask, attempt, parallelism, lists });
  }
}

function digestOf(bytes: Uint8Array): string {
  return `${bytes.length}:${crc32c(bytes).toString(16).padStart(8, '0')}`;
}
