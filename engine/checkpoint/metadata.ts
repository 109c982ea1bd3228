// What `_metadata` says: which checkpoint of which job, the shape the job had, and where every
// piece of its state lies. Plain data. The binary form is in metadata-format.ts.

import type { CheckpointId, JobId, JobVertexId, OperatorId } from '../core/ids.ts';
import type { JobGraph, JobVertex } from '../graph/job-graph.ts';
import { artefactsOf, type StateHandle, type TaskSnapshot } from '../state/state-handle.ts';

export interface CheckpointProperties {
  readonly type: 'checkpoint' | 'savepoint';
  /** Of a stop-with-savepoint: it is kept by the store and its side effects are committed. */
  readonly stop: 'no' | 'suspend' | 'drain';
}

export interface OperatorDescription {
  readonly operator: OperatorId;
  readonly uid: string | undefined;
  readonly name: string;
}

export interface VertexDescription {
  readonly vertex: JobVertexId;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly operators: readonly OperatorDescription[];
}

/** What the coordinator has to know of a job to describe its checkpoints. */
export interface CheckpointedJob {
  readonly id: JobId;
  readonly name: string;
  readonly vertices: readonly VertexDescription[];
}

export interface OperatorMetadata extends OperatorDescription {
  /** Of sources: what the split enumerator gave. */
  readonly coordinatorState: Uint8Array | undefined;
}

export interface VertexMetadata {
  readonly vertex: JobVertexId;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly operators: readonly OperatorMetadata[];
  /** By subtask index. A subtask that was over before the checkpoint: finished, and no state. */
  readonly subtasks: readonly TaskSnapshot[];
  /** All subtasks were over before the checkpoint: on restore they are not started again. */
  readonly fullyFinished: boolean;
}

export interface CheckpointMetadata {
  readonly checkpoint: CheckpointId;
  readonly job: JobId;
  readonly jobName: string;
  /** Wall-clock time of the trigger. */
  readonly timestampMs: number;
  readonly properties: CheckpointProperties;
  readonly vertices: readonly VertexMetadata[];
}

/** What stands for a subtask that was over before the checkpoint was triggered. */
export const FINISHED_TASK_SNAPSHOT: TaskSnapshot = { operators: [], channels: [], finished: true };

export function describeJob(graph: JobGraph): CheckpointedJob {
  return { id: graph.id, name: graph.name, vertices: graph.vertices.map(describeVertex) };
}

function describeVertex(vertex: JobVertex): VertexDescription {
  const chained = vertex.operators.map(({ id, uid, name }) => ({ operator: id, uid, name }));
  const source = vertex.sourceOperator;
  const head = source === undefined ? [] : [describeSource(source, vertex)];
  return {
    vertex: vertex.id,
    name: vertex.name,
    parallelism: vertex.parallelism,
    maxParallelism: vertex.maxParallelism,
    operators: [...head, ...chained],
  };
}

function describeSource(operator: OperatorId, vertex: JobVertex): OperatorDescription {
  return { operator, uid: undefined, name: vertex.source?.name ?? vertex.name };
}

/** Every artefact a subtask handed over, shared ones included, in the order of writing. */
export function handlesOfTask(snapshot: TaskSnapshot): StateHandle[] {
  const ofOperators = snapshot.operators.flatMap(({ keyed, operatorState }) => [
    ...keyed.flatMap(artefactsOf),
    ...operatorState.map(({ state }) => state),
  ]);
  return [...ofOperators, ...snapshot.channels.map(({ state }) => state)];
}

export function handlesOf(metadata: CheckpointMetadata): StateHandle[] {
  return metadata.vertices.flatMap(({ subtasks }) => subtasks.flatMap(handlesOfTask));
}
