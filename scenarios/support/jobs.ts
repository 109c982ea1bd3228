// Small jobs and their parts for directed tests: numbered records, a running count per key, sinks
// and functions that misbehave on request. Each says what its output must be.

import type { DataStream } from '../../engine/api/data-stream.ts';
import type { StreamExecutionEnvironment } from '../../engine/api/stream-execution-environment.ts';
import type { Sink, SinkWriter } from '../../engine/connector/sink.ts';
import { valueState } from '../../engine/operator/state-descriptors.ts';

export interface Numbered {
  readonly id: number;
  readonly key: number;
}

export interface Counted extends Numbered {
  readonly count: number;
}

const KEYS = 5;

export interface NumbersOptions {
  readonly count: number;
  /** Of each reader; as fast as possible, if absent. */
  readonly recordsPerSecond?: number;
  readonly name?: string;
  /** Ids count from here. */
  readonly from?: number;
}

export function numbers(
  env: StreamExecutionEnvironment,
  { count, recordsPerSecond, name = 'numbers', from = 0 }: NumbersOptions,
): DataStream<Numbered> {
  const elements = Array.from({ length: count }, (_, index) => ({
    id: from + index,
    key: index % KEYS,
  }));
  const rate = recordsPerSecond === undefined ? {} : { recordsPerSecond };
  return env.fromCollection(elements, { name, splits: 4, ...rate }).uid(name);
}

/** A running count per key. Exactly once: every id once, every count of a key once. */
export function countPerKey(stream: DataStream<Numbered>, uid = 'count'): DataStream<Counted> {
  return stream
    .keyBy(({ key }) => key)
    .process<Counted, { readonly count: ReturnType<typeof valueState<number>> }>({
      state: { count: valueState<number>('count') },
      processElement({ id, key }, context, out) {
        const count = (context.state.count.value() ?? 0) + 1;
        context.state.count.update(count);
        out.collect({ id, key, count });
      },
    })
    .uid(uid);
}

/** Undefined if all is well; otherwise the first thing that is not. */
export function wrongCount(output: readonly Counted[], count: number): string | undefined {
  const ids = output.map(({ id }) => id).sort((a, b) => a - b);
  const lost = Array.from({ length: count }, (_, id) => id).find((id, index) => ids[index] !== id);
  if (lost !== undefined) return `Record ${lost} is not there exactly once, of ${output.length}`;
  if (output.length !== count) return `There are ${output.length} outputs, not ${count}`;
  const seen = new Set(output.map(({ key, count: n }) => `${key}/${n}`));
  const most = Math.ceil(count / KEYS);
  const isDense = seen.size === count && output.every(({ count: n }) => n >= 1 && n <= most);
  return isDense ? undefined : 'A key was counted twice or its count has a gap';
}

/** Takes one batch, then pauses: what comes meanwhile stays in the channels. */
export function slowly<T>(sink: Sink<T>, pauseMs: number): Sink<T> {
  return {
    name: `slow ${sink.name}`,
    createWriter(context, restored): SinkWriter<T, unknown, unknown> {
      const writer = sink.createWriter(context, restored);
      let pausedUntilMs = 0;
      return {
        write(value, timestamp) {
          writer.write(value, timestamp);
          const nowMs = context.clock.now();
          if (nowMs < pausedUntilMs) return;
          pausedUntilMs = nowMs + pauseMs;
          context.clock.schedule(pauseMs, () => context.wakeUp());
        },
        isAvailable: () => writer.isAvailable() && context.clock.now() >= pausedUntilMs,
        prepareCommit: (checkpoint, endOfInput) => writer.prepareCommit(checkpoint, endOfInput),
        close: () => writer.close(),
      };
    },
    createCommitter: (context) => sink.createCommitter(context),
    abortLingering: async (context) => sink.abortLingering?.(context),
  };
}

/** Passes everything on; throws the first `times` that it sees `id`. One for all attempts. */
export function throwingAt(id: number, times = 1): (record: Numbered) => Numbered {
  let left = times;
  return (record) => {
    if (record.id === id && left-- > 0) throw new Error(`cannot process ${id}`);
    return record;
  };
}
