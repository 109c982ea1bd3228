// Which tasks restart with a failed one: its pipelined region. All edges of a stream job are
// pipelined, so a region is everything that is connected through channels, in either direction:
// records that a task has lost, or given away, cannot be had again from anywhere else.

import type { JobGraph, JobVertex, Partitioning } from '../../graph/job-graph.ts';
import { consumersOf } from '../channel/distribution.ts';

/** A subtask, as far as regions are concerned. */
export interface RegionMember {
  readonly vertex: JobVertex;
  readonly subtask: number;
}

/** What of an ExecutionGraph is needed. */
export interface RegionTopology<T extends RegionMember> {
  readonly graph: JobGraph;
  /** All subtasks. */
  readonly vertices: readonly T[];
}

/** The failed subtask and all that have to restart with it, in the order of the topology. */
export function regionOf<T extends RegionMember>(
  topology: RegionTopology<T>,
  failed: T,
): readonly T[] {
  const regions = new Regions(topology.graph);
  const region = regions.find(failed);
  return topology.vertices.filter((candidate) => regions.find(candidate) === region);
}

/** Union-find over all subtasks. */
class Regions {
  readonly #offsets = new Map<string, number>();
  readonly #parents: number[] = [];

  constructor(graph: JobGraph) {
    for (const { id, parallelism } of graph.vertices) {
      this.#offsets.set(id, this.#parents.length);
      for (let subtask = 0; subtask < parallelism; subtask++) {
        this.#parents.push(this.#parents.length);
      }
    }
    for (const edge of graph.edges) {
      const source = graph.vertices.find(({ id }) => id === edge.source);
      const target = graph.vertices.find(({ id }) => id === edge.target);
      if (source === undefined || target === undefined) continue;
      this.#connect(edge.partitioning.kind, source, target);
    }
  }

  find({ vertex, subtask }: RegionMember): number {
    return this.#root((this.#offsets.get(vertex.id) ?? 0) + subtask);
  }

  #connect(kind: Partitioning['kind'], source: JobVertex, target: JobVertex): void {
    const parallelisms = { producers: source.parallelism, consumers: target.parallelism };
    for (let producer = 0; producer < source.parallelism; producer++) {
      for (const consumer of consumersOf(kind, producer, parallelisms)) {
        const from = this.find({ vertex: source, subtask: producer });
        this.#parents[from] = this.find({ vertex: target, subtask: consumer });
      }
    }
  }

  #root(index: number): number {
    let at = index;
    for (let up = this.#parents[at]; up !== undefined && up !== at; up = this.#parents[at]) {
      // Path halving keeps later look-ups short.
      this.#parents[at] = this.#parents[up] ?? up;
      at = up;
    }
    return at;
  }
}
