// Equality: all backends are one to a job. Every kind of keyed state, timers and windows, each seed
// beside the same seed with everything in memory.

import {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  valueState,
} from '../../engine/operator/state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import { TumblingEventTimeWindows } from '../../engine/operator/window/window-assigner.ts';
import { sameOutput, sameState } from '../checkers/equality-checkers.ts';
import type { JobContext, Scenario, ScenarioDefinition } from '../scenario.ts';
import { VISIT_STEP_MS, type Visit, visits } from '../workloads/visits.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS } from './variants.ts';

/** What is known of a page after one of its visits, or the sum of a window. */
export type Seen =
  | {
      readonly kind: 'visit';
      readonly id: string;
      readonly visits: number;
      readonly latest: readonly string[];
      readonly byAmount: readonly (readonly [string, number])[];
      readonly most: number;
      readonly mean: number;
    }
  | {
      readonly kind: 'window';
      readonly page: string;
      readonly start: number;
      readonly sum: number;
    };

const LATEST = 3;
const WINDOW_MS = 20 * VISIT_STEP_MS;
/** Splits are dealt by index modulo 4: all visits of a page come through one split, in order. */
const PAGES = 12;
const workload = visits({ records: 240 });
const generate: typeof workload.generate = (index, random) => ({
  ...workload.generate(index, random),
  page: `page-${index % PAGES}`,
});

const states = {
  visits: valueState<number>('visits', { defaultValue: 0 }),
  latest: listState<string>('latest'),
  byAmount: mapState<string, number>('by-amount'),
  most: reducingState<number>('most', (left, right) => Math.max(left, right)),
  mean: aggregatingState<number, readonly [number, number], number>('mean', {
    createAccumulator: () => [0, 0],
    add: (amount, [sum, count]) => [sum + amount, count + 1],
    getResult: ([sum, count]) => sum / count,
    merge: ([sumA, countA], [sumB, countB]) => [sumA + sumB, countA + countB],
  }),
  expired: mapState<number, boolean>('expired'),
};

function classOf(amount: number): string {
  return `class-${Math.floor(amount / 20)}`;
}

function job({ source, sink }: JobContext<Visit, Seen>): void {
  const feed = source().assignTimestampsAndWatermarks(
    WatermarkStrategy.forMonotonousTimestamps<Visit>().withTimestampAssigner(({ at }) => at),
  );
  const seen = feed
    .keyBy(({ page }) => page)
    .process<Seen, typeof states>({
      state: states,
      processElement({ id, amount, at }, { state, timerService }, out) {
        state.visits.update(state.visits.value() + 1);
        state.latest.update([...state.latest.get(), id].slice(-LATEST));
        state.byAmount.put(classOf(amount), (state.byAmount.get(classOf(amount)) ?? 0) + 1);
        state.most.add(amount);
        state.mean.add(amount);
        timerService.registerEventTimeTimer(at + VISIT_STEP_MS);
        out.collect({
          kind: 'visit',
          id,
          visits: state.visits.value(),
          latest: state.latest.get(),
          byAmount: [...state.byAmount.entries()].sort(([a], [b]) => (a < b ? -1 : 1)),
          most: state.most.get() ?? 0,
          mean: state.mean.get() ?? 0,
        });
      },
      onTimer(time, { state }) {
        state.expired.put(time, true);
      },
    })
    .uid('see');
  const sums = feed
    .keyBy(({ page }) => page)
    .window(TumblingEventTimeWindows.of(WINDOW_MS))
    .allowedLateness(1_000_000)
    .process<Seen>((page, { window }, elements, out) => {
      const sum = elements.reduce((total, { amount }) => total + amount, 0);
      out.collect({ kind: 'window', page, start: window.start, sum });
    })
    .uid('sum');
  seen.union(sums).sinkTo(sink()).uid('sink');
}

function model(records: readonly Visit[]): readonly Seen[] {
  const pages = new Map<string, Visit[]>();
  const windows = new Map<string, Extract<Seen, { readonly kind: 'window' }>>();
  const outputs = records.map((visit): Seen => {
    const all = [...(pages.get(visit.page) ?? []), visit];
    pages.set(visit.page, all);
    const start = visit.at - (visit.at % WINDOW_MS);
    const before = windows.get(`${visit.page}/${start}`)?.sum ?? 0;
    const sum = before + visit.amount;
    windows.set(`${visit.page}/${start}`, { kind: 'window', page: visit.page, start, sum });
    return afterVisits(visit.id, all);
  });
  return [...outputs, ...windows.values()];
}

function afterVisits(id: string, all: readonly Visit[]): Seen {
  const amounts = all.map(({ amount }) => amount);
  const classes = new Map<string, number>();
  for (const amount of amounts)
    classes.set(classOf(amount), (classes.get(classOf(amount)) ?? 0) + 1);
  return {
    kind: 'visit',
    id,
    visits: all.length,
    latest: all.slice(-LATEST).map((one) => one.id),
    byAmount: [...classes].sort(([a], [b]) => (a < b ? -1 : 1)),
    most: Math.max(...amounts),
    mean: amounts.reduce((sum, amount) => sum + amount, 0) / all.length,
  };
}

/** A window that fired again has all that it had before, and more. */
function settle(outputs: readonly Seen[]): readonly Seen[] {
  const most = new Map<string, number>();
  for (const output of outputs) {
    if (output.kind !== 'window') continue;
    const key = `${output.page}/${output.start}`;
    most.set(key, Math.max(most.get(key) ?? 0, output.sum));
  }
  return outputs.filter(
    (output) =>
      output.kind !== 'window' || output.sum === most.get(`${output.page}/${output.start}`),
  );
}

export const everyKind: ScenarioDefinition<Visit, Seen> = {
  id: 'equality/every-kind-of-state',
  claim: 'A job gives the same results and ends with the same state on every backend.',
  tags: ['state', 'equality'],
  workload: { ...workload, generate },
  job,
  model,
  settle,
  accountsFor: (output) => (output.kind === 'visit' ? [output.id] : []),
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
  reference: 'memory',
  checkers: [sameOutput, sameState],
};

export const equalityScenarios: readonly Scenario[] = alignedAndUnaligned(everyKind);
