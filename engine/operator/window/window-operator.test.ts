// Windows against a model that sees the whole stream at once, and Flink's rules for lateness.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../../core/errors.ts';
import { MAX_WATERMARK, NO_TIMESTAMP } from '../../stream/elements.ts';
import { OperatorHarness } from '../testing/operator-harness.ts';
import {
  EventTimeSessionWindows,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  type WindowAssigner,
} from './window-assigner.ts';
import type { WindowContentsKind } from './window-contents.ts';
import { WindowOperator, type WindowOperatorOptions } from './window-operator.ts';

interface Click {
  readonly key: string;
  readonly at: number;
  readonly count: number;
}

const sum: WindowContentsKind = {
  kind: 'aggregate',
  aggregate: {
    createAccumulator: () => 0,
    add: (click, total) => (total as number) + (click as Click).count,
    getResult: (total) => total,
    merge: (left, right) => (left as number) + (right as number),
  },
};

function windows(
  assigner: WindowAssigner,
  options: Partial<WindowOperatorOptions> = {},
): WindowOperator {
  return new WindowOperator({
    keySelector: (click) => (click as Click).key,
    assigner,
    allowedLatenessMs: 0,
    lateTag: undefined,
    contents: sum,
    process: (key, { window }, [total], out) =>
      out.collect(`${key} ${window.start}..${window.end} ${total}`),
    ...options,
  });
}

const open = (operator: WindowOperator, restore = {}): Promise<OperatorHarness> =>
  OperatorHarness.open(operator, { keyed: true, ...restore });

function click(harness: OperatorHarness, key: string, at: number, count = 1): void {
  harness.processElement({ key, at, count }, at);
}

test('a tumbling window fires once, when the watermark passes its last moment', async (t) => {
  const harness = await open(windows(TumblingEventTimeWindows.of(10)));
  click(harness, 'a', 0);
  click(harness, 'a', 9);
  click(harness, 'b', 10);
  harness.processWatermark(8);
  t.deepEqual(harness.takeValues(), []);
  harness.processWatermark(9);
  t.deepEqual(harness.output.take(), [
    { kind: 'record', value: 'a 0..10 2', timestamp: 9 },
    { kind: 'watermark', timestamp: 9 },
  ]);
  harness.processWatermark(MAX_WATERMARK);
  t.deepEqual(harness.takeValues(), ['b 10..20 1']);
});

test('windows of times before zero and with an offset start where they should', (t) => {
  const starts = (assigner: WindowAssigner, at: number) =>
    assigner.assignWindows(at).map(({ start, end }) => `${start}..${end}`);
  t.deepEqual(starts(TumblingEventTimeWindows.of(10), -1), ['-10..0']);
  t.deepEqual(starts(TumblingEventTimeWindows.of(10), -10), ['-10..0']);
  t.deepEqual(starts(TumblingEventTimeWindows.of(10, 3), 2), ['-7..3']);
  t.deepEqual(starts(SlidingEventTimeWindows.of(10, 5), 7), ['5..15', '0..10']);
  t.deepEqual(starts(SlidingEventTimeWindows.of(4, 10), 7), []);
  t.deepEqual(starts(EventTimeSessionWindows.withGap(10), 7), ['7..17']);
});

test('a late record within the allowed lateness fires its window again', async (t) => {
  const operator = windows(TumblingEventTimeWindows.of(10), {
    allowedLatenessMs: 5,
    lateTag: 'late',
  });
  const harness = await open(operator);
  click(harness, 'a', 1);
  harness.processWatermark(13);
  click(harness, 'a', 2);
  t.deepEqual(harness.takeValues(), ['a 0..10 1', 'a 0..10 2']);
  harness.processWatermark(14);
  click(harness, 'a', 3);
  t.deepEqual(
    harness.output.take().filter(({ kind }) => kind !== 'watermark'),
    [{ kind: 'side', tag: 'late', value: { key: 'a', at: 3, count: 1 }, timestamp: 3 }],
  );
  t.is(operator.lateRecordsDropped, 0);
});

test('a late record fires its window again, even if a recovery came between', async (t) => {
  const late = { allowedLatenessMs: 5 };
  const before = await open(windows(TumblingEventTimeWindows.of(10), late));
  click(before, 'a', 1);
  before.processWatermark(11);
  t.deepEqual(before.takeValues(), ['a 0..10 1']);
  const restore = { restore: [await before.snapshot(1)] };
  const after = await open(windows(TumblingEventTimeWindows.of(10), late), restore);
  click(after, 'a', 2);
  after.processWatermark(11);
  t.deepEqual(after.takeValues(), ['a 0..10 2']);
});

