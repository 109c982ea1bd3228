// Windows: event-time windows give the results of the sequential model, late data included,
// whatever fails. Outputs that a later firing replaces are dropped before they are compared.

import {
  EventTimeSessionWindows,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  type WindowAssigner,
} from '../../engine/operator/window/window-assigner.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import type { JobContext, Scenario, ScenarioDefinition } from '../scenario.ts';
import { VISIT_STEP_MS, type Visit, visits } from '../workloads/visits.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS } from './variants.ts';

export interface WindowResult {
  readonly page: string;
  readonly start: number;
  readonly end: number;
  readonly ids: readonly string[];
}

const SIZE_MS = 2_000;
const SLIDE_MS = 1_000;
const GAP_MS = 700;
/** So long that nothing is ever dropped: how late a record is depends on the interleaving. */
const LATENESS_MS = 1_000_000;

function windowJob(assigner: WindowAssigner) {
  return ({ source, sink }: JobContext<Visit, WindowResult>): void => {
    source()
      .assignTimestampsAndWatermarks(WatermarkStrategy.forBoundedOutOfOrderness(5 * VISIT_STEP_MS))
      .keyBy(({ page }) => page)
      .window(assigner)
      .allowedLateness(LATENESS_MS)
      .process<WindowResult>((page, { window }, elements, out) => {
        const ids = elements.map(({ id }) => id).sort();
        out.collect({ page, start: window.start, end: window.end, ids });
      })
      .uid('window')
      .sinkTo(sink())
      .uid('sink');
  };
}

/** An early result gives way to a later one that covers it: same or larger window, more records. */
function settle(outputs: readonly WindowResult[]): readonly WindowResult[] {
  const byPage = groupByPage(outputs);
  return outputs.filter((early) => !(byPage.get(early.page) ?? []).some((l) => replaces(l, early)));
}

function groupByPage<T extends { readonly page: string }>(values: readonly T[]) {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(value.page, [...(groups.get(value.page) ?? []), value]);
  return groups;
}

function replaces(late: WindowResult, early: WindowResult): boolean {
  const covers = late.start <= early.start && late.end >= early.end;
  return covers && late.ids.length > early.ids.length;
}

/** Windows of fixed size: each record belongs to those that contain its time. */
function sliced(sizeMs: number, slideMs: number) {
  return (records: readonly Visit[]): readonly WindowResult[] => {
    const windows = new Map<string, { page: string; start: number; ids: string[] }>();
    for (const { page, at, id } of records) {
      const last = Math.floor(at / slideMs) * slideMs;
      for (let start = last; start > at - sizeMs; start -= slideMs) {
        const key = `${page}/${start}`;
        const window = windows.get(key) ?? { page, start, ids: [] };
        window.ids.push(id);
        windows.set(key, window);
      }
    }
    return [...windows.values()].map(({ page, start, ids }) => ({
      page,
      start,
      end: start + sizeMs,
      ids: ids.sort(),
    }));
  };
}

function sessions(records: readonly Visit[]): readonly WindowResult[] {
  return [...groupByPage(records)].flatMap(([page, ofPage]) => {
    const found: { page: string; start: number; end: number; ids: string[] }[] = [];
    for (const { at, id } of ofPage.toSorted((a, b) => a.at - b.at)) {
      const open = found.at(-1);
      if (open !== undefined && at < open.end) {
        open.end = at + GAP_MS;
        open.ids.push(id);
      } else {
        found.push({ page, start: at, end: at + GAP_MS, ids: [id] });
      }
    }
    return found.map((session) => ({ ...session, ids: session.ids.sort() }));
  });
}

const base: Pick<
  ScenarioDefinition<Visit, WindowResult>,
  'tags' | 'workload' | 'settle' | 'faults' | 'idOf'
> = {
  tags: ['windows'],
  workload: visits({ records: 140, pages: 4, disorderMs: 8 * VISIT_STEP_MS }),
  settle,
  faults: CLUSTER_FAULTS,
  idOf: ({ id }) => id,
};

export const tumblingWindows: ScenarioDefinition<Visit, WindowResult> = {
  ...base,
  id: 'windows/tumbling',
  claim: 'Tumbling windows hold every record once, late ones too.',
  job: windowJob(TumblingEventTimeWindows.of(SIZE_MS)),
  model: sliced(SIZE_MS, SIZE_MS),
  accountsFor: ({ ids }) => ids,
};

export const sessionWindows: ScenarioDefinition<Visit, WindowResult> = {
  ...base,
  id: 'windows/session',
  claim: 'Sessions that late records join together are merged, with all their records.',
  job: windowJob(EventTimeSessionWindows.withGap(GAP_MS)),
  model: sessions,
  accountsFor: ({ ids }) => ids,
};

export const windowScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned(tumblingWindows),
  ...alignedAndUnaligned({
    ...base,
    id: 'windows/sliding',
    claim: 'Sliding windows hold every record in each window that covers it.',
    job: windowJob(SlidingEventTimeWindows.of(SIZE_MS, SLIDE_MS)),
    model: sliced(SIZE_MS, SLIDE_MS),
  }),
  ...alignedAndUnaligned(sessionWindows),
];
