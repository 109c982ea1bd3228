// Event time: windows and timers at the very edge of what the watermark allows. Two feeds of
// different speed, records exactly as late as was promised, corrections that come right after a
// recovery, an input that falls silent.

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import {
  EventTimeSessionWindows,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  type WindowAssigner,
} from '../../engine/operator/window/window-assigner.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import type { DataStream } from '../../engine/api/data-stream.ts';
import type { Collector } from '../../engine/operator/functions.ts';
import type { Random } from '../../engine/environment/random.ts';
import { defineScenario, type JobContext, type Scenario } from '../scenario.ts';
import type { ScenarioDefinition, Workload } from '../scenario.ts';
import { VISIT_STEP_MS, type Visit } from '../workloads/visits.ts';
import {
  type FilledWindow,
  idsOf,
  lastOfEach,
  sessionsOf,
  slicesOf,
  type WindowKind,
} from '../workloads/filled-windows.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS } from './variants.ts';

const TAGS = ['windows', 'event-time'];

const PAGES = 4;
const SIZE_MS = 5 * VISIT_STEP_MS;
const SLIDE_MS = 2 * VISIT_STEP_MS;
const GAP_MS = 3 * VISIT_STEP_MS;

/** Times begin here, so that even the latest record has one above 0. */
const START_MS = 100 * VISIT_STEP_MS;
/** Steps that a record may come late; the next one may then be this much behind, less one step. */
const LATE_STEPS = 6;
const OUT_OF_ORDER_MS = (LATE_STEPS - 1) * VISIT_STEP_MS;

/** Times are the last moments of their steps, so that some are the last moments of windows. */
function momentOf(step: number): number {
  return START_MS + (step + 1) * VISIT_STEP_MS - 1;
}

function steps(records: number, lateSteps: (random: Random) => number): Workload<Visit> {
  return {
    records,
    recordsPerSecond: 60,
    timestampOf: ({ at }) => at,
    generate: (index, random) => ({
      id: `v${index}`,
      page: `page-${random.below(PAGES)}`,
      amount: 1,
      at: momentOf(index - lateSteps(random)),
    }),
  };
}

/** Drawn once and for all: see feedOf. The latest records are as late as was promised. */
const FAST: readonly Visit[] = Array.from({ length: 140 }, (_, index) => ({
  id: `v${index}`,
  page: `page-${(index * 7 + (index >> 2) * 5) % PAGES}`,
  amount: 1,
  at: momentOf(index - ((index * index * 3 + index) % (LATE_STEPS + 1))),
}));

/** A quarter of the speed of the others, and in order; each time comes twice. */
const SLOW: readonly Visit[] = Array.from({ length: 34 }, (_, index) => ({
  id: `slow-${index}`,
  page: `page-${index % PAGES}`,
  amount: 1,
  at: momentOf(index - (index % 2)),
}));

/**
 * Of one split, in one subtask: its order is what the promise of the watermark is about. Of several
 * splits the first may be far ahead before the reader has heard of the last.
 */
function feedOf(
  { env }: JobContext<Visit, never>,
  name: string,
  { elements, recordsPerSecond }: Feed,
): DataStream<Visit> {
  const timestampOf = ({ at }: Visit): number => at;
  const source = new CollectionSource({ elements, name, splits: 1, recordsPerSecond, timestampOf });
  return env.fromSource(source).uid(name).setParallelism(1);
}

interface Feed {
  readonly elements: readonly Visit[];
  readonly recordsPerSecond: number;
}

function timed(feed: DataStream<Visit>, outOfOrderMs: number): DataStream<Visit> {
  return feed.assignTimestampsAndWatermarks(
    WatermarkStrategy.forBoundedOutOfOrderness<Visit>(outOfOrderMs).withInterval(20),
  );
}

interface Windowing {
  readonly kind: WindowKind;
  readonly assigner: WindowAssigner;
  readonly latenessMs: number;
}

/** Each window keeps the ids it was given: as a running aggregate, or as the records themselves. */
function filled(feed: DataStream<Visit>, windowing: Windowing): DataStream<FilledWindow> {
  const { kind, assigner, latenessMs } = windowing;
  const windows = feed
    .keyBy(({ page }) => page)
    .window(assigner)
    .allowedLateness(latenessMs);
  if (kind === 'session') {
    return windows
      .process<FilledWindow>((page, { window: { start, end } }, elements, out) => {
        out.collect({ kind, page, start, end, ids: idsOf(elements) });
      })
      .uid(kind);
  }
  return windows
    .aggregate(collecting, (page, { window }, [ids = []], out: Collector<FilledWindow>) => {
      const { start, end } = window;
      out.collect({ kind, page, start, end, ids: ids.toSorted() });
    })
    .uid(kind);
}

const collecting = {
  createAccumulator: (): readonly string[] => [],
  add: ({ id }: Visit, ids: readonly string[]): readonly string[] => [...ids, id],
  getResult: (ids: readonly string[]): readonly string[] => ids,
  merge: (left: readonly string[], right: readonly string[]): readonly string[] => [
    ...left,
    ...right,
  ],
};

