// What makes a checkpoint unfit for the job as it is now. Each check refuses with a code, the place
// and a remedy; none of them changes anything.

import { OnceproofError } from '../core/errors.ts';
import type { OperatorId } from '../core/ids.ts';
import type { JobEdge, JobGraph, JobVertex } from '../graph/job-graph.ts';
import type { CheckpointMetadata, VertexMetadata } from './metadata.ts';

/**
 * What the keyed state was laid out by, unless the user has set another. Without keyed state there
 * is nothing that depends on it.
 */
export function effectiveMaxParallelism(vertex: JobVertex, metadata: CheckpointMetadata): number {
  if (vertex.maxParallelismConfigured) return vertex.maxParallelism;
  return storedMaxParallelism(vertex, metadata) ?? vertex.maxParallelism;
}

/** OP-E510. */
export function checkMaxParallelism(vertex: JobVertex, metadata: CheckpointMetadata): void {
  const stored = storedMaxParallelism(vertex, metadata);
  if (stored === undefined) return;
  if (vertex.maxParallelismConfigured && vertex.maxParallelism !== stored) {
    throw new OnceproofError(
      'OP-E510',
      `Cannot restore with ${vertex.maxParallelism} key groups: the state has ${stored}`,
      { place: vertex.name, remedy: `Set its maximum parallelism to ${stored}, or do not set it` },
    );
  }
  if (vertex.parallelism <= stored) return;
  throw new OnceproofError(
    'OP-E510',
    `Cannot restore ${vertex.parallelism} subtasks: the state has ${stored} key groups`,
    { place: vertex.name, remedy: `Set its parallelism to ${stored} or less` },
  );
}

/** OP-E511. */
export function checkUnclaimed(graph: JobGraph, metadata: CheckpointMetadata): void {
  const claimed = new Set(graph.vertices.flatMap(operatorsOf));
  for (const vertex of metadata.vertices) {
    for (const { operator, name, coordinatorState } of vertex.operators) {
      const hasState = coordinatorState !== undefined || hasOperatorState(vertex, operator);
      if (claimed.has(operator) || !hasState) continue;
      throw new OnceproofError('OP-E511', `Cannot restore the state of operator "${name}"`, {
        place: `${vertex.name}, operator ${operator}`,
        remedy:
          'Give the operator that had it the same uid as before, or set allowNonRestoredState to ' +
          'drop its state',
      });
    }
  }
}

/** OP-E512. In-flight data belongs to channels, and these must be the same ones. */
export function checkChannels(graph: JobGraph, metadata: CheckpointMetadata): void {
  for (const vertex of metadata.vertices) {
    for (const { edge } of vertex.subtasks.flatMap(({ channels }) => channels)) {
      const now = graph.edges.find(({ id }) => id === edge);
      const isSame = now !== undefined && hasSameEnds(graph, metadata, now);
      if (isSame) continue;
      throw new OnceproofError(
        'OP-E512',
        'Cannot restore in-flight data: the channels have changed',
        {
          place: edge,
          remedy: 'Restore with the former parallelism, take a savepoint, and change the job then',
        },
      );
    }
  }
}

/** OP-E513. A subtask that is over gets no more data, so nothing before it may still have some. */
export function checkFinishedVertices(graph: JobGraph, metadata: CheckpointMetadata): void {
  for (const edge of graph.edges) {
    const target = stageOf(graph, metadata, edge.target);
    if (target === 'running') continue;
    const source = stageOf(graph, metadata, edge.source);
    const isPointwise = ['forward', 'rescale'].includes(edge.partitioning.kind);
    const needsAll = target === 'finished' || !isPointwise;
    const isPlausible = source === 'finished' || (!needsAll && source === 'partly-finished');
    if (isPlausible) continue;
    throw new OnceproofError('OP-E513', 'Cannot restore: a vertex is over, but not its input', {
      place: edge.id,
      remedy: 'Remove the operators that were added before the finished ones, or start anew',
    });
  }
}

type Stage = 'running' | 'partly-finished' | 'finished';

function stageOf(graph: JobGraph, metadata: CheckpointMetadata, id: JobVertex['id']): Stage {
  const vertex = graph.vertices.find((candidate) => candidate.id === id);
  const before = vertex === undefined ? [] : verticesWith(vertex, metadata);
  if (before.length === 0) return 'running';
  const subtasks = before.flatMap((one) => one.subtasks);
  // Those that were over before: whoever took part in the checkpoint is started again.
  const over = subtasks.filter(({ finished, operators }) => finished && operators.length === 0);
  if (before.every(({ fullyFinished }) => fullyFinished)) return 'finished';
  if (subtasks.every(({ finished }) => finished)) return 'finished';
  return over.length > 0 ? 'partly-finished' : 'running';
}

function storedMaxParallelism(vertex: JobVertex, metadata: CheckpointMetadata): number | undefined {
  const ids = operatorsOf(vertex);
  for (const before of metadata.vertices) {
    const isKeyed = before.subtasks.some(({ operators }) =>
      operators.some(({ operator, keyed }) => ids.includes(operator) && keyed.length > 0),
    );
    if (isKeyed) return before.maxParallelism;
  }
  return undefined;
}

function verticesWith(vertex: JobVertex, metadata: CheckpointMetadata): VertexMetadata[] {
  const ids = operatorsOf(vertex);
  return metadata.vertices.filter(({ operators }) =>
    operators.some(({ operator }) => ids.includes(operator)),
  );
}

function operatorsOf({ sourceOperator, operators }: JobVertex): OperatorId[] {
  const chained = operators.map(({ id }) => id);
  return sourceOperator === undefined ? chained : [sourceOperator, ...chained];
}

function hasOperatorState(vertex: VertexMetadata, id: OperatorId): boolean {
  const snapshots = vertex.subtasks.flatMap(({ operators }) => operators);
  return snapshots.some(
    ({ operator, keyed, operatorState }) =>
      operator === id && (keyed.length > 0 || operatorState.length > 0),
  );
}

function hasSameEnds(graph: JobGraph, metadata: CheckpointMetadata, edge: JobEdge): boolean {
  return [edge.source, edge.target].every((id) => {
    const now = graph.vertices.find((vertex) => vertex.id === id);
    const before = metadata.vertices.find(({ vertex }) => vertex === id);
    return now !== undefined && before?.parallelism === now.parallelism;
  });
}
