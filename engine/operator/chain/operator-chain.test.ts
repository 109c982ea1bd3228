// A chain is plain calls: who gets which record, watermark and status, and in which order all live.

import test from 'ava';

import { checkpointId, operatorId } from '../../core/ids.ts';
import type { ChainedOperator, ChainLink } from '../../graph/job-graph.ts';
import { FilterOperator } from '../filter-operator.ts';
import { MapOperator } from '../map-operator.ts';
import { OutputTag } from '../output-tag.ts';
import { ProcessOperator } from '../process-operator.ts';
import type { Output, StreamOperator, TaskContext } from '../stream-operator.ts';
import { CollectedOutput } from '../testing/collected-output.ts';
import { openTaskContext } from '../testing/harness-context.ts';
import { ManualProcessingTime } from '../testing/manual-processing-time.ts';
import { buildChain, type ChainOutput, type OperatorChain } from './operator-chain.ts';

interface Plan {
  readonly operators: readonly StreamOperator[];
  readonly links: readonly (readonly [number, number, string?])[];
  readonly outputs: readonly ChainOutput[];
}

async function chainOf({ operators, links, outputs }: Plan): Promise<OperatorChain> {
  const chained = operators.map(
    (operator, index): ChainedOperator => ({
      id: operatorId(`op-${index}`),
      uid: undefined,
      name: `op-${index}`,
      keyed: false,
      keySerializer: undefined,
      factory: { kind: 'test', create: () => operator },
    }),
  );
  const time = new ManualProcessingTime();
  const ignore = () => undefined;
  const contexts: TaskContext[] = [];
  for (const { name } of chained) {
    const hooks = { time, io: ignore, wakeUp: ignore, fail: ignore };
    contexts.push(await openTaskContext({ operatorName: name }, hooks));
  }
  return buildChain({
    vertex: {
      name: 'vertex',
      operators: chained,
      links: links.map(([from, to, tag]): ChainLink => ({ from, tag, to })),
    },
    contexts,
    outputs,
  });
}

const edge = (operator: number, output: CollectedOutput, tag?: string): ChainOutput => ({
  operator,
  tag,
  output,
});

const increment = () => new MapOperator((value) => (value as number) + 1);

test('what a source emits passes through the chain to its edge', async (t) => {
  const out = new CollectedOutput();
  const chain = await chainOf({
    operators: [increment(), new FilterOperator((value) => value !== 3)],
    links: [
      [-1, 0],
      [0, 1],
    ],
    outputs: [edge(1, out)],
  });
  chain.open();
  for (const value of [1, 2, 3]) chain.sourceOutput.emit(value, value);
  chain.sourceOutput.emitStatus(true);
  chain.sourceOutput.emitStatus(false);
  chain.sourceOutput.emitWatermark(3);
  t.deepEqual(out.take(), [
    { kind: 'record', value: 2, timestamp: 1 },
    { kind: 'record', value: 4, timestamp: 3 },
    { kind: 'status', idle: true },
    { kind: 'status', idle: false },
    { kind: 'watermark', timestamp: 3 },
  ]);
});

test('a batch is processed record by record, in order', async (t) => {
  const out = new CollectedOutput();
  const chain = await chainOf({ operators: [increment()], links: [], outputs: [edge(0, out)] });
  chain.open();
  chain.processBatch([1, 2], [10, 11], 0);
  chain.processStatus(true);
  t.deepEqual(out.take(), [
    { kind: 'record', value: 2, timestamp: 10 },
    { kind: 'record', value: 3, timestamp: 11 },
    { kind: 'status', idle: true },
  ]);
});

