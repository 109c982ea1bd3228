// Which keyed snapshots a subtask needs after a change of parallelism: those that reach into its
// range. Handles are passed on whole; the backend takes the intersection when it reads them.

import type { KeyedStateHandle, KeyGroupRange } from './state-handle.ts';

export function assignKeyedHandles(
  handles: readonly KeyedStateHandle[],
  range: KeyGroupRange,
): readonly KeyedStateHandle[] {
  return handles.filter((handle) => intersects(handle.range, range));
}

/** False where one of the ranges is empty. */
export function intersects(left: KeyGroupRange, right: KeyGroupRange): boolean {
  return Math.max(left.first, right.first) <= Math.min(left.last, right.last);
}
