// Every piece of state that `_metadata` refers to, with whose it is and what it should look like.

import type { JobVertexId, OperatorId } from '../core/ids.ts';
import type { KeyedStateHandle, StateHandle } from '../state/state-handle.ts';
import {
  examineChannel,
  type ExaminedContent,
  examineKeyGroups,
  examineOperatorState,
} from './examine-content.ts';
import type { CheckpointMetadata, VertexMetadata } from './metadata.ts';

export type ArtefactRole = 'keyed-state' | 'operator-state' | 'in-flight-data';

export interface ArtefactReference {
  readonly role: ArtefactRole;
  readonly vertex: { readonly id: JobVertexId; readonly name: string };
  /** Undefined for in-flight data, which is the vertex's. */
  readonly operator: { readonly id: OperatorId; readonly name: string } | undefined;
  readonly subtask: number;
  readonly handle: StateHandle;
  /** Of one file among several of a store: its name there. */
  readonly fileName: string | undefined;
  /** What is in it; throws for bytes that are not what their format says. */
  readonly look: (bytes: Uint8Array, place: string) => ExaminedContent | undefined;
}

type Owner = Pick<ArtefactReference, 'vertex' | 'operator' | 'subtask'>;

export function referencesOf({ vertices }: CheckpointMetadata): readonly ArtefactReference[] {
  return vertices.flatMap(ofVertex);
}

function ofVertex(metadata: VertexMetadata): ArtefactReference[] {
  const { operators, subtasks } = metadata;
  const vertex = { id: metadata.vertex, name: metadata.name };
  const names = new Map(operators.map(({ operator, name }) => [operator, name]));
  return subtasks.flatMap((snapshot, subtask) => {
    const ofOperators = snapshot.operators.flatMap(({ operator: id, keyed, operatorState }) => {
      const owner = { vertex, operator: { id, name: names.get(id) ?? id }, subtask };
      const states = operatorState.map(({ state }) =>
        referenceTo(state, 'operator-state', owner, examineOperatorState),
      );
      return [...keyed.flatMap((handle) => ofKeyed(handle, owner)), ...states];
    });
    const owner = { vertex, operator: undefined, subtask };
    const inFlight = snapshot.channels.map(({ state }) =>
      referenceTo(state, 'in-flight-data', owner, examineChannel),
    );
    return [...ofOperators, ...inFlight];
  });
}

function ofKeyed(keyed: KeyedStateHandle, owner: Owner): ArtefactReference[] {
  if (keyed.kind === 'key-groups') {
    const look = (bytes: Uint8Array): ExaminedContent => examineKeyGroups(keyed, bytes);
    return [referenceTo(keyed.state, 'keyed-state', owner, look)];
  }
  const { format, range, meta, shared, exclusive } = keyed;
  const look = (): ExaminedContent => ({ format, range, states: [] });
  return [
    referenceTo(meta, 'keyed-state', owner, look),
    ...[...exclusive, ...shared].map(({ name, state }) => ({
      ...referenceTo(state, 'keyed-state', owner, () => undefined),
      fileName: name,
    })),
  ];
}

function referenceTo(
  handle: StateHandle,
  role: ArtefactRole,
  owner: Owner,
  look: ArtefactReference['look'],
): ArtefactReference {
  return { ...owner, role, handle, fileName: undefined, look };
}
