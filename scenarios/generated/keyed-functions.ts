// The operators of a generated job that keep state per key. What each puts out in the end, as a
// multiset, does not depend on the order in which its records come.

import type { DataStream, KeyedStream } from '../../engine/api/data-stream.ts';
import type { Collector } from '../../engine/operator/functions.ts';
import { broadcastState } from '../../engine/operator/operator-state-descriptors.ts';
import {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  valueState,
} from '../../engine/operator/state-descriptors.ts';
import type { FinalKind, RunningKind } from './node-kinds.ts';
import type { Item } from './plan.ts';
import { limited, RULES, TIMES } from './rules.ts';

/** Keys are text, so that they are not the numbers that they come from. */
export type Keyed = KeyedStream<Item, string>;
type Out = Collector<Item>;
type Keeping = (keyed: Keyed) => DataStream<Item>;

const add = (left: number, right: number): number => limited(left + right);

export function keyOf({ key }: Item): string {
  return `key-${key}`;
}

function numberOf(key: string): number {
  return Number(key.slice('key-'.length));
}

export const KEEPING: Readonly<Record<RunningKind | FinalKind, Keeping>> = {
  'running-count': (keyed) =>
    keyed.process({
      state: { count: valueState<number>('count', { defaultValue: 0 }) },
      processElement({ key }, { state: { count } }, out: Out) {
        count.update(count.value() + 1);
        out.collect({ key, n: count.value() });
      },
    }),

  // All its records are alike, or its results would depend on their order.
  reduce: (keyed) => keyed.reduce(({ key, n }, other) => ({ key, n: n + other.n })),

  distinct: (keyed) =>
    keyed.process({
      state: { seen: mapState<number, boolean>('seen') },
      processElement({ key, n }, { state: { seen } }, out: Out) {
        if (seen.contains(n)) return;
        seen.put(n, true);
        out.collect({ key, n });
      },
    }),

  total: (keyed) =>
    keyed.process({
      state: { total: reducingState<number>('total', add) },
      processElement({ n }, { state, timerService }, _out: Out) {
        state.total.add(n);
        timerService.registerEventTimeTimer(TIMES.endMs);
      },
      onTimer(_time, { key, state }, out) {
        out.collect({ key: numberOf(key), n: state.total.get() ?? -1 });
      },
    }),

  listed: (keyed) =>
    keyed.process({
      state: { listed: listState<number>('listed') },
      processElement({ n }, { state, timerService }, _out: Out) {
        state.listed.add(n);
        timerService.registerEventTimeTimer(TIMES.endMs);
      },
      onTimer(_time, { key, state }, out) {
        const sorted = state.listed.get().toSorted((a, b) => a - b);
        const weighted = sorted.map((n, index) => n * (index + 1));
        out.collect({ key: numberOf(key), n: weighted.reduce(add, 0) });
      },
    }),

  buckets: (keyed) =>
    keyed.process({
      state: { counts: mapState<number, number>('counts') },
      processElement({ n }, { state: { counts }, timerService }, _out: Out) {
        counts.put(n % 4, (counts.get(n % 4) ?? 0) + 1);
        timerService.registerEventTimeTimer(TIMES.endMs);
      },
      onTimer(_time, { key, state }, out) {
        for (const [bucket, count] of state.counts.entries()) {
          out.collect({ key: numberOf(key), n: limited(bucket * 1_000 + count) });
        }
      },
    }),
};

/** Puts each item out again at a later event time, exactly once. */
export function delayed(keyed: Keyed, variant: number): DataStream<Item> {
  return keyed.process({
    state: { waiting: mapState<number, readonly Item[]>('waiting') },
    processElement(item, { state: { waiting }, timestamp, timerService }, _out: Out) {
      const due = timestamp + RULES.delayOf(item, variant);
      waiting.put(due, [...(waiting.get(due) ?? []), item]);
      timerService.registerEventTimeTimer(due);
    },
    onTimer(time, { state: { waiting } }, out) {
      for (const item of waiting.get(time) ?? []) out.collect(item);
      waiting.remove(time);
    },
  });
}

const summing = {
  createAccumulator: () => 0,
  add: (n: number, total: number) => add(total, n),
  getResult: (total: number) => total,
  merge: add,
};

/** Per key: what either side adds up to. */
export function joined(left: Keyed, right: Keyed): DataStream<Item> {
  return left.connect(right).process({
    state: {
      left: aggregatingState<number, number, number>('left', summing),
      right: valueState<number>('right', { defaultValue: 0 }),
    },
    processElement1({ n }, { state, timerService }, _out: Out) {
      state.left.add(n);
      timerService.registerEventTimeTimer(TIMES.endMs);
    },
    processElement2({ n }, { state, timerService }, _out: Out) {
      state.right.update(add(state.right.value(), n));
      timerService.registerEventTimeTimer(TIMES.endMs);
    },
    onTimer(_time, { key, state }, out) {
      const n = limited((state.left.get() ?? 0) * 3 + state.right.value());
      out.collect({ key: numberOf(key), n });
    },
  });
}

/** Counts per key; at the end each count meets all rules, wherever it is kept. */
export function ruled(keyed: Keyed, rules: DataStream<Item>): DataStream<Item> {
  const broadcast = rules.broadcast({ totals: broadcastState<number, number>('totals') });
  return keyed.connect(broadcast).process<Item, { count: typeof COUNT }>({
    state: { count: COUNT },
    processElement(_item, { state: { count }, timerService }) {
      count.update((count.value() ?? 0) + 1);
      timerService.registerEventTimeTimer(TIMES.endMs);
    },
    processBroadcastElement({ key, n }, { broadcastState: { totals } }) {
      totals.put(key, add(totals.get(key) ?? 0, n));
    },
    onTimer(_time, { key, state, broadcastState: { totals } }, out) {
      const parts = [...totals.entries()].map(([rule, n]) => (rule + 1) * n);
      const known = parts.reduce(add, 0);
      out.collect({ key: numberOf(key), n: limited((state.count.value() ?? 0) * 7 + known) });
    },
  });
}

const COUNT = valueState<number>('count');
