// Job graphs and the metadata of their checkpoints, for tests of what depends on the shape of a
// job. The operators do nothing and cannot be run.

import { assert } from '../../core/assert.ts';
import { checkpointId, jobId, jobVertexId, operatorId } from '../../core/ids.ts';
import type { ChainedOperator, JobEdge, JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { Partitioning } from '../../graph/job-graph.ts';
import { keyGroupRangeOf } from '../../state/key-groups.ts';
import type { TaskSnapshot } from '../../state/state-handle.ts';
import {
  type CheckpointMetadata,
  FINISHED_TASK_SNAPSHOT,
  type VertexMetadata,
} from '../metadata.ts';
import { fileHandle } from './handles.ts';

export interface VertexShape {
  readonly id: string;
  readonly parallelism: number;
  readonly maxParallelism?: number;
  readonly isConfigured?: boolean;
  /** Default: one of the vertex's own name. */
  readonly operators?: readonly string[];
}

export type EdgeShape = readonly [from: string, to: string, kind: Partitioning['kind']];

export function jobOf(
  vertices: readonly VertexShape[],
  edges: readonly EdgeShape[] = [],
): JobGraph {
  return {
    id: jobId('job'),
    name: 'job',
    vertices: vertices.map(vertexOf),
    edges: edges.map(edgeOf),
    checkpoints: undefined,
    restartStrategy: { kind: 'none' },
    failoverStrategy: 'region',
    stateBackend: { name: 'none', createKeyedStateBackend: refuse },
    bufferTimeoutMs: 0,
  };
}

/** What a checkpoint of this vertex holds: keyed state of each subtask, and one list element. */
export function metadataOf(
  vertices: readonly (VertexShape & { readonly subtasks?: readonly TaskSnapshot[] })[],
): CheckpointMetadata {
  return {
    checkpoint: checkpointId(7),
    job: jobId('job'),
    jobName: 'job',
    timestampMs: 0,
    properties: { type: 'checkpoint', stop: 'no' },
    vertices: vertices.map((shape) => vertexMetadata(shape, shape.subtasks)),
  };
}

export function keyedSnapshots(shape: VertexShape): TaskSnapshot[] {
  const { id, parallelism, maxParallelism = 128, operators = [id] } = shape;
  return Array.from({ length: parallelism }, (_, subtaskIndex) => ({
    operators: operators.map((name) => ({
      operator: operatorId(name),
      keyed: [
        {
          kind: 'key-groups',
          format: 'heap',
          range: keyGroupRangeOf({ subtaskIndex, parallelism, maxParallelism }),
          state: fileHandle(`/${name}/keyed-${subtaskIndex}`),
        },
      ],
      operatorState: [{ kind: 'operator', state: fileHandle(`/${name}/list-${subtaskIndex}`) }],
    })),
    channels: [],
    finished: false,
  }));
}

/** Subtasks that have taken part, without any state. */
export function statelessSnapshots(parallelism: number): TaskSnapshot[] {
  return Array.from({ length: parallelism }, () => ({
    operators: [],
    channels: [],
    finished: false,
  }));
}

function vertexMetadata(
  shape: VertexShape,
  subtasks: readonly TaskSnapshot[] = keyedSnapshots(shape),
): VertexMetadata {
  const { id, parallelism, maxParallelism = 128, operators = [id] } = shape;
  assert(subtasks.length === parallelism, `Cannot describe ${id}: not one snapshot a subtask`);
  return {
    vertex: jobVertexId(id),
    name: id,
    parallelism,
    maxParallelism,
    operators: operators.map((name) => ({
      operator: operatorId(name),
      uid: name,
      name,
      coordinatorState: undefined,
    })),
    subtasks,
    fullyFinished: subtasks.every((subtask) => subtask === FINISHED_TASK_SNAPSHOT),
  };
}

function vertexOf(shape: VertexShape): JobVertex {
  const { id, parallelism, maxParallelism = 128, isConfigured = false } = shape;
  return {
    id: jobVertexId(id),
    name: id,
    parallelism,
    maxParallelism,
    maxParallelismConfigured: isConfigured,
    source: undefined,
    sourceOperator: undefined,
    operators: (shape.operators ?? [id]).map(chainedOperator),
    links: [],
  };
}

function chainedOperator(name: string): ChainedOperator {
  return {
    id: operatorId(name),
    uid: name,
    name,
    keyed: true,
    keySerializer: undefined,
    factory: { kind: 'none', create: refuse },
  };
}

function edgeOf([source, target, kind]: EdgeShape): JobEdge {
  return {
    id: `${source}->${target}`,
    source: jobVertexId(source),
    operator: 0,
    tag: undefined,
    target: jobVertexId(target),
    input: 0,
    partitioning: kind === 'hash' ? { kind, keySelector: (value) => value } : { kind },
    serializer: undefined,
  };
}

function refuse(): never {
  assert(false, 'Cannot run a job that only has a shape');
}
