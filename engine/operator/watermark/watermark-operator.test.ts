// Timestamps, periodic watermarks and idleness of one subtask.

import test from 'ava';

import { OnceproofError } from '../../core/errors.ts';
import { MAX_WATERMARK } from '../../stream/elements.ts';
import { OperatorHarness } from '../testing/operator-harness.ts';
import { WatermarkOperator } from './watermark-operator.ts';
import { WatermarkStrategy } from './watermark-strategy.ts';

const at = (value: unknown): number => value as number;

function open(strategy: WatermarkStrategy<unknown>): Promise<OperatorHarness> {
  return OperatorHarness.open(new WatermarkOperator(strategy), { nowMs: 1000 });
}

const bounded = (outOfOrdernessMs: number) =>
  WatermarkStrategy.forBoundedOutOfOrderness<unknown>(outOfOrdernessMs).withTimestampAssigner(at);

test('records get the assigned timestamp; watermarks come with the interval', async (t) => {
  const harness = await open(bounded(10));
  harness.processElement(100);
  harness.processElement(50);
  t.deepEqual(harness.output.take(), [
    { kind: 'record', value: 100, timestamp: 100 },
    { kind: 'record', value: 50, timestamp: 50 },
  ]);
  harness.time.advanceTo(1199);
  t.deepEqual(harness.output.take(), []);
  harness.time.advanceTo(1200);
  t.deepEqual(harness.output.take(), [{ kind: 'watermark', timestamp: 89 }]);
  harness.time.advanceTo(2000);
  t.deepEqual(harness.output.take(), []);
});

test('no watermark comes before the first record', async (t) => {
  const harness = await open(bounded(0));
  harness.time.advanceTo(5000);
  t.deepEqual(harness.output.take(), []);
});

test('watermarks never fall, and those from upstream are replaced but for the last', async (t) => {
  const harness = await open(bounded(0));
  harness.processElement(100);
  harness.time.advanceTo(1200);
  harness.processElement(40);
  harness.processWatermark(500);
  harness.time.advanceTo(1400);
  harness.processWatermark(MAX_WATERMARK);
  t.deepEqual(
    harness.output.take().filter(({ kind }) => kind === 'watermark'),
    [
      { kind: 'watermark', timestamp: 99 },
      { kind: 'watermark', timestamp: MAX_WATERMARK },
    ],
  );
});

test('a subtask without records becomes idle, and active with the next record', async (t) => {
  const harness = await open(bounded(0).withIdleness(500).withInterval(100));
  harness.processElement(1);
  harness.time.advanceTo(1100);
  harness.output.take();
  harness.time.advanceTo(1599);
  t.deepEqual(harness.output.take(), []);
  harness.time.advanceTo(1600);
  t.deepEqual(harness.output.take(), [{ kind: 'status', idle: true }]);
  harness.time.advanceTo(3000);
  t.deepEqual(harness.output.take(), []);
  harness.processElement(7);
  t.deepEqual(harness.output.take(), [
    { kind: 'status', idle: false },
    { kind: 'record', value: 7, timestamp: 7 },
  ]);
  harness.time.advanceTo(3100);
  t.deepEqual(harness.output.take(), [{ kind: 'watermark', timestamp: 6 }]);
});

test('a generator of one’s own may emit with a record, after it', async (t) => {
  const strategy = WatermarkStrategy.forGenerator<unknown>(() => ({
    onEvent: (_value, timestamp, output) => output.emitWatermark(timestamp),
    onPeriodicEmit: () => undefined,
  })).withTimestampAssigner(at);
  const harness = await open(strategy);
  harness.processElement(5);
  t.deepEqual(
    harness.output.take().map(({ kind }) => kind),
    ['record', 'watermark'],
  );
});

test('finish() emits what the interval had not yet, and stops the timer', async (t) => {
  const harness = await open(bounded(0));
  harness.processElement(5);
  harness.output.take();
  harness.operator.finish?.();
  t.deepEqual(harness.output.take(), [{ kind: 'watermark', timestamp: 4 }]);
  t.deepEqual(harness.time.scheduledTimes, []);
});

test('a timestamp that is no integer is OP-E212', async (t) => {
  const harness = await open(bounded(0));
  for (const wrong of [undefined, 1.5, Number.NaN]) {
    const error = t.throws(() => harness.processElement(wrong), { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E212');
  }
});

test('spans that are no counts of milliseconds are OP-E302', (t) => {
  const error = t.throws(() => WatermarkStrategy.forBoundedOutOfOrderness(-1), {
    instanceOf: OnceproofError,
  });
  t.is(error?.code, 'OP-E302');
});
