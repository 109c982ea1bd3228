// Whole programs, run embedded on the real clock: every method of the streams does what it says.

import test from 'ava';

import { CallbackSink } from '../connector/callback-sink.ts';
import { OnceproofError } from '../core/errors.ts';
import { nodeEnvironment } from '../environment/node/node-environment.ts';
import type { Collector } from '../operator/functions.ts';
import { broadcastState } from '../operator/operator-state-descriptors.ts';
import { OutputTag } from '../operator/output-tag.ts';
import { listState, valueState } from '../operator/state-descriptors.ts';
import { WatermarkStrategy } from '../operator/watermark/watermark-strategy.ts';
import {
  EventTimeSessionWindows,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
} from '../operator/window/window-assigner.ts';
import { EmbeddedExecutor } from '../runtime/embedded.ts';
import type { DataStream } from './data-stream.ts';
import { StreamExecutionEnvironment } from './stream-execution-environment.ts';

interface Flight {
  readonly origin: string;
  readonly delay: number;
  readonly at: number;
}

const FLIGHTS: readonly Flight[] = [
  { origin: 'SEA', delay: 5, at: 0 },
  { origin: 'JFK', delay: 7, at: 4 },
  { origin: 'SEA', delay: 2, at: 8 },
  { origin: 'SEA', delay: 9, at: 12 },
  { origin: 'JFK', delay: 1, at: 27 },
];

function environment(parallelism = 2): StreamExecutionEnvironment {
  const executor = new EmbeddedExecutor({ environment: nodeEnvironment() });
  return StreamExecutionEnvironment.create({ executor, parallelism });
}

const eventTime = WatermarkStrategy.forBoundedOutOfOrderness<Flight>(100).withTimestampAssigner(
  (flight) => flight.at,
);

const flights = (env: StreamExecutionEnvironment) =>
  env.fromCollection(FLIGHTS).assignTimestampsAndWatermarks(eventTime);

/** What arrives at a sink behind `stream`, as sorted text: subtasks have no common order. */
async function run<T>(env: StreamExecutionEnvironment, stream: DataStream<T>): Promise<string[]> {
  const values: string[] = [];
  stream.sinkTo(new CallbackSink({ write: (value) => values.push(JSON.stringify(value)) }));
  await env.execute('test');
  return values.sort();
}

test('map, filter, flatMap, union and the partitionings lose and repeat nothing', async (t) => {
  const env = environment(3);
  const numbers = env.fromCollection([1, 2, 3, 4, 5, 6]);
  const even = numbers.filter((n) => n % 2 === 0).rebalance();
  const odd = numbers.filter((n) => n % 2 === 1).rescale();
  const all = even
    .union(odd)
    .map((n) => n * 10)
    .global()
    .flatMap((n) => [n, n + 1]);
  t.deepEqual(
    await run(env, all),
    [10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61].map((n) => JSON.stringify(n)),
  );
});

test('broadcast() gives every record to every subtask', async (t) => {
  const env = environment(3);
  const copies = env
    .fromCollection(['a'])
    .broadcast()
    .map((text) => text);
  t.deepEqual(await run(env, copies), ['"a"', '"a"', '"a"']);
});

test('sum, min, max, minBy and maxBy run per key', async (t) => {
  const last = async (of: (keyed: ReturnType<typeof keyedFlights>) => DataStream<Flight>) => {
    const env = environment();
    const results = new Map<string, Flight>();
    const stream = of(keyedFlights(env));
    stream.sinkTo(new CallbackSink({ write: (flight) => results.set(flight.origin, flight) }));
    await env.execute('aggregate');
    const { delay, at } = results.get('SEA') ?? { delay: -1, at: -1 };
    return [delay, at];
  };
  const keyedFlights = (env: StreamExecutionEnvironment) =>
    env.fromCollection(FLIGHTS, { splits: 1 }).keyBy((flight) => flight.origin);
  t.deepEqual(await last((keyed) => keyed.sum('delay')), [16, 0]);
  t.deepEqual(await last((keyed) => keyed.min('delay')), [2, 0]);
  t.deepEqual(await last((keyed) => keyed.max('delay')), [9, 0]);
  t.deepEqual(await last((keyed) => keyed.minBy('delay')), [2, 8]);
  t.deepEqual(await last((keyed) => keyed.maxBy('delay')), [9, 12]);
});

test('windows over keyed records: reduce, aggregate and process', async (t) => {
  const tumbling = environment();
  const counts = flights(tumbling)
    .keyBy((flight) => flight.origin)
    .window(TumblingEventTimeWindows.of(10))
    .aggregate(
      {
        createAccumulator: () => 0,
        add: (_flight, count) => count + 1,
        getResult: (count) => count,
      },
      (key, { window }, [count], out: Collector<string>) =>
        out.collect(`${key} ${window.start} ${count}`),
    );
  t.deepEqual(await run(tumbling, counts), ['"JFK 0 1"', '"JFK 20 1"', '"SEA 0 2"', '"SEA 10 1"']);

  const sliding = environment();
  const delays = flights(sliding)
    .keyBy((flight) => flight.origin)
    .window(SlidingEventTimeWindows.of(20, 10))
    .reduce((left, right) => ({ ...left, delay: left.delay + right.delay }))
    .map((flight) => `${flight.origin} ${flight.delay}`);
  t.deepEqual(await run(sliding, delays), [
    '"JFK 1"',
    '"JFK 1"',
    '"JFK 7"',
    '"JFK 7"',
    '"SEA 16"',
    '"SEA 7"',
    '"SEA 9"',
  ]);

  const session = environment();
  const sessions = flights(session)
    .keyBy((flight) => flight.origin)
    .window(EventTimeSessionWindows.withGap(10))
    .process((key, { window }, elements, out: Collector<string>) =>
      out.collect(`${key} ${window.start}-${window.end} ${elements.length}`),
    );
  t.deepEqual(await run(session, sessions), ['"JFK 27-37 1"', '"JFK 4-14 1"', '"SEA 0-22 3"']);
});

