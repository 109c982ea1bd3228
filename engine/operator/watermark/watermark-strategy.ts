// How event time is read off records and how far it has come: Flink's WatermarkStrategy. Strategies
// are immutable; each subtask gets a generator of its own.

import { OnceproofError } from '../../core/errors.ts';
import { MAX_WATERMARK, NO_TIMESTAMP } from '../../stream/elements.ts';

/** `recordTimestamp`: what the source knew; NO_TIMESTAMP otherwise. Gives integer milliseconds. */
export type TimestampAssigner<T> = (value: T, recordTimestamp: number) => number;

export interface WatermarkOutput {
  /** Smaller watermarks than one already emitted are ignored. */
  emitWatermark(timestamp: number): void;
  markIdle(): void;
}

export interface WatermarkGenerator<T> {
  onEvent(value: T, timestamp: number, output: WatermarkOutput): void;
  /** At every watermark interval, in processing time, and once at the end of the data. */
  onPeriodicEmit(output: WatermarkOutput): void;
}

interface Settings<T> {
  readonly createGenerator: (() => WatermarkGenerator<T>) | undefined;
  readonly timestampAssigner: TimestampAssigner<T> | undefined;
  readonly idlenessMs: number | undefined;
  readonly intervalMs: number;
}

/** Flink's pipeline.auto-watermark-interval. */
const DEFAULT_INTERVAL_MS = 200;

export class WatermarkStrategy<T> {
  readonly settings: Settings<T>;

  private constructor(settings: Settings<T>) {
    this.settings = settings;
  }

  /** False: records pass unchanged and no operator is needed. */
  get isNeeded(): boolean {
    const { createGenerator, timestampAssigner, idlenessMs } = this.settings;
    return [createGenerator, timestampAssigner, idlenessMs].some((part) => part !== undefined);
  }

  /** Timestamps never fall, per subtask. */
  static forMonotonousTimestamps<T>(): WatermarkStrategy<T> {
    return WatermarkStrategy.forBoundedOutOfOrderness(0);
  }

  /** A record is at most this much behind the newest one before it. */
  static forBoundedOutOfOrderness<T>(maxOutOfOrdernessMs: number): WatermarkStrategy<T> {
    checkMs('maxOutOfOrdernessMs', maxOutOfOrdernessMs, 0);
    return WatermarkStrategy.forGenerator(() => boundedOutOfOrderness(maxOutOfOrdernessMs));
  }

  static forGenerator<T>(createGenerator: () => WatermarkGenerator<T>): WatermarkStrategy<T> {
    return new WatermarkStrategy({ ...unset<T>(), createGenerator });
  }

  /** No event time: only the watermark at the end of all data. */
  static noWatermarks<T>(): WatermarkStrategy<T> {
    return new WatermarkStrategy(unset<T>());
  }

  withTimestampAssigner(timestampAssigner: TimestampAssigner<T>): WatermarkStrategy<T> {
    return new WatermarkStrategy({ ...this.settings, timestampAssigner });
  }

  /** A subtask without records for this long does not hold back the others. */
  withIdleness(idlenessMs: number): WatermarkStrategy<T> {
    checkMs('idlenessMs', idlenessMs, 1);
    return new WatermarkStrategy({ ...this.settings, idlenessMs });
  }

  /** How often onPeriodicEmit() is called. Default 200. */
  withInterval(intervalMs: number): WatermarkStrategy<T> {
    checkMs('intervalMs', intervalMs, 1);
    return new WatermarkStrategy({ ...this.settings, intervalMs });
  }
}

function unset<T>(): Settings<T> {
  return {
    createGenerator: undefined,
    timestampAssigner: undefined,
    idlenessMs: undefined,
    intervalMs: DEFAULT_INTERVAL_MS,
  };
}

function boundedOutOfOrderness<T>(maxOutOfOrdernessMs: number): WatermarkGenerator<T> {
  let newest = NO_TIMESTAMP;
  return {
    onEvent(_value, timestamp) {
      if (timestamp > newest) newest = timestamp;
    },
    onPeriodicEmit(output) {
      // A record with the newest timestamp itself may still follow, hence one less.
      if (newest !== NO_TIMESTAMP) output.emitWatermark(newest - maxOutOfOrdernessMs - 1);
    },
  };
}

function checkMs(key: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new OnceproofError('OP-E302', `Cannot set ${key} to ${value}`, {
    place: `WatermarkStrategy ${key}`,
    remedy: `Use an integer of milliseconds in ${min}..${MAX_WATERMARK}`,
  });
}
