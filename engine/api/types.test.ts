// What the compiler must infer in a user's program, and what it must refuse. Most of these
// assertions are made by the type check alone; running them only shows that the programs can be
// planned.

import test from 'ava';

import { DiscardingSink } from '../connector/callback-sink.ts';
import type { Collector } from '../operator/functions.ts';
import { broadcastState } from '../operator/operator-state-descriptors.ts';
import { OutputTag } from '../operator/output-tag.ts';
import {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  valueState,
} from '../operator/state-descriptors.ts';
import { WatermarkStrategy } from '../operator/watermark/watermark-strategy.ts';
import { TumblingEventTimeWindows } from '../operator/window/window-assigner.ts';
import type { DataStream } from './data-stream.ts';
import { StreamExecutionEnvironment } from './stream-execution-environment.ts';

interface Flight {
  readonly origin: string;
  readonly delayMinutes: number;
  readonly atMs: number;
}

/** Compiles only where both types are the same. */
type Same<A, B> =
  (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

type Has<T, K extends string> = K extends keyof T ? true : false;

function expectType<Expected>() {
  return <Actual>(_actual: Actual, ..._proof: Same<Actual, Expected> extends true ? [] : [never]) =>
    undefined;
}

const flights = (): DataStream<Flight> =>
  StreamExecutionEnvironment.create().fromCollection<Flight>([
    { origin: 'SEA', delayMinutes: 3, atMs: 1 },
  ]);

test('map, filter and flatMap carry types on', (t) => {
  const origins = flights().map((flight) => flight.origin);
  expectType<DataStream<string>>()(origins);
  const isShort = (origin: string): origin is 'SEA' => origin.length === 3;
  expectType<DataStream<'SEA'>>()(origins.filter(isShort));
  expectType<DataStream<string>>()(origins.filter((origin) => origin !== ''));
  expectType<DataStream<string>>()(origins.flatMap((origin) => origin.split('-')));
  expectType<DataStream<number>>()(
    origins.flatMap((origin, out: Collector<number>) => out.collect(origin.length)),
  );
  // @ts-expect-error: no such field.
  flights().map((flight) => String(flight.destination));
  t.pass();
});

test('a keyed process function sees its key, its states and its results typed', (t) => {
  const late = new OutputTag<Flight>('late');
  const results = flights()
    .keyBy((flight) => flight.origin)
    .process({
      state: {
        count: valueState<number>('count', { defaultValue: 0 }),
        last: valueState<Flight>('last'),
        recent: listState<number>('recent'),
        seen: mapState<string, number>('seen'),
        total: reducingState<number>('total', (left, right) => left + right),
        mean: aggregatingState<number, readonly [number, number], number>('mean', {
          createAccumulator: () => [0, 0],
          add: (value, [sum, count]) => [sum + value, count + 1],
          getResult: ([sum, count]) => sum / count,
        }),
      },
      processElement(flight, context, out: Collector<{ origin: string; count: number }>) {
        expectType<Flight>()(flight);
        expectType<string>()(context.key);
        const count = context.state.count.value() + 1;
        context.state.count.update(count);
        expectType<Flight | undefined>()(context.state.last.value());
        expectType<readonly number[]>()(context.state.recent.get());
        expectType<number | undefined>()(context.state.seen.get('x'));
        expectType<number | undefined>()(context.state.total.get());
        expectType<number | undefined>()(context.state.mean.get());
        context.timerService.registerEventTimeTimer(flight.atMs + 1);
        context.output(late, flight);
        // @ts-expect-error: the tag is for flights.
        context.output(late, 'text');
        const isDeclared: Has<typeof context.state, 'missing'> = false;
        expectType<false>()(isDeclared);
        out.collect({ origin: context.key, count });
      },
      onTimer(timestamp, context, out) {
        expectType<number>()(timestamp);
        expectType<string>()(context.key);
        context.state.count.clear();
        out.collect({ origin: context.key, count: 0 });
        // @ts-expect-error: not what processElement collects.
        out.collect('text');
      },
    });
  expectType<DataStream<{ origin: string; count: number }>>()(results);
  expectType<DataStream<Flight>>()(results.getSideOutput(late));
  t.pass();
});

test('a factory makes a function with fields of its own', (t) => {
  const results = flights()
    .keyBy((flight) => flight.origin.length)
    .process(() => {
      let seen = 0;
      return {
        state: { count: valueState<number>('count') },
        processElement(flight: Flight, context, out: Collector<number>) {
          seen += 1;
          expectType<number>()(context.key);
          expectType<number | undefined>()(context.state.count.value());
          out.collect(seen + flight.delayMinutes);
        },
      };
    });
  expectType<DataStream<number>>()(results);
  t.pass();
});

test('only numeric fields can be summed', (t) => {
  const keyed = flights().keyBy((flight) => flight.origin);
  expectType<DataStream<Flight>>()(keyed.sum('delayMinutes'));
  expectType<DataStream<Flight>>()(keyed.maxBy('delayMinutes'));
  // @ts-expect-error: a text.
  keyed.sum('origin');
  // @ts-expect-error: records need a field.
  keyed.sum();
  const numbers = flights().map((flight) => flight.delayMinutes);
  expectType<DataStream<number>>()(numbers.keyBy((n) => n % 2).sum());
  t.pass();
});

test('windows know what they hold', (t) => {
  const windowed = () =>
    flights()
      .assignTimestampsAndWatermarks(
        WatermarkStrategy.forMonotonousTimestamps<Flight>().withTimestampAssigner((f) => f.atMs),
      )
      .keyBy((flight) => flight.origin)
      .window(TumblingEventTimeWindows.of(1000));
  expectType<DataStream<Flight>>()(windowed().reduce((left) => left));
  const counts = windowed().aggregate({
    createAccumulator: () => 0,
    add: (_flight, count) => count + 1,
    getResult: (count) => `${count}`,
  });
  expectType<DataStream<string>>()(counts);
  const processed = windowed().process((key, { window }, elements, out: Collector<number>) => {
    expectType<string>()(key);
    expectType<readonly Flight[]>()(elements);
    out.collect(window.end);
  });
  expectType<DataStream<number>>()(processed);
  t.pass();
});

test('connected and broadcast streams keep their sides apart', (t) => {
  const env = StreamExecutionEnvironment.create();
  const left = env.fromCollection<Flight>([]);
  const right = env.fromCollection<string>([]);
  const joined = left.connect(right).process({
    processElement1(flight, _context, out: Collector<number>) {
      out.collect(flight.delayMinutes);
    },
    processElement2(text, _context, out) {
      expectType<string>()(text);
      out.collect(text.length);
    },
  });
  expectType<DataStream<number>>()(joined);
  const rules = right.broadcast({ rules: broadcastState<string, number>('rules') });
  const matched = left
    .keyBy((flight) => flight.origin)
    .connect(rules)
    .process({
      state: { count: valueState<number>('count', { defaultValue: 0 }) },
      processElement(flight, context, out: Collector<string>) {
        expectType<number | undefined>()(context.broadcastState.rules.get(flight.origin));
        expectType<number>()(context.state.count.value());
        const mayWrite: Has<typeof context.broadcastState.rules, 'put'> = false;
        expectType<false>()(mayWrite);
        out.collect(context.key);
      },
      processBroadcastElement(rule, context) {
        context.broadcastState.rules.put(rule, 1);
        const hasKeyedState: Has<typeof context, 'state'> = false;
        expectType<false>()(hasKeyedState);
      },
    });
  expectType<DataStream<string>>()(matched);
  t.pass();
});

test('operator state is typed in map and process', (t) => {
  const mapped = flights().map({
    operatorState: { seen: listState<string>('seen') },
    map(flight, context) {
      expectType<readonly string[]>()(context.operatorState.seen.get());
      return flight.origin;
    },
  });
  expectType<DataStream<string>>()(mapped);
  mapped.sinkTo(new DiscardingSink<string>());
  // @ts-expect-error: a sink for numbers.
  mapped.sinkTo(new DiscardingSink<number>());
  t.pass();
});
