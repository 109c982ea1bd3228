// Which tasks restart with a failed one.

import test from 'ava';

import { type EdgeShape, jobOf, type VertexShape } from '../../checkpoint/testing/job-shapes.ts';
import { regionOf, type RegionMember } from './regions.ts';

function region(
  vertices: readonly VertexShape[],
  edges: readonly EdgeShape[],
  failed: string,
): string[] {
  const graph = jobOf(vertices, edges);
  const members: RegionMember[] = graph.vertices.flatMap((vertex) =>
    Array.from({ length: vertex.parallelism }, (_, subtask) => ({ vertex, subtask })),
  );
  const named = members.map((member) => [`${member.vertex.id}${member.subtask}`, member] as const);
  const found = named.find(([name]) => name === failed)?.[1];
  if (found === undefined) throw new Error(`Cannot find ${failed}`);
  const restarted = regionOf({ graph, vertices: members }, found);
  return named.filter(([, member]) => restarted.includes(member)).map(([name]) => name);
}

const TWO_BY_TWO = [
  { id: 'a', parallelism: 2 },
  { id: 'b', parallelism: 2 },
];

test('forward edges make one region of each pair', (t) => {
  t.deepEqual(region(TWO_BY_TWO, [['a', 'b', 'forward']], 'b1'), ['a1', 'b1']);
});

test('one edge from all to all makes one region of everything it connects', (t) => {
  for (const kind of ['hash', 'rebalance', 'broadcast'] as const) {
    t.deepEqual(region(TWO_BY_TWO, [['a', 'b', kind]], 'a0'), ['a0', 'a1', 'b0', 'b1']);
  }
});

test('what no channel connects goes on', (t) => {
  const vertices = [...TWO_BY_TWO, { id: 'c', parallelism: 1 }];
  t.deepEqual(region(vertices, [['a', 'b', 'hash']], 'c0'), ['c0']);
  t.deepEqual(region(vertices, [['a', 'b', 'hash']], 'b0'), ['a0', 'a1', 'b0', 'b1']);
});

test('regions reach upstream and downstream, through any number of edges', (t) => {
  const vertices = ['a', 'b', 'c', 'd'].map((id) => ({ id, parallelism: 2 }));
  const edges = [
    ['a', 'b', 'forward'],
    ['b', 'c', 'forward'],
    ['d', 'c', 'forward'],
  ] as const;
  t.deepEqual(region(vertices, edges, 'b0'), ['a0', 'b0', 'c0', 'd0']);
  t.deepEqual(region(vertices, [...edges, ['a', 'd', 'hash']], 'b0').length, 8);
});

test('rescale connects neighbors only', (t) => {
  const vertices = [
    { id: 'a', parallelism: 2 },
    { id: 'b', parallelism: 4 },
  ];
  t.deepEqual(region(vertices, [['a', 'b', 'rescale']], 'a0'), ['a0', 'b0', 'b1']);
});
