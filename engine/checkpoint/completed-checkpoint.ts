// A checkpoint whose `_metadata` is durable: the job may be restored from it. Immutable.

import type { CheckpointId } from '../core/ids.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { type CheckpointMetadata, type CheckpointProperties, handlesOf } from './metadata.ts';

export interface CompletedCheckpoint {
  readonly id: CheckpointId;
  /** Where its `_metadata` is found. */
  readonly pointer: string;
  readonly properties: CheckpointProperties;
  readonly metadata: CheckpointMetadata;
}

export function completedCheckpoint(
  metadata: CheckpointMetadata,
  pointer: string,
): CompletedCheckpoint {
  return { id: metadata.checkpoint, pointer, properties: metadata.properties, metadata };
}

/** The artefacts that may serve other checkpoints too. */
export function sharedHandlesOf(handles: readonly StateHandle[]): SharedStateHandle[] {
  return handles.filter(isShared);
}

/** The artefacts that go with their checkpoint, each file once. Inline bytes need no deleting. */
export function exclusiveHandlesOf(handles: readonly StateHandle[]): StateHandle[] {
  const byPath = new Map<string, StateHandle>();
  for (const handle of handles) {
    if (handle.kind === 'file' && handle.scope === 'exclusive') byPath.set(handle.path, handle);
  }
  return [...byPath.values()];
}

/** All files it needs, shared and exclusive, each once: for hygiene checks. */
export function filesOf(checkpoint: CompletedCheckpoint): string[] {
  const paths = new Set<string>();
  for (const handle of handlesOf(checkpoint.metadata)) {
    if (handle.kind === 'file') paths.add(handle.path);
  }
  return [...paths];
}

export type SharedStateHandle = Extract<StateHandle, { kind: 'file' }>;

function isShared(handle: StateHandle): handle is SharedStateHandle {
  return handle.kind === 'file' && handle.scope === 'shared';
}
