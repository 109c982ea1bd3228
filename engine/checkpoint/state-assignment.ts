// Which subtask gets which state on restore: from the shape of the job in the checkpoint to its
// shape now. State follows operator ids, not vertices. Refuses what cannot be restored faithfully;
// does not read any state.

import { present } from '../core/assert.ts';
import type { CheckpointId, JobVertexId, OperatorId } from '../core/ids.ts';
import type { JobGraph, JobVertex } from '../graph/job-graph.ts';
import { keyGroupRangeOf } from '../state/key-groups.ts';
import type {
  ChannelStateHandle,
  KeyedStateHandle,
  KeyGroupRange,
  OperatorStateHandle,
} from '../state/state-handle.ts';
import {
  checkChannels,
  checkFinishedVertices,
  checkMaxParallelism,
  checkUnclaimed,
  effectiveMaxParallelism,
} from './assignment-checks.ts';
import type { CheckpointMetadata, VertexMetadata } from './metadata.ts';

export interface OperatorRestore {
  readonly operator: OperatorId;
  /** They may reach beyond the subtask's key groups: the intersection is its share. */
  readonly keyed: readonly KeyedStateHandle[];
  /**
   * Of every subtask there was, by its index. Each new subtask reads all and takes its share, so
   * that all of them agree: unchanged at equal parallelism, else split evenly; unions whole.
   */
  readonly operatorState: readonly (readonly OperatorStateHandle[])[];
}

export interface SubtaskRestore {
  readonly checkpoint: CheckpointId;
  /** It had processed all its data and flushed: it must not do so again. */
  readonly finished: boolean;
  /** Operators without state are left out. */
  readonly operators: readonly OperatorRestore[];
  readonly channels: readonly ChannelStateHandle[];
}

export interface StateAssignment {
  /** Undefined where nothing is restored at all. */
  restoreOf(vertex: JobVertexId, subtask: number): SubtaskRestore | undefined;
  coordinatorStateOf(operator: OperatorId): Uint8Array | undefined;
  /** All its subtasks were over before the checkpoint. */
  isFullyFinished(vertex: JobVertexId): boolean;
}

export interface StateAssignmentOptions {
  readonly allowNonRestoredState: boolean;
}

/**
 * OP-E510 maximum parallelism, OP-E511 unclaimed state, OP-E512 in-flight data of another
 * parallelism, OP-E513 finished vertices behind unfinished ones.
 */
export function assignState(
  graph: JobGraph,
  metadata: CheckpointMetadata | undefined,
  { allowNonRestoredState }: StateAssignmentOptions,
): StateAssignment {
  if (metadata === undefined) return NOTHING;
  for (const vertex of graph.vertices) checkMaxParallelism(vertex, metadata);
  if (!allowNonRestoredState) checkUnclaimed(graph, metadata);
  checkChannels(graph, metadata);
  checkFinishedVertices(graph, metadata);
  return new RestoredAssignment(graph, metadata);
}

/**
 * The job with the maximum parallelism its keyed state was laid out by, wherever the user has not
 * set another. Has to be applied before anything is planned: key groups depend on it.
 */
export function adoptMaxParallelism(
  graph: JobGraph,
  metadata: CheckpointMetadata | undefined,
): JobGraph {
  if (metadata === undefined) return graph;
  const vertices = graph.vertices.map((vertex) => ({
    ...vertex,
    maxParallelism: effectiveMaxParallelism(vertex, metadata),
  }));
  return { ...graph, vertices };
}

const NOTHING: StateAssignment = {
  restoreOf: () => undefined,
  coordinatorStateOf: () => undefined,
  isFullyFinished: () => false,
};

class RestoredAssignment implements StateAssignment {
  readonly #graph: JobGraph;
  readonly #metadata: CheckpointMetadata;

  constructor(graph: JobGraph, metadata: CheckpointMetadata) {
    this.#graph = graph;
    this.#metadata = metadata;
  }

  restoreOf(id: JobVertexId, subtask: number): SubtaskRestore {
    const found = this.#graph.vertices.find((vertex) => vertex.id === id);
    const vertex = present(found, `Cannot restore vertex ${id}: it is not in the job`);
    const before = verticesBefore(vertex, this.#metadata);
    return {
      checkpoint: this.#metadata.checkpoint,
      finished: before.length > 0 && before.every((one) => wasFinished(one, vertex, subtask)),
      operators: before.flatMap((one) => operatorsOf(one, vertex, subtask, this.#metadata)),
      channels: before.flatMap(({ subtasks }) => subtasks[subtask]?.channels ?? []),
    };
  }

  coordinatorStateOf(operator: OperatorId): Uint8Array | undefined {
    const operators = this.#metadata.vertices.flatMap((vertex) => vertex.operators);
    return operators.find((candidate) => candidate.operator === operator)?.coordinatorState;
  }

  isFullyFinished(id: JobVertexId): boolean {
    const vertex = this.#graph.vertices.find((candidate) => candidate.id === id);
    if (vertex === undefined) return false;
    const before = verticesBefore(vertex, this.#metadata);
    return before.length > 0 && before.every(({ fullyFinished }) => fullyFinished);
  }
}

/** Usually one; several, or the same for several vertices, if chaining has changed. */
function verticesBefore(vertex: JobVertex, metadata: CheckpointMetadata): VertexMetadata[] {
  const ids = operatorIdsOf(vertex);
  return metadata.vertices.filter(({ operators }) => operators.some((o) => ids.has(o.operator)));
}

function operatorIdsOf({ sourceOperator, operators }: JobVertex): ReadonlySet<OperatorId> {
  const ids = new Set(operators.map(({ id }) => id));
  if (sourceOperator !== undefined) ids.add(sourceOperator);
  return ids;
}

/** Rescaled, it is finished only if all were: the rest of the data may be anybody's. */
function wasFinished(before: VertexMetadata, vertex: JobVertex, subtask: number): boolean {
  if (before.parallelism === vertex.parallelism) return before.subtasks[subtask]?.finished === true;
  return before.subtasks.every(({ finished }) => finished);
}

function operatorsOf(
  before: VertexMetadata,
  vertex: JobVertex,
  subtask: number,
  metadata: CheckpointMetadata,
): OperatorRestore[] {
  const ids = operatorIdsOf(vertex);
  const range = keyGroupRangeOf({
    subtaskIndex: subtask,
    parallelism: vertex.parallelism,
    maxParallelism: effectiveMaxParallelism(vertex, metadata),
  });
  const isSameParallelism = before.parallelism === vertex.parallelism;
  return before.operators.flatMap(({ operator }) => {
    if (!ids.has(operator)) return [];
    const snapshots = before.subtasks.map(({ operators }) =>
      operators.filter((snapshot) => snapshot.operator === operator),
    );
    const own = isSameParallelism ? (snapshots[subtask] ?? []) : snapshots.flat();
    const keyed = own.flatMap((snapshot) => snapshot.keyed).filter((h) => overlap(h.range, range));
    const operatorState = snapshots.map((all) => all.flatMap((one) => one.operatorState));
    const hasState = keyed.length > 0 || operatorState.some((handles) => handles.length > 0);
    return hasState ? [{ operator, keyed, operatorState }] : [];
  });
}

function overlap(left: KeyGroupRange, right: KeyGroupRange): boolean {
  return left.first <= right.last && right.first <= left.last;
}
