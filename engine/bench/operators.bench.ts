// What the engine costs per record over a bare loop that does the same, in the same run. Prints
// one JSON line a case: records per second of both, and their ratio. The ratio is what a budget
// is about.

import { performance } from 'node:perf_hooks';

import { operatorId } from '../core/ids.ts';
import { guardedKeySelector } from '../api/key-selector.ts';
import { buildChain, type OperatorChain } from '../operator/chain/operator-chain.ts';
import { FilterOperator } from '../operator/filter-operator.ts';
import {
  type ErasedKeyedProcessFunction,
  KeyedProcessOperator,
} from '../operator/keyed-process-operator.ts';
import { MapOperator } from '../operator/map-operator.ts';
import { ReduceOperator } from '../operator/reduce-operator.ts';
import type { ValueState } from '../state/keyed-state.ts';
import { valueState } from '../operator/state-descriptors.ts';
import type { StreamOperator, TaskContext } from '../operator/stream-operator.ts';
import { openTaskContext } from '../operator/testing/harness-context.ts';
import { ManualProcessingTime } from '../operator/testing/manual-processing-time.ts';
import { TumblingEventTimeWindows } from '../operator/window/window-assigner.ts';
import { WindowOperator } from '../operator/window/window-operator.ts';

const BATCH = 1_000;
const ROUNDS = 5;

let consumed = 0;

interface Case {
  readonly name: string;
  readonly records: number;
  readonly operators: readonly StreamOperator[];
  readonly keyed: boolean;
  readonly valueOf: (index: number) => unknown;
  /** The same work without an engine. */
  readonly bare: (values: readonly unknown[]) => void;
}

const number = (value: unknown): number => value as number;

const keyOf = guardedKeySelector((value: number) => value);

const countPerKey: ErasedKeyedProcessFunction = {
  state: { count: valueState<number>('count', { defaultValue: 0 }) },
  processElement(_value, context, out) {
    const count = context.state['count'] as ValueState<number>;
    const next = number(count.value()) + 1;
    count.update(next);
    out.collect(next);
  },
};

const bareCounts = new Map<unknown, number>();

function bareCount(values: readonly unknown[]): void {
  for (const value of values) {
    const count = (bareCounts.get(value) ?? 0) + 1;
    bareCounts.set(value, count);
    consumed += count;
  }
}

const cases: readonly Case[] = [
  {
    name: 'map, filter, map, filter',
    records: 4_000_000,
    operators: [
      new MapOperator((value) => number(value) + 1),
      new FilterOperator((value) => number(value) > 0),
      new MapOperator((value) => number(value) * 2),
      new FilterOperator((value) => number(value) % 3 !== 0),
    ],
    keyed: false,
    valueOf: (index) => index,
    bare(values) {
      for (const value of values) {
        const mapped = number(value) + 1;
        if (mapped > 0 && (mapped * 2) % 3 !== 0) consumed += 1;
      }
    },
  },
  ...[1_000, 100_000].flatMap((keys): Case[] => [
    {
      name: `keyed count, ${keys} keys`,
      records: 2_000_000,
      operators: [new KeyedProcessOperator(countPerKey, keyOf)],
      keyed: true,
      valueOf: (index) => (index * 7_919) % keys,
      bare: bareCount,
    },
    {
      name: `keyed reduce, ${keys} keys`,
      records: 2_000_000,
      operators: [new ReduceOperator((left, right) => number(left) + number(right), keyOf)],
      keyed: true,
      valueOf: (index) => (index * 7_919) % keys,
      bare: bareCount,
    },
  ]),
  {
    name: 'tumbling count, 1000 keys',
    records: 500_000,
    operators: [
      new WindowOperator({
        keySelector: keyOf,
        assigner: TumblingEventTimeWindows.of(1_000),
        allowedLatenessMs: 0,
        lateTag: undefined,
        contents: {
          kind: 'aggregate',
          aggregate: {
            createAccumulator: () => 0,
            add: (_value, count) => number(count) + 1,
            getResult: (count) => count,
          },
        },
        process: undefined,
      }),
    ],
    keyed: true,
    valueOf: (index) => (index * 7_919) % 1_000,
    bare: bareCount,
  },
];

for (const one of cases) await measure(one);
if (consumed === 0) throw new Error('Nothing was consumed: the loops were optimized away');

async function measure({ name, records, operators, keyed, valueOf, bare }: Case): Promise<void> {
  const chain = await chainOf(operators, keyed);
  const batches = Array.from({ length: records / BATCH }, (_, batch) =>
    Array.from({ length: BATCH }, (_unused, index) => valueOf(batch * BATCH + index)),
  );
  const timestamps = Array.from({ length: BATCH }, (_, index) => index);
  const engine = best(records, () => {
    for (const values of batches) chain.processBatch(values, timestamps, 0);
  });
  const loop = best(records, () => {
    for (const values of batches) bare(values);
  });
  const overheadNs = Math.round(1e9 / engine - 1e9 / loop);
  console.log(
    JSON.stringify({
      name,
      engine: Math.round(engine),
      loop: Math.round(loop),
      ratio: Number((engine / loop).toFixed(3)),
      overheadNs,
    }),
  );
}

/** Records per second of the best of several rounds: the one that was disturbed least. */
function best(records: number, run: () => void): number {
  let rate = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    run();
    rate = Math.max(rate, (records / (performance.now() - start)) * 1_000);
  }
  return rate;
}

async function chainOf(
  operators: readonly StreamOperator[],
  keyed: boolean,
): Promise<OperatorChain> {
  const ignore = () => undefined;
  const hooks = { time: new ManualProcessingTime(), io: ignore, wakeUp: ignore, fail: ignore };
  const contexts: TaskContext[] = [];
  while (contexts.length < operators.length) {
    contexts.push(await openTaskContext({ keyed }, hooks));
  }
  const chain = buildChain({
    vertex: {
      name: 'bench',
      operators: operators.map((operator, index) => ({
        id: operatorId(`${index}`),
        uid: undefined,
        name: `${index}`,
        keyed,
        keySerializer: undefined,
        factory: { kind: 'bench', create: () => operator },
      })),
      links: operators.slice(1).map((_operator, from) => ({ from, tag: undefined, to: from + 1 })),
    },
    contexts,
    outputs: [
      {
        operator: operators.length - 1,
        tag: undefined,
        output: {
          emit: () => {
            consumed += 1;
          },
          emitWatermark: ignore,
          emitStatus: ignore,
        },
      },
    ],
  });
  chain.open();
  return chain;
}