test('without a side output late records are dropped and counted', async (t) => {
  const operator = windows(TumblingEventTimeWindows.of(10));
  const harness = await open(operator);
  harness.processWatermark(20);
  click(harness, 'a', 5);
  t.deepEqual(harness.takeValues(), []);
  t.is(operator.lateRecordsDropped, 1);
});

test('a record is late only if it is too late for all of its windows', async (t) => {
  const operator = windows(SlidingEventTimeWindows.of(10, 5), { lateTag: 'late' });
  const harness = await open(operator);
  harness.processWatermark(9);
  click(harness, 'a', 7);
  harness.processWatermark(MAX_WATERMARK);
  t.deepEqual(harness.takeValues(), ['a 5..15 1']);
});

test('nothing of a window is left after its end', async (t) => {
  for (const assigner of [
    TumblingEventTimeWindows.of(10),
    SlidingEventTimeWindows.of(10, 2),
    EventTimeSessionWindows.withGap(10),
  ]) {
    const harness = await open(windows(assigner, { allowedLatenessMs: 7 }));
    for (const at of [1, 5, 30, 12]) click(harness, 'a', at);
    harness.processWatermark(1000);
    t.is((await harness.snapshot(1)).keyed, undefined, assigner.label);
  }
});

test('a record that joins two sessions merges them, across a restore', async (t) => {
  const before = await open(windows(EventTimeSessionWindows.withGap(10)));
  click(before, 'a', 0);
  click(before, 'a', 15);
  click(before, 'b', 4);
  const snapshot = await before.snapshot(1);
  const after = await open(windows(EventTimeSessionWindows.withGap(10)), { restore: [snapshot] });
  click(after, 'a', 8, 5);
  after.processWatermark(MAX_WATERMARK);
  t.deepEqual(after.takeValues().map(String).sort(), ['a 0..25 7', 'b 4..14 1']);
});

test('a late record revives no session but extends one that is still kept', async (t) => {
  const operator = windows(EventTimeSessionWindows.withGap(10), {
    allowedLatenessMs: 100,
    lateTag: 'late',
  });
  const harness = await open(operator);
  click(harness, 'a', 0);
  harness.processWatermark(20);
  t.deepEqual(harness.takeValues(), ['a 0..10 1']);
  click(harness, 'a', 5);
  t.deepEqual(harness.takeValues(), ['a 0..15 2']);
  harness.processWatermark(200);
  click(harness, 'a', 6);
  t.deepEqual(
    harness.output.take().map(({ kind }) => kind),
    ['watermark', 'side'],
  );
});

test('process() gets all elements of the window in the order of their arrival', async (t) => {
  const operator = windows(TumblingEventTimeWindows.of(10), {
    contents: { kind: 'elements' },
    process: (_key, _context, elements, out) =>
      out.collect(elements.map((element) => (element as Click).at).join()),
  });
  const harness = await open(operator);
  for (const at of [3, 1, 2]) click(harness, 'a', at);
  harness.processWatermark(9);
  t.deepEqual(harness.takeValues(), ['3,1,2']);
});

test('reduce() without a process function emits the reduced record', async (t) => {
  const operator = windows(TumblingEventTimeWindows.of(10), {
    contents: {
      kind: 'reduce',
      reduce: (left, right) => ({
        ...(left as Click),
        count: (left as Click).count + (right as Click).count,
      }),
    },
    process: undefined,
  });
  const harness = await open(operator);
  click(harness, 'a', 3, 2);
  click(harness, 'a', 4, 5);
  harness.processWatermark(9);
  t.deepEqual(harness.takeValues(), [{ key: 'a', at: 3, count: 7 }]);
});

