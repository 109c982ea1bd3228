// What keyed operators ask of a backend that must fetch state first: the keys of a batch, the
// timers that are due, and nothing of a backend that has no such need.

import test from 'ava';

import { OnceproofError } from '../core/errors.ts';
import { HashMapStateBackend } from '../state/hash-map-state-backend.ts';
import type { KeyedStateBackend, StateBackend } from '../state/state-backend.ts';
import type { TimerService } from './functions.ts';
import { KeyedProcessOperator } from './keyed-process-operator.ts';
import { ReduceOperator } from './reduce-operator.ts';
import type { StreamOperator } from './stream-operator.ts';
import { OperatorHarness } from './testing/operator-harness.ts';
import { TwoInputOperator } from './two-input-operator.ts';
import { TumblingEventTimeWindows } from './window/window-assigner.ts';
import { WindowOperator } from './window/window-operator.ts';

interface Asked {
  readonly backend: StateBackend;
  readonly keys: (readonly unknown[])[];
  readonly timers: (readonly [string, number])[];
}

function recording(): Asked {
  const heap = new HashMapStateBackend();
  const keys: (readonly unknown[])[] = [];
  const timers: (readonly [string, number])[] = [];
  const prepare = {
    prepare: {
      value: async (asked: readonly unknown[]) => {
        keys.push(asked);
      },
    },
    prepareTimers: {
      value: async (queue: string, timestamp: number) => {
        timers.push([queue, timestamp]);
      },
    },
  };
  const backend: StateBackend = {
    name: 'recording',
    async createKeyedStateBackend(options) {
      const keyed = await heap.createKeyedStateBackend(options);
      const bound: unknown = new Proxy(keyed, {
        get: (target, name) => {
          const own: unknown = Reflect.get(prepare, name);
          if (own !== undefined) return (own as { value: unknown }).value;
          const member: unknown = Reflect.get(target, name, target);
          return typeof member === 'function' ? (member.bind(target) as unknown) : member;
        },
      });
      return bound as KeyedStateBackend;
    },
  };
  return { backend, keys, timers };
}

const keyOf = (value: unknown): unknown => (value as { readonly key: unknown }).key;
const record = (key: unknown, n = 1): unknown => ({ key, n });

function counting(): StreamOperator {
  return new KeyedProcessOperator(
    {
      processElement(_value, context) {
        const timers = context.timerService as TimerService;
        timers.registerEventTimeTimer(10);
        timers.registerProcessingTimeTimer(20);
      },
      onTimer: (time, _context, out) => out.collect(time),
    },
    keyOf,
  );
}

function windowing(): StreamOperator {
  return new WindowOperator({
    keySelector: keyOf,
    assigner: TumblingEventTimeWindows.of(10),
    allowedLatenessMs: 0,
    lateTag: undefined,
    contents: { kind: 'elements' },
    process: undefined,
  });
}

const OPERATORS = new Map<string, () => StreamOperator>([
  ['process', counting],
  ['reduce', () => new ReduceOperator((left) => left, keyOf)],
  ['window', windowing],
]);

for (const [name, create] of OPERATORS) {
  test(`${name}: the keys of a batch are asked for before it is processed`, async (t) => {
    const { backend, keys } = recording();
    const harness = await OperatorHarness.open(create(), { keyed: true, stateBackend: backend });
    t.true(await harness.processBatch([record('a'), record('b'), record('a')], 5));
    t.deepEqual(keys, [['a', 'b', 'a']]);
  });

  test(`${name}: nothing is asked of a backend whose state is all at hand`, async (t) => {
    const harness = await OperatorHarness.open(create(), { keyed: true });
    t.false(await harness.processBatch([record('a')], 5));
    t.false(await harness.advanceWatermark(100));
  });

  test(`${name}: a key selector that throws fails as it does while processing`, async (t) => {
    const { backend } = recording();
    const slow = await OperatorHarness.open(create(), { keyed: true, stateBackend: backend });
    const quick = await OperatorHarness.open(create(), { keyed: true });
    const [early, late] = [slow, quick].map((harness) =>
      t.throwsAsync(harness.processBatch([record('a'), undefined], 5), {
        instanceOf: OnceproofError,
      }),
    );
    t.is((await early)?.message, (await late)?.message);
  });

  test(`${name}: a record without a key is refused when its turn comes`, async (t) => {
    const { backend, keys } = recording();
    const harness = await OperatorHarness.open(create(), { keyed: true, stateBackend: backend });
    const failure = await t.throwsAsync(harness.processBatch([record('a'), record(null)], 5), {
      instanceOf: OnceproofError,
    });
    t.is(failure?.code, 'OP-E406');
    t.deepEqual(keys, [['a']]);
  });
}

test('timers are asked for by queue, up to the watermark or the time', async (t) => {
  const { backend, timers } = recording();
  const harness = await OperatorHarness.open(counting(), { keyed: true, stateBackend: backend });
  await harness.processBatch([record('a')], 5);
  await harness.advanceWatermark(10);
  t.deepEqual(harness.takeValues(), [10]);
  harness.time.advanceTo(20);
  t.deepEqual(harness.takeValues(), [], 'it waits for the state');
  t.deepEqual(harness.pendingIo, ['fetch state']);
  await harness.settle();
  t.deepEqual(harness.takeValues(), [20]);
  t.deepEqual(timers, [
    ['user-timers/event-time', 10],
    ['user-timers/processing-time', 20],
  ]);
});

test('each input of two has keys of its own, and a broadcast one has none', async (t) => {
  const twoInput = (second: ((value: unknown) => unknown) | undefined): StreamOperator =>
    new TwoInputOperator(
      {
        first: () => undefined,
        second: () => undefined,
        state: {},
        operatorState: {},
        broadcastState: {},
      },
      { first: keyOf, second },
    );
  const { backend, keys } = recording();
  const options = { keyed: true, stateBackend: backend };
  const connected = await OperatorHarness.open(
    twoInput((value) => String(value).length),
    options,
  );
  t.true(await connected.processBatch([record('a')], 5, 0));
  t.true(await connected.processBatch(['four'], 5, 1));
  t.deepEqual(keys, [['a'], [4]]);
  const broadcast = await OperatorHarness.open(twoInput(undefined), options);
  t.false(await broadcast.processBatch(['rule'], 5, 1));
});
