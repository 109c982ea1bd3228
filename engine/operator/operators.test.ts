// The operators that run users' functions, with real state.

import test from 'ava';

import { OnceproofError } from '../core/errors.ts';
import { MAX_WATERMARK, NO_TIMESTAMP } from '../stream/elements.ts';
import { FilterOperator } from './filter-operator.ts';
import { FlatMapOperator } from './flat-map-operator.ts';
import { type ErasedKeyedProcessFunction, KeyedProcessOperator } from './keyed-process-operator.ts';
import { MapOperator } from './map-operator.ts';
import { OutputTag } from './output-tag.ts';
import { broadcastState, unionListState } from './operator-state-descriptors.ts';
import { ProcessOperator, type ErasedProcessFunction } from './process-operator.ts';
import { ReduceOperator } from './reduce-operator.ts';
import { listState, valueState } from './state-descriptors.ts';
import type { KeyedProcessFunction, ProcessFunction } from './functions.ts';
import { type TwoInputFunction, TwoInputOperator } from './two-input-operator.ts';
import { OperatorHarness } from './testing/operator-harness.ts';

const number = (value: unknown): number => value as number;
const firstLetter = (value: unknown): unknown => String(value)[0];

test('map, filter and flatMap keep timestamps and order', async (t) => {
  const map = await OperatorHarness.open(new MapOperator((value) => number(value) * 2));
  map.processElement(1, 10);
  map.processWatermark(11);
  t.deepEqual(map.output.take(), [
    { kind: 'record', value: 2, timestamp: 10 },
    { kind: 'watermark', timestamp: 11 },
  ]);
  const filter = await OperatorHarness.open(new FilterOperator((value) => number(value) > 1));
  filter.processElement(1, 10);
  filter.processElement(2, 11);
  t.deepEqual(filter.output.take(), [{ kind: 'record', value: 2, timestamp: 11 }]);
  const flatMap = await OperatorHarness.open(
    new FlatMapOperator((value, out) => {
      out.collect(value);
      return [value, -number(value)];
    }),
  );
  flatMap.processElement(3, 7);
  t.deepEqual(flatMap.output.take(), [
    { kind: 'record', value: 3, timestamp: 7 },
    { kind: 'record', value: 3, timestamp: 7 },
    { kind: 'record', value: -3, timestamp: 7 },
  ]);
});