test('keyed process functions have state, timers and side outputs', async (t) => {
  const env = environment();
  const slow = new OutputTag<string>('slow');
  const results = flights(env)
    .keyBy((flight) => flight.origin)
    .process({
      state: { count: valueState<number>('count', { defaultValue: 0 }) },
      processElement(flight, context, _out: Collector<string>) {
        context.state.count.update(context.state.count.value() + 1);
        context.timerService.registerEventTimeTimer(1000);
        if (flight.delay > 6) context.output(slow, `slow ${context.key}`);
      },
      onTimer(_timestamp, context, out) {
        out.collect(`${context.key} ${context.state.count.value()}`);
      },
    });
  t.deepEqual(await run(env, results.union(results.getSideOutput(slow))), [
    '"JFK 2"',
    '"SEA 3"',
    '"slow JFK"',
    '"slow SEA"',
  ]);
});

test('a function made by a factory is not shared between subtasks', async (t) => {
  const env = environment(2);
  const counts = env.fromCollection([1, 2, 3, 4], { splits: 2 }).process(() => {
    let seen = 0;
    return {
      processElement(_value: number, _context, out: Collector<number>) {
        seen += 1;
        out.collect(seen);
      },
    };
  });
  t.deepEqual(await run(env, counts), ['1', '1', '2', '2']);
});

test('map() with operator state is opened, called with its context, and closed', async (t) => {
  const env = environment(1);
  const calls: string[] = [];
  const mapped = env.fromCollection(['a', 'b']).map({
    operatorState: { seen: listState<string>('seen') },
    open: ({ operatorName }) => {
      calls.push(`open ${operatorName}`);
    },
    map(text, context) {
      context.operatorState.seen.add(text);
      return context.operatorState.seen.get().join('');
    },
    close: () => {
      calls.push('close');
    },
  });
  t.deepEqual(await run(env, mapped), ['"a"', '"ab"']);
  t.deepEqual(calls, ['open map', 'close']);
});

test('connected streams meet in one function, keyed ones in the state of a key', async (t) => {
  const plain = environment();
  const both = plain
    .fromCollection([1])
    .connect(plain.fromCollection(['a']))
    .process({
      processElement1: (n, _context, out: Collector<string>) => out.collect(`number ${n}`),
      processElement2: (text, _context, out) => out.collect(`text ${text}`),
    });
  t.deepEqual(await run(plain, both), ['"number 1"', '"text a"']);

  const keyed = environment();
  const codes = keyed.fromCollection(['SEA', 'LAX']);
  const met = keyed
    .fromCollection(FLIGHTS)
    .connect(codes)
    .keyBy(
      (flight) => flight.origin,
      (code) => code,
    )
    .process({
      state: {
        delay: valueState<number>('delay', { defaultValue: 0 }),
        known: valueState<boolean>('known', { defaultValue: false }),
      },
      processElement1(flight, context, _out: Collector<string>) {
        context.state.delay.update(context.state.delay.value() + flight.delay);
        context.timerService.registerEventTimeTimer(1000);
      },
      processElement2(_code, context) {
        context.state.known.update(true);
        context.timerService.registerEventTimeTimer(1000);
      },
      onTimer(_timestamp, { key, state }, out) {
        out.collect(`${key} ${state.delay.value()} ${state.known.value()}`);
      },
    });
  t.deepEqual(await run(keyed, met), ['"JFK 8 false"', '"LAX 0 true"', '"SEA 16 true"']);
});

test('broadcast state reaches every subtask of a keyed stream', async (t) => {
  const env = environment(3);
  const rules = env
    .fromCollection(['SEA'])
    .broadcast({ watched: broadcastState<string, boolean>('watched') });
  const watched = flights(env)
    .keyBy((flight) => flight.origin)
    .connect(rules)
    .process({
      processElement(_flight, context, _out: Collector<string>) {
        context.timerService.registerEventTimeTimer(1000);
      },
      processBroadcastElement(origin, context) {
        context.broadcastState.watched.put(origin, true);
      },
      onTimer(_timestamp, context, out) {
        if (context.broadcastState.watched.contains(context.key)) out.collect(context.key);
      },
    });
  t.deepEqual(await run(env, watched), ['"SEA"']);
});

test('a job fails with the code and the operator of the function that threw', async (t) => {
  const env = environment();
  const broken = env
    .fromCollection([1])
    .map((): number => {
      throw new Error('no runway');
    })
    .name('land');
  const error = await t.throwsAsync(run(env, broken), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E201');
  t.regex(error?.message ?? '', /"land".*no runway/);
});

test('a key that is undefined is OP-E214', async (t) => {
  const env = environment();
  const stream = env
    .fromCollection<{ key?: number }>([{}])
    .keyBy((record) => record.key)
    .reduce((left) => left);
  const error = await t.throwsAsync(run(env, stream), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E214');
});

test('a program without an executor can be planned but not executed: OP-E315', async (t) => {
  const env = StreamExecutionEnvironment.create();
  const stream = env.fromCollection([1]);
  const error = await t.throwsAsync(run(env, stream), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E315');
  t.is(env.getJobGraph('planned').vertices.length, 1);
});
