// A job whose keyed state is of every kind that can move: a value, a list, a map and timers, all of
// which know how often a key was seen and have to agree.

import type { Collector } from '../../engine/operator/functions.ts';
import { listState, mapState, valueState } from '../../engine/operator/state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import type { JobContext, ScenarioDefinition } from '../scenario.ts';
import { type Visit, visits } from './visits.ts';

/** What is known of a page after a visit, or at the end one of the timers that its visits set. */
export interface Known {
  readonly kind: 'visit' | 'timer';
  readonly id: string;
  readonly page: string;
  readonly value: number;
  readonly listed: number;
  readonly mapped: number;
}

export interface MovingStateOptions {
  readonly records: number;
  readonly pages: number;
  readonly recordsPerSecond: number;
  /** Few: a page is then in a key group at the edge of some range. */
  readonly keyGroups: number;
}

type Parts = Pick<
  ScenarioDefinition<Visit, Known>,
  'workload' | 'job' | 'model' | 'project' | 'accountsFor' | 'idOf'
>;

/** Beyond the event time of all visits: due when the input has ended. */
const AT_THE_END = 1_000_000_000;

const states = {
  value: valueState<number>('value', { defaultValue: 0 }),
  list: listState<string>('list'),
  map: mapState<number, string>('map'),
};

export function movingState({ keyGroups, ...workload }: MovingStateOptions): Parts {
  return {
    workload: visits(workload),
    job: (context) => {
      context.env.setMaxParallelism(keyGroups);
      job(context);
    },
    model,
    // Which visit of a page comes first is up to the interleaving of the readers.
    project: ({ kind, page, value, listed, mapped }) => ({ kind, page, value, listed, mapped }),
    accountsFor: ({ kind, id }) => (kind === 'visit' ? [id] : []),
    idOf: ({ id }) => id,
  };
}

function job({ source, sink }: JobContext<Visit, Known>): void {
  source()
    .assignTimestampsAndWatermarks(WatermarkStrategy.forMonotonousTimestamps())
    .keyBy(({ page }) => page)
    .process({
      state: states,
      processElement({ id, page }: Visit, { state, timerService }, out: Collector<Known>) {
        const value = state.value.value() + 1;
        state.value.update(value);
        state.list.add(id);
        state.map.put(value, id);
        timerService.registerEventTimeTimer(AT_THE_END + value);
        const listed = state.list.get().length;
        out.collect({
          kind: 'visit',
          id,
          page,
          value,
          listed,
          mapped: [...state.map.keys()].length,
        });
      },
      onTimer(time, { key: page, state }, out) {
        const value = time - AT_THE_END;
        const listed = state.list.get().length;
        const mapped = [...state.map.keys()].length;
        out.collect({ kind: 'timer', id: '', page, value, listed, mapped });
      },
    })
    .uid('know')
    .sinkTo(sink())
    .uid('sink');
}

function model(records: readonly Visit[]): readonly Known[] {
  const counts = new Map<string, number>();
  const seen = records.map(({ id, page }): Known => {
    const value = (counts.get(page) ?? 0) + 1;
    counts.set(page, value);
    return { kind: 'visit', id, page, value, listed: value, mapped: value };
  });
  const timers = [...counts].flatMap(([page, count]) =>
    Array.from({ length: count }, (_, index): Known => {
      return { kind: 'timer', id: '', page, value: index + 1, listed: count, mapped: count };
    }),
  );
  return [...seen, ...timers];
}