test('every consumer gets every record of its output, and all watermarks', async (t) => {
  const odd = new OutputTag<number>('odd');
  const main = new CollectedOutput();
  const side = new CollectedOutput();
  const linked = new CollectedOutput();
  const linkedSide = new CollectedOutput();
  const split = new ProcessOperator({
    processElement(value, context, out) {
      if ((value as number) % 2 === 1) context.output(odd, value);
      else out.collect(value);
    },
  });
  const chain = await chainOf({
    operators: [split, increment(), increment()],
    links: [
      [0, 1],
      [0, 2, 'odd'],
    ],
    outputs: [edge(0, main), edge(0, side, 'odd'), edge(1, linked), edge(2, linkedSide)],
  });
  chain.open();
  for (const value of [1, 2]) chain.processElement(value, 0, 0);
  chain.processWatermark(5);
  const watermark = { kind: 'watermark', timestamp: 5 } as const;
  t.deepEqual(main.take(), [{ kind: 'record', value: 2, timestamp: 0 }, watermark]);
  t.deepEqual(side.take(), [{ kind: 'record', value: 1, timestamp: 0 }, watermark]);
  t.deepEqual(linked.take(), [{ kind: 'record', value: 3, timestamp: 0 }, watermark]);
  t.deepEqual(linkedSide.take(), [{ kind: 'record', value: 2, timestamp: 0 }, watermark]);
});

test('a side output that nobody asked for goes nowhere', async (t) => {
  const out = new CollectedOutput();
  const operator = new ProcessOperator({
    processElement: (value, context) => context.output(new OutputTag('nobody'), value),
  });
  const chain = await chainOf({ operators: [operator], links: [], outputs: [edge(0, out)] });
  chain.open();
  chain.processElement(1, 0, 0);
  t.deepEqual(out.take(), []);
});

/** Notes every call, and flushes a record when it is finished. */
class Journal implements StreamOperator {
  readonly #name: string;
  readonly #calls: string[];
  #output: Output<unknown> | undefined;
  done = false;

  constructor(name: string, calls: string[]) {
    this.#name = name;
    this.#calls = calls;
  }

  #note(call: string): void {
    this.#calls.push(`${this.#name}.${call}`);
  }

  open(_context: TaskContext, output: Output<unknown>): void {
    this.#output = output;
    this.#note('open');
  }

  processElement(value: unknown): void {
    this.#note(`process ${value}`);
  }

  processWatermark(): void {}

  prepareSnapshotPreBarrier(): void {
    this.#note('pre-barrier');
  }

  snapshotState(): Promise<void> {
    this.#note('snapshot');
    return Promise.resolve();
  }

  isAvailable(): boolean {
    return this.#name === 'a' || this.done;
  }

  isDone(): boolean {
    return this.done;
  }

  finish(): void {
    this.#note('finish');
    this.#output?.emit('flushed', 0);
  }

  close(): void {
    this.#note('close');
    throw new Error(this.#name);
  }
}

test('calls that may emit run upstream first, the others downstream first', async (t) => {
  const calls: string[] = [];
  const operators = [new Journal('a', calls), new Journal('b', calls)];
  const chain = await chainOf({ operators, links: [[0, 1]], outputs: [] });
  chain.open();
  chain.prepareSnapshotPreBarrier(checkpointId(1));
  await chain.snapshotState(checkpointId(1));
  chain.finish();
  const error = t.throws(() => chain.close());
  t.is(error?.message, 'b');
  t.deepEqual(calls, [
    'b.open',
    'a.open',
    'a.pre-barrier',
    'b.pre-barrier',
    'a.snapshot',
    'b.snapshot',
    'a.finish',
    'b.process flushed',
    'b.finish',
    'b.close',
    'a.close',
  ]);
});

test('a chain is available, and done, only if all of its operators are', async (t) => {
  const [a, b] = [new Journal('a', []), new Journal('b', [])];
  const chain = await chainOf({ operators: [a, b], links: [[0, 1]], outputs: [] });
  t.false(chain.isAvailable());
  t.false(chain.isDone());
  b.done = true;
  t.true(chain.isAvailable());
  t.false(chain.isDone());
  a.done = true;
  t.true(chain.isDone());
});

test('operators without external work give no promise to wait for', async (t) => {
  const chain = await chainOf({ operators: [increment()], links: [], outputs: [] });
  t.is(chain.snapshotState(checkpointId(1)), undefined);
  t.true(chain.isAvailable());
  t.true(chain.isDone());
});
