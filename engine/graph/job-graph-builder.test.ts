// What a program becomes: chains, edges, ids and bounds of the JobGraph.

import test from 'ava';
import fc from 'fast-check';

import { StreamExecutionEnvironment } from '../api/stream-execution-environment.ts';
import type { DataStream } from '../api/data-stream.ts';
import { DiscardingSink } from '../connector/callback-sink.ts';
import { CollectionSource } from '../connector/collection-source.ts';
import { OnceproofError } from '../core/errors.ts';
import { OutputTag } from '../operator/output-tag.ts';
import { WatermarkStrategy } from '../operator/watermark/watermark-strategy.ts';
import type { JobGraph, JobVertex } from './job-graph.ts';

const environment = () => StreamExecutionEnvironment.create({ parallelism: 2 });
const numbers = (env = environment()): DataStream<number> => env.fromCollection([1, 2, 3]);
const discard = <T>() => new DiscardingSink<T>();

function vertex(graph: JobGraph, name: string): JobVertex {
  const found = graph.vertices.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no "${name}" in ${graph.vertices.map((v) => v.name)}`);
  return found;
}

/** Each edge as `source[operator:tag] kind> target:input`. */
function edgesOf(graph: JobGraph): string[] {
  const name = (id: string) => graph.vertices.find((candidate) => candidate.id === id)?.name;
  return graph.edges.map(
    ({ source, operator, tag, partitioning, target, input }) =>
      `${name(source)}[${operator}${tag === undefined ? '' : `:${tag}`}] ` +
      `${partitioning.kind}> ${name(target)}:${input}`,
  );
}

function codeOf(run: () => unknown): OnceproofError {
  try {
    run();
  } catch (error) {
    if (error instanceof OnceproofError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('forward edges of equal parallelism become one chain behind the source', (t) => {
  const env = environment();
  numbers(env)
    .map((n) => n + 1)
    .filter((n) => n > 1)
    .sinkTo(discard());
  const graph = env.getJobGraph('chain');
  t.deepEqual(
    graph.vertices.map(({ name }) => name),
    ['collection -> map -> filter -> sink discarding'],
  );
  t.deepEqual(graph.edges, []);
  t.deepEqual(vertex(graph, 'collection -> map -> filter -> sink discarding').links, [
    { from: -1, tag: undefined, to: 0 },
    { from: 0, tag: undefined, to: 1 },
    { from: 1, tag: undefined, to: 2 },
  ]);
});

test('keyBy() ends a chain and the keyed operator begins the next', (t) => {
  const env = environment();
  numbers(env)
    .keyBy((n) => n % 2)
    .sum()
    .sinkTo(discard());
  const graph = env.getJobGraph('keyed');
  t.deepEqual(edgesOf(graph), ['collection[-1] hash> sum -> sink discarding:0']);
  const [sum] = vertex(graph, 'sum -> sink discarding').operators;
  t.true(sum?.keyed);
});

test('the operator of a watermark strategy is chained to its source, whatever follows', (t) => {
  const env = environment();
  const strategy = WatermarkStrategy.forMonotonousTimestamps<number>();
  env
    .fromSource(new CollectionSource({ elements: [1, 2, 3] }), strategy, 'clicks')
    .disableChaining()
    .map((n) => n)
    .sinkTo(discard());
  const graph = env.getJobGraph('watermarks');
  t.deepEqual(edgesOf(graph), ['clicks -> clicks watermarks[0] forward> map -> sink discarding:0']);
});

test('two consumers, union, connect and side outputs keep their edges apart', (t) => {
  const env = environment();
  const late = new OutputTag<string>('late');
  const source = numbers(env);
  const process = source.process<number>({ processElement: (n, _context, out) => out.collect(n) });
  process.getSideOutput(late).sinkTo(discard()).name('late');
  const other = source.map((n) => n).rebalance();
  process
    .union(other)
    .connect(source.global())
    .process({
      processElement1: () => undefined,
      processElement2: () => undefined,
    })
    .sinkTo(discard());
  const graph = env.getJobGraph('many');
  t.deepEqual(edgesOf(graph), [
    'collection -> process -> late -> map[0] forward> co-process -> sink discarding:0',
    'collection -> process -> late -> map[2] rebalance> co-process -> sink discarding:0',
    'collection -> process -> late -> map[-1] global> co-process -> sink discarding:1',
  ]);
  const chain = vertex(graph, 'collection -> process -> late -> map');
  t.deepEqual(chain.links, [
    { from: -1, tag: undefined, to: 0 },
    { from: 0, tag: 'late', to: 1 },
    { from: -1, tag: undefined, to: 2 },
  ]);
});

test('a stream united with itself has two edges with ids of their own', (t) => {
  const env = environment();
  const source = numbers(env);
  source
    .union(source)
    .map((n) => n)
    .sinkTo(discard());
  const ids = env.getJobGraph('twice').edges.map(({ id }) => id);
  t.is(ids.length, 2);
  t.is(new Set(ids).size, 2);
});

test('startNewChain(), disableChaining() and another parallelism break a chain', (t) => {
  const env = environment();
  numbers(env)
    .map((n) => n)
    .name('a')
    .startNewChain()
    .map((n) => n)
    .name('b')
    .map((n) => n)
    .name('c')
    .disableChaining()
    .map((n) => n)
    .name('d')
    .setParallelism(3)
    .sinkTo(discard());
  t.deepEqual(edgesOf(env.getJobGraph('breaks')), [
    'collection[-1] forward> a -> b:0',
    'a -> b[1] forward> c:0',
    'c[0] rebalance> d:0',
    'd[0] rebalance> sink discarding:0',
  ]);
});

test('without operator chaining every operator is a vertex', (t) => {
  const env = environment().disableOperatorChaining();
  numbers(env)
    .map((n) => n)
    .sinkTo(discard());
  t.is(env.getJobGraph('unchained').vertices.length, 3);
});

test('equal names are made unique', (t) => {
  const env = environment();
  numbers(env)
    .map((n) => n)
    .map((n) => n)
    .sinkTo(discard());
  t.deepEqual(
    env.getJobGraph('names').vertices.flatMap(({ operators }) => operators.map(({ name }) => name)),
    ['map', 'map-2', 'sink discarding'],
  );
});

test('the same program gives the same ids', (t) => {
  const build = () => {
    const env = environment();
    numbers(env)
      .map((n) => n)
      .keyBy((n) => n)
      .sum()
      .sinkTo(discard());
    return env.getJobGraph('same');
  };
  const shape = ({ id, vertices, edges }: JobGraph) => [
    id,
    vertices.map((v) => [v.id, v.operators.map((operator) => operator.id)]),
    edges.map((edge) => edge.id),
  ];
  t.deepEqual(shape(build()), shape(build()));
});

test('operators with a uid keep their id wherever other operators are added', (t) => {
  const ids = new Set<unknown>();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 }), fc.boolean(), (before, branch) => {
      const env = environment();
      let stream = numbers(env).uid('source');
      if (branch) stream.map((n) => n).sinkTo(discard());
      for (let added = 0; added < before; added++) stream = stream.map((n) => n);
      stream
        .keyBy((n) => n)
        .sum()
        .uid('sum')
        .sinkTo(discard())
        .uid('sink');
      const operators = env.getJobGraph('stable').vertices.flatMap((v) => v.operators);
      ids.add(['sum', 'sink'].map((uid) => operators.find((o) => o.uid === uid)?.id).join());
    }),
    { numRuns: 20 },
  );
  t.is(ids.size, 1);
});

test('without uids an unrelated branch does not change the ids of others', (t) => {
  const idOfSum = (branch: boolean) => {
    const env = environment();
    const source = numbers(env);
    if (branch)
      source
        .map((n) => n)
        .filter(() => true)
        .sinkTo(discard());
    source
      .keyBy((n) => n)
      .sum()
      .sinkTo(discard());
    const operators = env.getJobGraph('branch').vertices.flatMap((v) => v.operators);
    return operators.find(({ name }) => name === 'sum')?.id;
  };
  t.is(idOfSum(true), idOfSum(false));
});

test('maxParallelism defaults by the parallelism, and is marked where the user set it', (t) => {
  const env = environment();
  numbers(env)
    .keyBy((n) => n)
    .sum()
    .setMaxParallelism(64)
    .sinkTo(discard());
  const graph = env.getJobGraph('max');
  const bounds = graph.vertices.map((v) => [v.maxParallelism, v.maxParallelismConfigured]);
  t.deepEqual(bounds, [
    [128, false],
    [64, true],
    [128, false],
  ]);
});

test('a duplicate uid is OP-E301 and names both operators', (t) => {
  const env = environment();
  numbers(env)
    .uid('x')
    .map((n) => n)
    .name('second')
    .uid('x')
    .sinkTo(discard());
  const error = codeOf(() => env.getJobGraph('duplicate'));
  t.is(error.code, 'OP-E301');
  t.regex(error.message, /"collection".*"second"/);
});

test('a job without a source or without a sink is OP-E303', (t) => {
  t.is(codeOf(() => environment().getJobGraph('nothing')).code, 'OP-E303');
  const env = environment();
  numbers(env).map((n) => n);
  t.regex(codeOf(() => env.getJobGraph('endless')).message, /no sink/);
});

test('more parallelism than key groups is OP-E310', (t) => {
  const env = environment();
  numbers(env)
    .map((n) => n)
    .setParallelism(9)
    .setMaxParallelism(8)
    .sinkTo(discard());
  t.is(codeOf(() => env.getJobGraph('wide')).code, 'OP-E310');
});

test('forward() between unequal parallelism is OP-E316', (t) => {
  const env = environment();
  numbers(env)
    .forward()
    .map((n) => n)
    .setParallelism(3)
    .sinkTo(discard());
  t.is(codeOf(() => env.getJobGraph('forward')).code, 'OP-E316');
});

test('streams of two environments cannot be connected: OP-E305', (t) => {
  const env = environment();
  numbers(env)
    .union(numbers())
    .map((n) => n)
    .sinkTo(discard());
  t.is(codeOf(() => env.getJobGraph('foreign')).code, 'OP-E305');
});

test('settings of a stream that no operator made are OP-E306', (t) => {
  t.is(codeOf(() => numbers().rebalance().uid('x')).code, 'OP-E306');
});

test('a parallelism that is no count is OP-E302', (t) => {
  for (const wrong of [0, -1, 1.5, Number.NaN]) {
    t.is(codeOf(() => numbers().setParallelism(wrong)).code, 'OP-E302');
  }
});
