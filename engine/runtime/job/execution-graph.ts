// The plan at run time: for every subtask its current attempt, where it runs and how far it is.
// Pure bookkeeping; what to do about a change is decided by others.

import { assert, present } from '../../core/assert.ts';
import { type ExecutionAttemptId, executionAttemptId } from '../../core/ids.ts';
import type { Address } from '../../environment/network.ts';
import type { JobEdge, JobGraph, JobVertex } from '../../graph/job-graph.ts';
import { producersOf } from '../channel/distribution.ts';

export type ExecutionState =
  | 'created'
  | 'deploying'
  | 'initializing'
  | 'running'
  | 'canceling'
  | 'finished'
  | 'canceled'
  | 'failed';

/** One attempt of one subtask. */
export interface Execution {
  readonly attempt: ExecutionAttemptId;
  readonly attemptNumber: number;
  readonly host: Address;
  state: ExecutionState;
  /** All data has been processed; only the final checkpoint is outstanding. */
  endOfData: boolean;
}

export class ExecutionVertex {
  readonly vertex: JobVertex;
  readonly subtask: number;
  #attempts = 0;
  current: Execution | undefined;

  constructor(vertex: JobVertex, subtask: number) {
    this.vertex = vertex;
    this.subtask = subtask;
  }

  get state(): ExecutionState {
    return this.current?.state ?? 'created';
  }

  startAttempt(host: Address, leaderEpoch: number): Execution {
    assert(isEnded(this.state), `Cannot start ${this.vertex.id}:${this.subtask}: ${this.state}`);
    const attemptNumber = this.#attempts++;
    const name = `${this.vertex.id}:${this.subtask}#${attemptNumber}@${leaderEpoch}`;
    this.current = {
      attempt: executionAttemptId(name),
      attemptNumber,
      host,
      state: 'deploying',
      endOfData: false,
    };
    return this.current;
  }
}

/** No attempt runs, as far as the JobManager knows. */
export function isEnded(state: ExecutionState): boolean {
  return ['created', 'finished', 'canceled', 'failed'].includes(state);
}

export class ExecutionGraph {
  readonly graph: JobGraph;
  /** In topological order of vertices, then by subtask. */
  readonly vertices: readonly ExecutionVertex[];

  constructor(graph: JobGraph) {
    this.graph = graph;
    this.vertices = graph.vertices.flatMap((vertex) =>
      Array.from({ length: vertex.parallelism }, (_, i) => new ExecutionVertex(vertex, i)),
    );
  }

  get slotsNeeded(): number {
    return this.graph.vertices.reduce((most, { parallelism }) => Math.max(most, parallelism), 0);
  }

  /** The subtask whose current attempt this is; undefined for attempts of the past. */
  byAttempt(attempt: ExecutionAttemptId): ExecutionVertex | undefined {
    return this.vertices.find(({ current }) => current?.attempt === attempt);
  }

  subtasksOf(vertex: JobVertex): readonly ExecutionVertex[] {
    return this.vertices.filter((candidate) => candidate.vertex.id === vertex.id);
  }

  vertex(id: string): JobVertex {
    const found = this.graph.vertices.find((vertex) => vertex.id === id);
    return present(found, `Cannot find vertex ${id} in job ${this.graph.name}`);
  }

  inputsOf(vertex: JobVertex): readonly JobEdge[] {
    return this.graph.edges.filter((edge) => edge.target === vertex.id);
  }

  outputsOf(vertex: JobVertex): readonly JobEdge[] {
    return this.graph.edges.filter((edge) => edge.source === vertex.id);
  }

  /** Subtasks that send records to this one. */
  producersFor(consumer: ExecutionVertex): readonly ExecutionVertex[] {
    return this.inputsOf(consumer.vertex).flatMap((edge) => {
      const source = this.vertex(edge.source);
      const subtasks = producersOf(edge.partitioning.kind, consumer.subtask, {
        producers: source.parallelism,
        consumers: consumer.vertex.parallelism,
      });
      return this.subtasksOf(source).filter(({ subtask }) => subtasks.includes(subtask));
    });
  }

  everyState(...states: readonly ExecutionState[]): boolean {
    return this.vertices.every(({ state }) => states.includes(state));
  }
}
