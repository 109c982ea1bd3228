// Turns executions into what their TaskManagers need to run them: who is on the other end of each
// channel, and what to restore.

import { present } from '../../core/assert.ts';
import type { SubtaskRestore } from '../../checkpoint/state-assignment.ts';
import type { JobEdge } from '../../graph/job-graph.ts';
import { consumersOf, producersOf } from '../channel/distribution.ts';
import type { EdgeLocations, OutputLocations, TaskDeployment, TaskLocation } from '../messages.ts';
import type { ExecutionGraph, ExecutionVertex } from './execution-graph.ts';

/** Requires that every peer has its new attempt already. */
export function deploymentOf(
  graph: ExecutionGraph,
  subtask: ExecutionVertex,
  options: { readonly leaderEpoch: number; readonly restore: SubtaskRestore | undefined },
): TaskDeployment {
  const execution = present(subtask.current, 'Cannot deploy a subtask without an attempt');
  return {
    attempt: execution.attempt,
    attemptNumber: execution.attemptNumber,
    leaderEpoch: options.leaderEpoch,
    vertex: subtask.vertex.id,
    subtask: subtask.subtask,
    parallelism: subtask.vertex.parallelism,
    maxParallelism: subtask.vertex.maxParallelism,
    inputs: graph.inputsOf(subtask.vertex).map((edge) => inputOf(graph, subtask, edge)),
    outputs: graph.outputsOf(subtask.vertex).map((edge) => outputOf(graph, subtask, edge)),
    restore: options.restore,
  };
}

function inputOf(graph: ExecutionGraph, subtask: ExecutionVertex, edge: JobEdge): EdgeLocations {
  const source = graph.vertex(edge.source);
  const producers = producersOf(edge.partitioning.kind, subtask.subtask, {
    producers: source.parallelism,
    consumers: subtask.vertex.parallelism,
  });
  return { edge: edge.id, peers: locationsOf(graph.subtasksOf(source), producers) };
}

function outputOf(graph: ExecutionGraph, subtask: ExecutionVertex, edge: JobEdge): OutputLocations {
  const target = graph.vertex(edge.target);
  const consumers = consumersOf(edge.partitioning.kind, subtask.subtask, {
    producers: subtask.vertex.parallelism,
    consumers: target.parallelism,
  });
  return {
    edge: edge.id,
    peers: locationsOf(graph.subtasksOf(target), consumers),
    consumerParallelism: target.parallelism,
    consumerMaxParallelism: target.maxParallelism,
  };
}

function locationsOf(
  subtasks: readonly ExecutionVertex[],
  indices: readonly number[],
): readonly TaskLocation[] {
  return indices.map((index) => {
    const { subtask, current } = present(subtasks[index], `Cannot find subtask ${index}`);
    const { attempt, host } = present(current, `Cannot connect to subtask ${index}: no attempt`);
    return { subtask, attempt, host };
  });
}