test('what a function throws becomes OP-E201 with the operator’s name and the cause', async (t) => {
  const cause = new RangeError('no such airport');
  const harness = await OperatorHarness.open(
    new MapOperator(() => {
      throw cause;
    }),
  );
  const error = t.throws(() => harness.processElement(1), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E201');
  t.is(error?.place, 'operator under test');
  t.is(error?.cause, cause);
});

test('asynchronous functions are OP-E202, and their rejection is not left unhandled', async (t) => {
  const reject = async () => {
    throw new Error('later');
  };
  const operators = [
    new MapOperator(reject),
    new FilterOperator(reject as never),
    new FlatMapOperator(reject as never),
    new ProcessOperator({ processElement: reject }),
    new KeyedProcessOperator({ processElement: reject }, firstLetter),
  ];
  for (const operator of operators) {
    const harness = await OperatorHarness.open(operator, { keyed: true });
    const error = t.throws(() => harness.processElement(1), { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E202');
    t.regex(error?.remedy ?? '', /async/);
  }
});

test('reduce emits the running reduction of each key, and goes on after a restore', async (t) => {
  const sum = () =>
    new ReduceOperator(
      (a, b) => number(a) + number(b),
      (n) => number(n) % 2,
    );
  const before = await OperatorHarness.open(sum(), { keyed: true });
  for (const value of [1, 2, 3, 4]) before.processElement(value);
  t.deepEqual(before.takeValues(), [1, 2, 4, 6]);
  const snapshot = await before.snapshot(1);
  before.processElement(100);
  const after = await OperatorHarness.open(sum(), { keyed: true, restore: [snapshot] });
  after.processElement(5);
  after.processElement(6);
  t.deepEqual(after.takeValues(), [9, 12]);
});

const countStates = {
  count: valueState<number>('count', { defaultValue: 0 }),
  last: valueState<number>('last'),
};

/** Counts per key, and emits the count 10 ms of event time after a key's last record. */
const countUntilQuiet: KeyedProcessFunction<string, string, string, typeof countStates> = {
  state: countStates,
  processElement(value, context) {
    context.state.count.update(context.state.count.value() + 1);
    context.state.last.update(context.timestamp);
    context.timerService.registerEventTimeTimer(context.timestamp + 10);
    context.output(new OutputTag('seen'), value);
  },
  onTimer(timestamp, context, out) {
    if (timestamp !== (context.state.last.value() ?? 0) + 10) return;
    out.collect(`${context.key}=${context.state.count.value()}`);
  },
};

const counting = () =>
  new KeyedProcessOperator(countUntilQuiet as unknown as ErasedKeyedProcessFunction, firstLetter);

test('a keyed process function has state and timers per key', async (t) => {
  const harness = await OperatorHarness.open(counting(), { keyed: true });
  harness.processElement('a1', 100);
  harness.processElement('b1', 101);
  harness.processElement('a2', 105);
  t.deepEqual(
    harness.output.take().map((one) => (one.kind === 'side' ? one.value : undefined)),
    ['a1', 'b1', 'a2'],
  );
  harness.processWatermark(112);
  t.deepEqual(harness.output.take(), [
    { kind: 'record', value: 'b=1', timestamp: 111 },
    { kind: 'watermark', timestamp: 112 },
  ]);
  harness.processWatermark(MAX_WATERMARK);
  t.deepEqual(harness.takeValues(), ['a=2']);
});

test('states and timers move to the subtask that owns the key after rescaling', async (t) => {
  const before = await OperatorHarness.open(counting(), { keyed: true });
  const keys = [...'abcdefghijklmnop'];
  for (const key of keys) before.processElement(key, 100);
  const snapshot = await before.snapshot(1);
  const values: unknown[] = [];
  for (const subtaskIndex of [0, 1, 2]) {
    const options = { keyed: true, subtaskIndex, parallelism: 3, restore: [snapshot] };
    const after = await OperatorHarness.open(counting(), options);
    after.processWatermark(200);
    const own = after.takeValues();
    t.true(own.length > 0);
    values.push(...own);
  }
  t.deepEqual(
    values.map(String).sort(),
    keys.map((key) => `${key}=1`),
  );
});

test('processing-time timers fire with the clock; their results have no timestamp', async (t) => {
  const operator = new KeyedProcessOperator(
    {
      processElement: (_value, context) => {
        const { timerService } = context;
        if (!('registerProcessingTimeTimer' in timerService)) throw new Error('no timers');
        (timerService.registerProcessingTimeTimer as (at: number) => void)(50);
      },
      onTimer: (at, context, out) => out.collect(`${context.timeDomain} ${context.key}@${at}`),
    },
    firstLetter,
  );
  const harness = await OperatorHarness.open(operator, { keyed: true });
  harness.processElement('a', 7);
  harness.processElement('a', 8);
  harness.time.advanceTo(50);
  t.deepEqual(harness.output.take(), [
    { kind: 'record', value: 'processing-time a@50', timestamp: NO_TIMESTAMP },
  ]);
  harness.processElement('b', 9);
  harness.operator.finish?.();
  harness.time.advanceTo(1000);
  t.deepEqual(harness.output.take(), []);
});

test('on rescale lists are split and union lists are whole', async (t) => {
  const states = { mine: listState<string>('mine'), all: unionListState<string>('all') };
  const remember: ProcessFunction<string, string, typeof states> = {
    operatorState: states,
    processElement(value, context, out) {
      const { mine, all } = context.operatorState;
      if (value === '?') {
        out.collect(`${mine.get().join('')} ${all.get().join('')}`);
      } else {
        mine.add(value);
        all.add(value);
      }
    },
  };
  const operator = () => new ProcessOperator(remember as unknown as ErasedProcessFunction);
  const before = await OperatorHarness.open(operator());
  for (const value of 'abc') before.processElement(value);
  const snapshot = await before.snapshot(1);
  const answers: unknown[] = [];
  for (const subtaskIndex of [0, 1]) {
    const options = { subtaskIndex, parallelism: 2, restore: [snapshot] };
    const after = await OperatorHarness.open(operator(), options);
    after.processElement('?');
    answers.push(...after.takeValues());
  }
  t.deepEqual(answers, ['ab abc', 'c abc']);
});

const rules: TwoInputFunction = {
  first: (value, context, out) => {
    const { rules: state } = context.broadcastState;
    const allowed = state as { get(key: unknown): string | undefined };
    out.collect(`${context.key} ${allowed.get(value) ?? 'unknown'}`);
  },
  second: (value, context) => {
    const { rules: state } = context.broadcastState;
    (state as { put(key: unknown, value: unknown): void }).put(value, 'known');
  },
  state: {},
  operatorState: {},
  broadcastState: { rules: broadcastState<string, string>('rules') },
};

const broadcasting = () => new TwoInputOperator(rules, { first: firstLetter, second: undefined });

test('broadcast state is read by keyed records, written by the other side, restored', async (t) => {
  const before = await OperatorHarness.open(broadcasting(), { keyed: true });
  before.processElement('a', 1, 0);
  before.processElement('a', 1, 1);
  before.processElement('a', 1, 0);
  t.deepEqual(before.takeValues(), ['a unknown', 'a known']);
  const snapshot = await before.snapshot(1);
  const after = await OperatorHarness.open(broadcasting(), { keyed: true, restore: [snapshot] });
  after.processElement('a', 1, 0);
  t.deepEqual(after.takeValues(), ['a known']);
});

test('the broadcast side has no key: using it is OP-E215', async (t) => {
  const operator = new TwoInputOperator(
    { ...rules, second: (_value, context) => context.state },
    { first: firstLetter, second: undefined },
  );
  const harness = await OperatorHarness.open(operator, { keyed: true });
  harness.processElement('a', 1, 0);
  const error = t.throws(() => harness.processElement('a', 1, 1), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E215');
});

test('keyed connected streams share the state of a key', async (t) => {
  const operator = new TwoInputOperator(
    {
      first: (value, context) => {
        const { seen } = context.state;
        (seen as { add(value: unknown): void }).add(value);
      },
      second: (_value, context, out) => {
        const { seen } = context.state;
        out.collect((seen as { get(): readonly unknown[] }).get());
      },
      state: { seen: listState<string>('seen') },
      operatorState: {},
      broadcastState: {},
    },
    { first: firstLetter, second: firstLetter },
  );
  const harness = await OperatorHarness.open(operator, { keyed: true });
  harness.processElement('a1', 1, 0);
  harness.processElement('b1', 1, 0);
  harness.processElement('a', 1, 1);
  t.deepEqual(harness.takeValues(), [['a1']]);
});
