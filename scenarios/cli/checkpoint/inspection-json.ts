// An inspected checkpoint for machines: one object, the same facts as on the screen.

import {
  type ExaminedArtefact,
  type ExaminedCheckpoint,
  faultsOf,
} from '../../../engine/checkpoint/examine-checkpoint.ts';

export function inspectionJson(examined: ExaminedCheckpoint): object {
  const { place, metadata, metadataBytes, artefacts } = examined;
  return {
    type: 'checkpoint.inspected',
    place,
    checkpoint: metadata?.checkpoint,
    job: metadata?.job,
    jobName: metadata?.jobName,
    timestampMs: metadata?.timestampMs,
    kind: metadata?.properties.type,
    stop: metadata?.properties.stop,
    metadataBytes,
    vertices: metadata?.vertices.map(
      ({ name, vertex, parallelism, maxParallelism, fullyFinished, operators }) => ({
        name,
        id: vertex,
        parallelism,
        maxParallelism,
        fullyFinished,
        operators: operators.map(({ operator, uid, name: operatorName, coordinatorState }) => ({
          name: operatorName,
          id: operator,
          uid,
          coordinatorStateBytes: coordinatorState?.length,
        })),
      }),
    ),
    artefacts: artefacts.map(artefactJson),
    faults: faultsOf(examined),
  };
}

function artefactJson(artefact: ExaminedArtefact): object {
  const { role, vertex, operator, subtask, handle, place, content, fault, fileName } = artefact;
  return {
    role,
    vertex: vertex.name,
    operator: operator?.name,
    subtask,
    fileName,
    place: handle.kind === 'inline' ? undefined : place,
    scope: handle.kind === 'inline' ? 'inline' : handle.scope,
    sizeBytes: handle.sizeBytes,
    checksum: handle.checksum,
    format: content?.format,
    keyGroups: content?.range,
    states: content?.states,
    fault: fault?.code,
  };
}
