// A job with every kind of state that there is, for tests of savepoints: keyed state of each kind,
// windows, timers of both times, lists that are dealt out and lists that everybody gets, broadcast
// state, a source that is done and two that are not, and a transactional sink. What it commits,
// over all of its lives, is known beforehand, as long as the sign to release comes in the last of
// them.

import type { DataStream } from '../../engine/api/data-stream.ts';
import type { StreamExecutionEnvironment } from '../../engine/api/stream-execution-environment.ts';
import { CollectionSource } from '../../engine/connector/collection-source.ts';
import { present } from '../../engine/core/assert.ts';
import {
  broadcastState,
  unionListState,
} from '../../engine/operator/operator-state-descriptors.ts';
import { listState, valueState } from '../../engine/operator/state-descriptors.ts';
import { SeededRandom } from '../../simulator/index.ts';
import { equalityScenarios } from '../suites/equality.ts';
import type { Visit } from '../workloads/visits.ts';
import type { JobTools } from './cluster.ts';

const scenario = present(equalityScenarios[0], 'Cannot find the job with every kind of state');
const random = new SeededRandom('00000000c0ffee00');
const VISITS = Array.from({ length: 120 }, (_, index) =>
  scenario.workload.generate(index, random),
) as readonly Visit[];

/** Every third visit is held back until the sign comes. */
const HELD = VISITS.filter((_, index) => index % 3 === 0).map(({ id }) => id);
const PAGES = [...new Set(VISITS.map(({ page }) => page))];
const RULES = 6;
/** Virtual seconds at the pace 1: of the visits with two subtasks, and of the signs. */
const VISITS_PER_SECOND = 30;
const SIGNS_PER_SECOND = 8;
const RELEASE_AT = 40;
const SIGNS = Array.from({ length: 64 }, (_, index): string =>
  index === RELEASE_AT ? 'release' : 'wait',
);
/** Behind all visits, and reached by the watermark at the end of the input. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;
const TICK_MS = 1_500;

/** Of one held visit, with all rules, by a subtask that knows it from the union list. */
interface Released {
  readonly id: string;
  readonly isKnown: boolean;
}

type Told =
  | { readonly kind: 'tick'; readonly page: string }
  | { readonly kind: 'end'; readonly page: string; readonly rules: number };

export interface PairJobOptions {
  /** Less is slower. */
  readonly pace: number;
}

/** What has been committed of it. */
export interface PairOutput {
  readonly seen: readonly unknown[];
  readonly released: readonly unknown[];
  readonly told: readonly unknown[];
}

export function pairJob(
  env: StreamExecutionEnvironment,
  { sink }: JobTools,
  { pace }: PairJobOptions,
): void {
  env.setMaxParallelism(8);
  const visits = env
    .fromSource(
      new CollectionSource<unknown>({
        elements: VISITS,
        name: 'visits',
        splits: 4,
        recordsPerSecond: VISITS_PER_SECOND * pace,
      }),
    )
    .uid('visits');
  scenario.job({ env, source: () => visits, sink: () => sink() });
  const rate = { recordsPerSecond: SIGNS_PER_SECOND * pace };
  const signs = env.fromCollection(SIGNS, { name: 'signs', ...rate }).uid('signs');
  const known = visits.map((visit) => visit as Visit).uid('known');
  hold(known, signs).sinkTo(sink('held')).uid('held sink');
  tell(env, known, TICK_MS / pace)
    .sinkTo(sink('told'))
    .uid('told sink');
}

/** Lists: one that is dealt out anew, one that every subtask gets whole. */
function hold(visits: DataStream<Visit>, signs: DataStream<string>): DataStream<Released> {
  return visits
    .connect(signs.broadcast())
    .process<Released, typeof HOLD_STATES>({
      operatorState: HOLD_STATES,
      processElement1({ id }, { operatorState: { held, known, isReleased } }, out) {
        if (!HELD.includes(id)) return;
        if (isReleased.get().length > 0) return out.collect({ id, isKnown: true });
        held.add(id);
        known.add(id);
      },
      processElement2(sign, { operatorState: { held, known, isReleased } }, out) {
        if (sign !== 'release') return;
        const all = new Set(known.get());
        for (const id of held.get()) out.collect({ id, isKnown: all.has(id) });
        held.clear();
        isReleased.add(true);
      },
    })
    .uid('hold');
}

const HOLD_STATES = {
  held: listState<string>('held'),
  known: unionListState<string>('known'),
  isReleased: unionListState<boolean>('is-released'),
};

/** Broadcast state whose source is done long before, and timers of both times. */
function tell(
  env: StreamExecutionEnvironment,
  visits: DataStream<Visit>,
  tickMs: number,
): DataStream<Told> {
  const rules = env
    .fromCollection(Array.from({ length: RULES }, (_, index) => `rule-${index}`))
    .uid('rules')
    .broadcast({ rules: broadcastState<string, number>('rules') });
  return visits
    .keyBy(({ page }) => page)
    .connect(rules)
    .process<Told, { readonly isMet: ReturnType<typeof valueState<boolean>> }>({
      state: { isMet: valueState<boolean>('is-met') },
      processElement(_visit, { state, timerService }) {
        if (state.isMet.value() === true) return;
        state.isMet.update(true);
        timerService.registerEventTimeTimer(END_OF_TIME);
        const nowMs = timerService.currentProcessingTime();
        timerService.registerProcessingTimeTimer(nowMs + tickMs);
      },
      processBroadcastElement(rule, { broadcastState: states }) {
        states.rules.put(rule, 1);
      },
      onTimer(_time, { key: page, timeDomain, broadcastState: states }, out) {
        if (timeDomain === 'processing-time') return out.collect({ kind: 'tick', page });
        return out.collect({ kind: 'end', page, rules: [...states.rules.keys()].length });
      },
    })
    .uid('tell');
}

/** Over all lives of the job, exactly once. */
export function expectedOutput(): PairOutput {
  return {
    seen: scenario.model(VISITS),
    released: HELD.map((id) => ({ id, isKnown: true })),
    told: PAGES.flatMap((page) => [
      { kind: 'tick', page },
      { kind: 'end', page, rules: RULES },
    ]),
  };
}

export function committedOutput(output: <T>(prefix?: string) => readonly T[]): PairOutput {
  return {
    seen: scenario.settle(output<never>()),
    released: output('held'),
    told: output('told'),
  };
}