test('asynchronous and throwing window functions are refused by name', async (t) => {
  const rejected = (): Promise<never> => Promise.reject(new Error('later'));
  const asynchronous: WindowContentsKind[] = [
    { kind: 'reduce', reduce: rejected },
    {
      kind: 'aggregate',
      aggregate: { createAccumulator: () => 0, add: rejected, getResult: () => 0 },
    },
  ];
  for (const contents of asynchronous) {
    const harness = await open(windows(TumblingEventTimeWindows.of(10), { contents }));
    const error = t.throws(
      () => {
        click(harness, 'a', 1);
        click(harness, 'a', 2);
      },
      { instanceOf: OnceproofError },
    );
    t.is(error?.code, 'OP-E202');
  }
  const throwing = (): never => {
    throw new Error('no result');
  };
  const aggregate = { createAccumulator: () => 0, add: () => 1, getResult: throwing };
  const options = { contents: { kind: 'aggregate', aggregate } } as const;
  const harness = await open(windows(TumblingEventTimeWindows.of(10), options));
  click(harness, 'a', 1);
  const error = t.throws(() => harness.processWatermark(9), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E201');
  t.regex(error?.message ?? '', /operator under test.*no result/);
});

test('a record without a timestamp is OP-E213', async (t) => {
  const harness = await open(windows(TumblingEventTimeWindows.of(10)));
  const error = t.throws(() => harness.processElement({ key: 'a' }, NO_TIMESTAMP), {
    instanceOf: OnceproofError,
  });
  t.is(error?.code, 'OP-E213');
});

const clicks = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    at: fc.integer({ min: -20, max: 60 }),
    count: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 40 },
);

/** In arrival order, with a snapshot and restore after `restoreAt` records; no record is late. */
async function run(
  assigner: WindowAssigner,
  records: readonly Click[],
  restoreAt: number,
): Promise<readonly unknown[]> {
  let harness = await open(windows(assigner));
  const values: unknown[] = [];
  for (const [index, record] of records.entries()) {
    if (index === restoreAt) {
      values.push(...harness.takeValues());
      harness = await open(windows(assigner), { restore: [await harness.snapshot(1)] });
    }
    harness.processElement(record, record.at);
    // What follows must not become late, so the watermark stays below all that is still to come.
    const rest = records.slice(index + 1).map(({ at }) => at);
    const watermark = Math.min(...rest, record.at) - 1;
    if (index % 3 === 0) harness.processWatermark(watermark);
  }
  harness.processWatermark(MAX_WATERMARK);
  return [...values, ...harness.takeValues()].map(String).sort();
}

function naiveFixed(assigner: WindowAssigner, records: readonly Click[]): readonly string[] {
  const totals = new Map<string, number>();
  for (const { key, at, count } of records) {
    for (const { start, end } of assigner.assignWindows(at)) {
      const id = `${key} ${start}..${end}`;
      totals.set(id, (totals.get(id) ?? 0) + count);
    }
  }
  return [...totals].map(([id, total]) => `${id} ${total}`).sort();
}

function naiveSessions(gap: number, records: readonly Click[]): readonly string[] {
  const results: string[] = [];
  for (const key of ['a', 'b']) {
    const own = records.filter((record) => record.key === key).sort((l, r) => l.at - r.at);
    let session: { start: number; end: number; total: number } | undefined;
    for (const { at, count } of own) {
      if (session !== undefined && at < session.end) {
        session.end = at + gap;
        session.total += count;
        continue;
      }
      if (session !== undefined)
        results.push(`${key} ${session.start}..${session.end} ${session.total}`);
      session = { start: at, end: at + gap, total: count };
    }
    if (session !== undefined)
      results.push(`${key} ${session.start}..${session.end} ${session.total}`);
  }
  return results.sort();
}

test('tumbling and sliding windows equal the model for records in any order', async (t) => {
  const assigners = fc.constantFrom(
    TumblingEventTimeWindows.of(7, 3),
    SlidingEventTimeWindows.of(10, 4),
    SlidingEventTimeWindows.of(3, 5),
  );
  await fc.assert(
    fc.asyncProperty(assigners, clicks, fc.nat(39), async (assigner, records, restoreAt) => {
      t.deepEqual(await run(assigner, records, restoreAt), naiveFixed(assigner, records));
    }),
    { numRuns: 150 },
  );
});

test('session windows equal the model for records in any order', async (t) => {
  const gaps = fc.integer({ min: 1, max: 12 });
  await fc.assert(
    fc.asyncProperty(gaps, clicks, fc.nat(39), async (gap, records, restoreAt) => {
      const assigner = EventTimeSessionWindows.withGap(gap);
      t.deepEqual(await run(assigner, records, restoreAt), naiveSessions(gap, records));
    }),
    { numRuns: 150 },
  );
});
