// Which subtasks of an edge are connected. All-to-all, except forward and rescale, which are
// pointwise: every subtask of the smaller side serves a contiguous block of the larger one (Flink's
// POINTWISE).

import { assert } from '../../core/assert.ts';
import type { Partitioning } from '../../graph/job-graph.ts';

export interface Parallelisms {
  readonly producers: number;
  readonly consumers: number;
}

/** The consumers of one producer, ascending. */
export function consumersOf(
  kind: Partitioning['kind'],
  producer: number,
  { producers, consumers }: Parallelisms,
): readonly number[] {
  if (kind === 'forward') {
    assert(producers === consumers, `Cannot forward from ${producers} to ${consumers} subtasks`);
    return [producer];
  }
  const all = Array.from({ length: consumers }, (_, consumer) => consumer);
  if (kind !== 'rescale') return all;
  return all.filter((consumer) =>
    producers <= consumers
      ? Math.floor((consumer * producers) / consumers) === producer
      : Math.floor((producer * consumers) / producers) === consumer,
  );
}

/** The producers of one consumer, ascending. */
export function producersOf(
  kind: Partitioning['kind'],
  consumer: number,
  parallelisms: Parallelisms,
): readonly number[] {
  const all = Array.from({ length: parallelisms.producers }, (_, producer) => producer);
  return all.filter((producer) => consumersOf(kind, producer, parallelisms).includes(consumer));
}
