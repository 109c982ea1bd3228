// Metadata that was read from another storage: paths of artefacts that are not beside it, such as
// files that checkpoints share, become URLs of that storage. Nothing is moved, and nothing is read.

import type {
  ChannelStateHandle,
  KeyedStateHandle,
  OperatorSnapshot,
  StateHandle,
  StoreFile,
  TaskSnapshot,
} from '../state/state-handle.ts';
import { plainName } from './checkpoint-names.ts';
import { type CheckpointMetadata, handlesOf } from './metadata.ts';
import { decodeCheckpointMetadata, encodeCheckpointMetadata } from './metadata-format.ts';

type Change = (handle: StateHandle) => StateHandle;

/** `root` and `path`: the directory of the metadata, as URL without path and the rest. */
export function relocateArtefacts(
  bytes: Uint8Array,
  { root, path }: { readonly root: string; readonly path: string },
): Uint8Array {
  const metadata = decodeCheckpointMetadata(bytes, `${root}${path}/_metadata`);
  if (!handlesOf(metadata).some(isApart)) return bytes;
  const base = baseOf(path, metadata);
  return encodeCheckpointMetadata(
    withHandles(metadata, (handle) => {
      if (!isApart(handle)) return handle;
      // A store whose root is below that of the URL leaves out what is above.
      const isWhole = handle.path.startsWith(`${base}/`);
      return { ...handle, path: `${root}${isWhole ? '' : base}${handle.path}` };
    }),
  );
}

function isApart(handle: StateHandle): handle is Extract<StateHandle, { kind: 'file' }> {
  return handle.kind === 'file' && handle.path.startsWith('/');
}

/** What is above the directory of the job. A savepoint has nothing that is apart. */
function baseOf(path: string, { job, checkpoint }: CheckpointMetadata): string {
  const end = `/${plainName(job)}/chk-${checkpoint}`;
  return path.endsWith(end) ? path.slice(0, -end.length) : '';
}

function withHandles(metadata: CheckpointMetadata, change: Change): CheckpointMetadata {
  const vertices = metadata.vertices.map((vertex) => ({
    ...vertex,
    subtasks: vertex.subtasks.map((subtask) => ofTask(subtask, change)),
  }));
  return { ...metadata, vertices };
}

function ofTask(snapshot: TaskSnapshot, change: Change): TaskSnapshot {
  return {
    ...snapshot,
    operators: snapshot.operators.map(
      (operator): OperatorSnapshot => ({
        ...operator,
        keyed: operator.keyed.map((handle) => ofKeyed(handle, change)),
        operatorState: operator.operatorState.map((one) => ({
          ...one,
          state: change(one.state),
        })),
      }),
    ),
    channels: snapshot.channels.map(
      (channel): ChannelStateHandle => ({ ...channel, state: change(channel.state) }),
    ),
  };
}

function ofKeyed(keyed: KeyedStateHandle, change: Change): KeyedStateHandle {
  if (keyed.kind === 'key-groups') return { ...keyed, state: change(keyed.state) };
  const ofFile = ({ name, state }: StoreFile): StoreFile => ({ name, state: change(state) });
  return {
    ...keyed,
    shared: keyed.shared.map(ofFile),
    exclusive: keyed.exclusive.map(ofFile),
    meta: change(keyed.meta),
  };
}
