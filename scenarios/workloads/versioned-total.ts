// Counts and totals for each page, by a job of which there are two versions. The second keeps
// something that the first did not, no longer keeps something that it did, has its fields in
// another order, and puts out the same.

import type { Collector } from '../../engine/operator/functions.ts';
import { listState, valueState } from '../../engine/operator/state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import {
  intSerializer,
  stringSerializer,
} from '../../engine/stream/serializers/primitive-serializers.ts';
import { structOf } from '../../engine/stream/serializers/struct-serializer.ts';
import type { JobContext, ScenarioDefinition } from '../scenario.ts';
import { type Visit, visits, type VisitsOptions } from './visits.ts';

/** After a visit, and of every page when its timer fires at the end. */
export interface PageTotal {
  readonly kind: 'visit' | 'end';
  readonly page: string;
  readonly id: string;
  readonly count: number;
  /** Of all visits of the page; 0 after a single one. */
  readonly total: number;
  /** How many of them the list holds, likewise. */
  readonly listed: number;
}

type Parts = Pick<
  ScenarioDefinition<Visit, PageTotal>,
  'workload' | 'job' | 'upgrade' | 'model' | 'project' | 'accountsFor' | 'idOf'
>;

/** Beyond the event time of all visits: due when the input has ended. */
const AT_THE_END = 1_000_000_000;

export function versionedTotal(options: VisitsOptions): Parts {
  return {
    workload: visits(options),
    job: firstVersion,
    upgrade: { job: secondVersion },
    model,
    // Which visit of a page comes first is up to the interleaving of the readers.
    project: ({ kind, page, count, total, listed }) => ({ kind, page, count, total, listed }),
    accountsFor: ({ kind, id }) => (kind === 'visit' ? [id] : []),
    idOf: ({ id }) => id,
  };
}

interface First {
  readonly count: number;
  readonly last: string;
  readonly total: number;
}

const FIRST = {
  tally: valueState<First>('tally', {
    serializer: structOf<First>({
      count: intSerializer,
      last: stringSerializer,
      total: intSerializer,
    }),
  }),
  ids: listState<string>('ids'),
};

function firstVersion({ source, sink }: JobContext<Visit, PageTotal>): void {
  visitsByPage(source)
    .process({
      state: FIRST,
      processElement(visit: Visit, { state, timerService }, out: Collector<PageTotal>) {
        const { count, total } = state.tally.value() ?? { count: 0, total: 0 };
        const tally = { count: count + 1, last: visit.id, total: total + visit.amount };
        state.tally.update(tally);
        state.ids.add(visit.id);
        timerService.registerEventTimeTimer(AT_THE_END);
        out.collect(afterVisit(visit, tally.count));
      },
      onTimer(_time, { key: page, state }, out) {
        const { count, total } = state.tally.value() ?? { count: 0, total: 0 };
        out.collect(atTheEnd(page, { count, total, listed: state.ids.get().length }));
      },
    })
    .uid('total')
    .sinkTo(sink())
    .uid('sink');
}

interface Second {
  readonly total: number;
  /** In the words of whoever reads them: absent in the first version. */
  readonly label: string;
  readonly count: number;
}

const DEFAULT_LABEL = 'none';

const SECOND = {
  tally: valueState<Second>('tally', {
    serializer: structOf<Second>(
      { total: intSerializer, label: stringSerializer, count: intSerializer },
      { label: DEFAULT_LABEL },
    ),
  }),
  ids: listState<string>('ids'),
  /** Visits that this version has seen. */
  renewed: valueState<number>('renewed', { defaultValue: 0 }),
};

function secondVersion({ source, sink }: JobContext<Visit, PageTotal>): void {
  visitsByPage(source)
    .process({
      state: SECOND,
      processElement(visit: Visit, { state, timerService }, out: Collector<PageTotal>) {
        const { count, total, label } = state.tally.value() ?? NOTHING;
        // What it had not kept before, it knows from now on.
        const isKnown = label === DEFAULT_LABEL || label === `about ${visit.page}`;
        const wrong = isKnown ? 0 : 1_000_000;
        const tally = { count: count + 1, total: total + visit.amount + wrong };
        state.tally.update({ ...tally, label: `about ${visit.page}` });
        state.ids.add(visit.id);
        state.renewed.update(state.renewed.value() + 1);
        timerService.registerEventTimeTimer(AT_THE_END);
        out.collect(afterVisit(visit, tally.count));
      },
      onTimer(_time, { key: page, state }, out) {
        const { count, total } = state.tally.value() ?? NOTHING;
        const isMore = state.renewed.value() > count;
        const listed = isMore ? -1 : state.ids.get().length;
        out.collect(atTheEnd(page, { count, total, listed }));
      },
    })
    .uid('total')
    .sinkTo(sink())
    .uid('sink');
}

const NOTHING: Second = { count: 0, total: 0, label: DEFAULT_LABEL };

function visitsByPage(source: JobContext<Visit, PageTotal>['source']) {
  return source()
    .assignTimestampsAndWatermarks(WatermarkStrategy.forMonotonousTimestamps())
    .keyBy(({ page }) => page);
}

function afterVisit({ page, id }: Visit, count: number): PageTotal {
  return { kind: 'visit', page, id, count, total: 0, listed: 0 };
}

function atTheEnd(page: string, known: Pick<PageTotal, 'count' | 'total' | 'listed'>): PageTotal {
  return { kind: 'end', page, id: '', ...known };
}

function model(records: readonly Visit[]): readonly PageTotal[] {
  const totals = new Map<string, { readonly count: number; readonly total: number }>();
  const seen = records.map((visit) => {
    const { count, total } = totals.get(visit.page) ?? { count: 0, total: 0 };
    totals.set(visit.page, { count: count + 1, total: total + visit.amount });
    return afterVisit(visit, count + 1);
  });
  const ends = [...totals].map(([page, { count, total }]) =>
    atTheEnd(page, { count, total, listed: count }),
  );
  return [...seen, ...ends];
}
