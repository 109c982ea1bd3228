// Which consumer a record goes to, for each way of partitioning.

import test from 'ava';

import type { JobEdge, Partitioning } from '../../graph/job-graph.ts';
import { jobVertexId } from '../../core/ids.ts';
import { keyGroupOf, operatorIndexOf } from '../../state/key-groups.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import { ResultPartition } from './result-partition.ts';
import { Subpartition } from './subpartition.ts';

const MAX_PARALLELISM = 128;

interface Opened {
  readonly partition: ResultPartition;
  /** By consumer. */
  readonly got: ReadonlyMap<number, readonly ChannelElement[]>;
}

function open(partitioning: Partitioning, consumers: readonly number[]): Opened {
  const edge: JobEdge = {
    id: 'edge',
    source: jobVertexId('a'),
    operator: 0,
    tag: undefined,
    target: jobVertexId('b'),
    input: 0,
    partitioning,
    serializer: undefined,
  };
  const got = new Map(consumers.map((consumer) => [consumer, [] as ChannelElement[]]));
  const subpartitions = new Map(
    [...got].map(([consumer, elements]) => {
      const subpartition = new Subpartition({
        transmit: (_sequence, element) => void elements.push(element),
        availabilityChanged: () => {},
      });
      subpartition.grantCredit(100);
      return [consumer, subpartition] as const;
    }),
  );
  const topology = { parallelism: consumers.length, maxParallelism: MAX_PARALLELISM };
  return { partition: new ResultPartition(edge, subpartitions, topology), got };
}

function valuesOf({ got }: Opened, consumer: number): readonly unknown[] {
  return (got.get(consumer) ?? []).flatMap((element) =>
    element.kind === 'records' ? element.values : [],
  );
}

function emitAll(opened: Opened, count: number): void {
  for (let value = 0; value < count; value++) opened.partition.emit(value, 0);
  opened.partition.flush();
}

test('hash sends every key to the subtask that owns its key group', (t) => {
  const opened = open({ kind: 'hash', keySelector: (value) => `key-${String(value)}` }, [0, 1, 2]);
  emitAll(opened, 200);
  for (let value = 0; value < 200; value++) {
    const owner = operatorIndexOf(keyGroupOf(`key-${value}`, MAX_PARALLELISM), 3, MAX_PARALLELISM);
    t.true(valuesOf(opened, owner).includes(value));
  }
  t.is(
    [0, 1, 2].reduce((sum, consumer) => sum + valuesOf(opened, consumer).length, 0),
    200,
  );
});

for (const kind of ['rebalance', 'rescale'] as const) {
  test(`${kind} goes round all its consumers`, (t) => {
    const opened = open({ kind }, [3, 4, 5]);
    emitAll(opened, 9);
    t.deepEqual(valuesOf(opened, 3), [0, 3, 6]);
    t.deepEqual(valuesOf(opened, 4), [1, 4, 7]);
    t.deepEqual(valuesOf(opened, 5), [2, 5, 8]);
  });
}

test('broadcast sends everything to all, global and forward to the first', (t) => {
  const broadcast = open({ kind: 'broadcast' }, [0, 1]);
  emitAll(broadcast, 3);
  t.deepEqual(valuesOf(broadcast, 0), [0, 1, 2]);
  t.deepEqual(valuesOf(broadcast, 1), [0, 1, 2]);
  for (const kind of ['global', 'forward'] as const) {
    const opened = open({ kind }, [0, 1]);
    emitAll(opened, 3);
    t.deepEqual(valuesOf(opened, 0), [0, 1, 2]);
    t.deepEqual(valuesOf(opened, 1), []);
  }
});

test('an event goes to all consumers, behind what was emitted before it', (t) => {
  const opened = open({ kind: 'rebalance' }, [0, 1]);
  opened.partition.emit('one', 5);
  t.true(opened.partition.hasOpenBatch);
  opened.partition.emitEvent({ kind: 'end-of-partition' });
  t.false(opened.partition.hasOpenBatch);
  t.true(opened.partition.isDrained);
  t.deepEqual(opened.got.get(0), [
    { kind: 'records', values: ['one'], timestamps: [5] },
    { kind: 'end-of-partition' },
  ]);
  t.deepEqual(opened.got.get(1), [{ kind: 'end-of-partition' }]);
});
