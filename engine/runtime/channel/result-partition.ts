// The producing end of one JobEdge for one subtask: a subpartition per connected consumer, and the
// choice among them. This is the operator chain's output; `emit` runs once per record.

import { assert, present } from '../../core/assert.ts';
import type { JobEdge } from '../../graph/job-graph.ts';
import { keyGroupOf, operatorIndexOf } from '../../state/key-groups.ts';
import type { ChannelElement, CheckpointBarrier } from '../../stream/elements.ts';
import type { Subpartition } from './subpartition.ts';

export interface ConsumerTopology {
  readonly parallelism: number;
  readonly maxParallelism: number;
}

/** Overtaken by an unaligned barrier, by consumer. */
export interface OvertakenElements {
  readonly consumer: number;
  readonly elements: readonly ChannelElement[];
}

type Emit = (value: unknown, timestamp: number) => void;

export class ResultPartition {
  readonly edge: JobEdge;
  /** By consumer subtask, ascending. */
  readonly subpartitions: ReadonlyMap<number, Subpartition>;
  /** Sends one record to the subpartition, or subpartitions, that it belongs to. */
  readonly emit: Emit;

  constructor(
    edge: JobEdge,
    subpartitions: ReadonlyMap<number, Subpartition>,
    topology: ConsumerTopology,
  ) {
    assert(subpartitions.size > 0, `Cannot write to edge ${edge.id}: no consumers`);
    this.edge = edge;
    this.subpartitions = subpartitions;
    this.emit = emitter(edge, [...subpartitions.values()], topology);
  }

  emitEvent(event: ChannelElement): void {
    for (const subpartition of this.subpartitions.values()) subpartition.emitEvent(event);
  }

  overtake(barrier: CheckpointBarrier): readonly OvertakenElements[] {
    return [...this.subpartitions].map(([consumer, subpartition]) => ({
      consumer,
      elements: subpartition.overtake(barrier),
    }));
  }

  flush(): void {
    for (const subpartition of this.subpartitions.values()) subpartition.flush();
  }

  get recordsSent(): number {
    let sum = 0;
    for (const subpartition of this.subpartitions.values()) sum += subpartition.recordsSent;
    return sum;
  }

  get isDrained(): boolean {
    for (const subpartition of this.subpartitions.values()) {
      if (!subpartition.isDrained) return false;
    }
    return true;
  }

  get hasOpenBatch(): boolean {
    for (const subpartition of this.subpartitions.values()) {
      if (subpartition.hasOpenBatch) return true;
    }
    return false;
  }
}

function emitter(
  edge: JobEdge,
  targets: readonly Subpartition[],
  topology: ConsumerTopology,
): Emit {
  const { partitioning } = edge;
  const first = present(targets[0], `Cannot write to edge ${edge.id}: no consumers`);
  switch (partitioning.kind) {
    case 'hash':
      return hashEmitter(partitioning.keySelector, targets, topology);
    case 'broadcast':
      return (value, timestamp) => {
        for (const target of targets) target.emit(value, timestamp);
      };
    case 'global':
    case 'forward':
      return (value, timestamp) => first.emit(value, timestamp);
    default:
      return roundRobin(targets);
  }
}

function hashEmitter(
  keySelector: (value: unknown) => unknown,
  targets: readonly Subpartition[],
  { parallelism, maxParallelism }: ConsumerTopology,
): Emit {
  const first = present(targets[0], 'Cannot partition: no consumers');
  // With one consumer every key goes there: no need to hash.
  if (targets.length === 1) return (value, timestamp) => first.emit(value, timestamp);
  return (value, timestamp) => {
    const keyGroup = keyGroupOf(keySelector(value), maxParallelism);
    const target = targets[operatorIndexOf(keyGroup, parallelism, maxParallelism)] ?? first;
    target.emit(value, timestamp);
  };
}

function roundRobin(targets: readonly Subpartition[]): Emit {
  let next = 0;
  return (value, timestamp) => {
    const target = targets[next];
    next = next + 1 === targets.length ? 0 : next + 1;
    target?.emit(value, timestamp);
  };
}
