// The windows of a generated job. Where records may be late, windows fire again for each of them,
// none is ever dropped, and either an operator behind them or the sink keeps the last result.

import type { DataStream } from '../../engine/api/data-stream.ts';
import type { Collector } from '../../engine/operator/functions.ts';
import { mapState } from '../../engine/operator/state-descriptors.ts';
import {
  EventTimeSessionWindows,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  type WindowAssigner,
} from '../../engine/operator/window/window-assigner.ts';
import { type Keyed, keyOf } from './keyed-functions.ts';
import type { WindowKind } from './node-kinds.ts';
import type { Item, PlanNode } from './plan.ts';
import { limited, TIMES } from './rules.ts';

/** So long that nothing is ever dropped: how late a record is depends on the interleaving. */
const LATENESS_MS = 2 * TIMES.endMs;

const ASSIGNERS: Readonly<Record<WindowKind, () => WindowAssigner>> = {
  tumbling: () => TumblingEventTimeWindows.of(TIMES.windowMs),
  sliding: () => SlidingEventTimeWindows.of(TIMES.windowMs, TIMES.slideMs),
  session: () => EventTimeSessionWindows.withGap(TIMES.gapMs),
};

interface Sum {
  readonly n: number;
  readonly count: number;
}

const NONE: Sum = { n: 0, count: 0 };

function both(left: Sum, right: Sum): Sum {
  return { n: limited(left.n + right.n), count: left.count + right.count };
}

export function windowed(keyed: Keyed, kind: WindowKind, node: PlanNode): DataStream<Item> {
  const { variant, isLate } = node;
  const windows = keyed.window(ASSIGNERS[kind]()).allowedLateness(isLate ? LATENESS_MS : 0);
  if (variant % 4 < 2) {
    return windows.process<Item>((key, { window }, items, out) => {
      const sum = items.map(({ n }) => ({ n, count: 1 })).reduce(both, NONE);
      out.collect(resultOf(key, window, sum));
    });
  }
  const summing = {
    createAccumulator: () => NONE,
    add: ({ n }: Item, sum: Sum) => both(sum, { n, count: 1 }),
    getResult: (sum: Sum) => sum,
    merge: both,
  };
  return windows.aggregate(summing, (key, { window }, [sum = NONE], out: Collector<Item>) => {
    out.collect(resultOf(key, window, sum));
  });
}

function resultOf(
  key: string,
  { start, end }: { readonly start: number; readonly end: number },
  { n, count }: Sum,
): Item {
  const number = Number(key.slice('key-'.length));
  return { key: number, n: limited(n + count * 7), window: { start, end, count } };
}

/** The last result of each window, once all input is there. */
export function settledWindows(results: DataStream<Item>): DataStream<Item> {
  return results.keyBy(keyOf).process({
    state: { last: mapState<string, Item>('last') },
    processElement(result, { state: { last }, timerService }, _out: Collector<Item>) {
      timerService.registerEventTimeTimer(TIMES.endMs);
      const known = [...last.entries()];
      if (known.some(([, other]) => replaces(other, result))) return;
      for (const [id, other] of known) if (replaces(result, other)) last.remove(id);
      last.put(`${result.window?.start}/${result.window?.end}`, result);
    },
    onTimer(_time, { state }, out) {
      for (const { key, n } of state.last.values()) out.collect({ key, n });
    },
  });
}

export function withoutWindow({ key, n }: Item): Item {
  return { key, n };
}

/** A window's result gives way to a later one of the same sink. */
export function settledOutputs<T extends Item & { readonly sink: number }>(
  outputs: readonly T[],
): readonly T[] {
  const windows = outputs.filter(({ window }) => window !== undefined);
  return outputs.filter(
    (early) => !windows.some((late) => late.sink === early.sink && replaces(late, early)),
  );
}

/** Whether a result is of the same window as another, or of one it was merged into, but later. */
function replaces(late: Item, early: Item): boolean {
  if (late.window === undefined || early.window === undefined || late.key !== early.key) {
    return false;
  }
  const covers = late.window.start <= early.window.start && late.window.end >= early.window.end;
  return covers && late.window.count > early.window.count;
}
