// What is done with a window's contents when it fires: types only.

import type { Collector } from '../functions.ts';
import type { OutputTag } from '../output-tag.ts';
import type { TimeWindow } from './time-window.ts';

export interface WindowContext {
  readonly window: TimeWindow;
  readonly currentWatermark: number;
  output<X>(tag: OutputTag<X>, value: X): void;
}

/**
 * Flink's ProcessWindowFunction. `elements` are all records of the window, or the one result of
 * reduce() or aggregate(). Called when the watermark passes the window's end, and again for every
 * record that is late but allowed. Results carry the window's last moment as timestamp.
 */
export type ProcessWindowFunction<IN, OUT, K> = (
  key: K,
  context: WindowContext,
  elements: readonly IN[],
  out: Collector<OUT>,
) => void;
