// State handles and snapshots for tests, whose paths say what they are.

import { crc32c } from '../../core/crc32c.ts';
import { checkpointId, operatorId, type OperatorId } from '../../core/ids.ts';
import type { OperatorSnapshot, StateHandle, TaskSnapshot } from '../../state/state-handle.ts';
import { type CompletedCheckpoint, completedCheckpoint } from '../completed-checkpoint.ts';
import type { CheckpointProperties, VertexMetadata } from '../metadata.ts';
import { jobId } from '../../core/ids.ts';

export function fileHandle(path: string, scope: 'exclusive' | 'shared' = 'exclusive'): StateHandle {
  return { kind: 'file', path, sizeBytes: path.length, checksum: 7, scope };
}

export function inlineHandle(...bytes: readonly number[]): StateHandle {
  const content = Uint8Array.from(bytes);
  const checksum = crc32c(content);
  return { kind: 'inline', bytes: content, sizeBytes: content.length, checksum };
}

export function snapshotOf(
  options: {
    readonly exclusive?: readonly string[];
    readonly shared?: readonly string[];
    readonly operator?: OperatorId;
    readonly finished?: boolean;
  } = {},
): TaskSnapshot {
  const { exclusive = [], shared = [], operator = operatorId('op'), finished = false } = options;
  const handles = [
    ...exclusive.map((path) => fileHandle(path)),
    ...shared.map((path) => fileHandle(path, 'shared')),
  ];
  const snapshot: OperatorSnapshot = {
    operator,
    keyed: handles.map((state) => ({
      kind: 'key-groups',
      format: 'heap',
      range: { first: 0, last: 127 },
      state,
    })),
    operatorState: [],
  };
  return { operators: handles.length === 0 ? [] : [snapshot], channels: [], finished };
}

export function completedFor(
  id: number,
  properties: CheckpointProperties = { type: 'checkpoint', stop: 'no' },
  vertices: readonly VertexMetadata[] = [],
): CompletedCheckpoint {
  const metadata = {
    checkpoint: checkpointId(id),
    job: jobId('job'),
    jobName: 'job',
    timestampMs: 0,
    properties,
    vertices,
  };
  return completedCheckpoint(metadata, `/checkpoints/job/chk-${id}`);
}