const FAST_FEED: Feed = { elements: FAST, recordsPerSecond: 60 };
/** For an index that no record has. */
const NOBODY: Visit = { id: 'nobody', page: '', amount: 0, at: 0 };

/** Nothing is late, so every window fires once, with all that belongs to it. */
const exact: ScenarioDefinition<Visit, FilledWindow> = {
  id: 'event-time/exact-windows',
  claim:
    'Where no record is later than promised every window fires once, complete, though the ' +
    'inputs differ in speed and whatever fails.',
  tags: TAGS,
  workload: { ...steps(FAST.length, () => 0), generate: (index) => FAST[index] ?? NOBODY },
  job: (context) => {
    const fast = timed(feedOf(context, 'fast', FAST_FEED), OUT_OF_ORDER_MS).setParallelism(1);
    const slow = timed(
      feedOf(context, 'slow', { elements: SLOW, recordsPerSecond: 15 }),
      0,
    ).setParallelism(1);
    const both = fast.union(slow);
    const tumbling = { kind: 'tumbling', latenessMs: 0 } as const;
    const session = { kind: 'session', latenessMs: 0 } as const;
    filled(both, { ...tumbling, assigner: TumblingEventTimeWindows.of(SIZE_MS) })
      .union(filled(both, { ...session, assigner: EventTimeSessionWindows.withGap(GAP_MS) }))
      .sinkTo(context.sink())
      .uid('sink');
  },
  model: (records) => {
    const all = [...SLOW, ...records];
    return [
      ...slicesOf(all, { kind: 'tumbling', sizeMs: SIZE_MS, slideMs: SIZE_MS }),
      ...sessionsOf(all, GAP_MS),
    ];
  },
  accountsFor: ({ kind, ids }) =>
    kind === 'tumbling' ? ids.filter((id) => !id.startsWith('slow-')) : [],
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

/** So long that nothing is ever dropped. */
const LATENESS_MS = 1_000_000;

/** Half of the records come when their windows have fired, often as the last of them. */
const corrected: ScenarioDefinition<Visit, FilledWindow> = {
  id: 'event-time/late-corrections',
  claim:
    'A record that comes after its window has fired corrects it, also right after a recovery, ' +
    'when no watermark says that the window is over.',
  tags: TAGS,
  workload: steps(140, (random) => (random.chance(0.5) ? 0 : 10 + random.below(60))),
  job: ({ source, sink }) => {
    const feed = timed(source(), 0);
    const lateness = { latenessMs: LATENESS_MS } as const;
    const tumbling = TumblingEventTimeWindows.of(SIZE_MS);
    const sliding = SlidingEventTimeWindows.of(SIZE_MS, SLIDE_MS);
    filled(feed, { ...lateness, kind: 'tumbling', assigner: tumbling })
      .union(filled(feed, { ...lateness, kind: 'sliding', assigner: sliding }))
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) => [
    ...slicesOf(records, { kind: 'tumbling', sizeMs: SIZE_MS, slideMs: SIZE_MS }),
    ...slicesOf(records, { kind: 'sliding', sizeMs: SIZE_MS, slideMs: SLIDE_MS }),
  ],
  settle: lastOfEach,
  accountsFor: ({ kind, ids }) => (kind === 'tumbling' ? ids : []),
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

interface Fired {
  readonly id: string;
  readonly at: number;
  /** Only the end of all data has let the timer fire. */
  readonly atTheEnd: boolean;
}

const FOREVER = Number.MAX_SAFE_INTEGER;
/** Timers up to here are due long before the input ends. */
const EARLY_UNTIL_MS = momentOf(80);

/** One input has nothing to say until it ends, a second after the other one. */
const idle: ScenarioDefinition<Visit, Fired> = {
  id: 'event-time/idle-input',
  claim: 'An input that is silent does not hold the time of the others back.',
  tags: TAGS,
  workload: steps(140, () => 0),
  job: (context) => {
    const strategy = WatermarkStrategy.forMonotonousTimestamps<Visit>().withInterval(20);
    const silent = feedOf(context, 'silent', { elements: SLOW, recordsPerSecond: 10 })
      .filter(() => false)
      .setParallelism(1)
      .assignTimestampsAndWatermarks(strategy.withIdleness(60))
      .setParallelism(1);
    timed(context.source().setParallelism(1), 0)
      .setParallelism(1)
      .union(silent)
      .keyBy(({ id }) => id)
      .process({
        processElement({ at }: Visit, { timerService }, _out: Collector<Fired>) {
          timerService.registerEventTimeTimer(at + VISIT_STEP_MS);
        },
        onTimer(time, { timerService, key }, out) {
          const atTheEnd = timerService.currentWatermark() === FOREVER;
          out.collect({ id: key, at: time - VISIT_STEP_MS, atTheEnd });
        },
      })
      .uid('timers')
      .sinkTo(context.sink())
      .uid('sink');
  },
  model: (records) => records.map(({ id, at }) => ({ id, at, atTheEnd: false })),
  project: ({ id, at, atTheEnd }) => ({ id, wasHeldBack: atTheEnd && at <= EARLY_UNTIL_MS }),
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  faults: [],
  safetyMs: 1,
};

export const eventTimeScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned(exact),
  ...alignedAndUnaligned(corrected),
  defineScenario(idle),
];
