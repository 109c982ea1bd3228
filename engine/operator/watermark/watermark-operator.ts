// Stamps records and emits watermarks as a strategy says. Watermarks from before are replaced,
// but for the last one; idleness is measured in processing time, at the watermark interval.

import { OnceproofError } from '../../core/errors.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { Timer } from '../../environment/clock.ts';
import { MAX_WATERMARK, NO_TIMESTAMP } from '../../stream/elements.ts';
import type {
  Output,
  ProcessingTimeService,
  StreamOperator,
  TaskContext,
} from '../stream-operator.ts';
import { UNOPENED_OUTPUT } from '../unopened-output.ts';
import { refusePromise, userCodeError } from '../user-code.ts';
import type {
  WatermarkGenerator,
  WatermarkOutput,
  WatermarkStrategy,
} from './watermark-strategy.ts';

export class WatermarkOperator implements StreamOperator {
  readonly #strategy: WatermarkStrategy<unknown>;
  readonly #generator: WatermarkGenerator<unknown> | undefined;
  readonly #emitter: WatermarkOutput;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #processingTime: ProcessingTimeService | undefined;
  #timer: Timer | undefined;
  #watermark = NO_TIMESTAMP;
  #isIdle = false;
  /** A record came since the last look at the clock; the clock is not read per record. */
  #sawRecord = false;
  #lastActiveMs = 0;
  #name = '';

  constructor(strategy: WatermarkStrategy<unknown>) {
    this.#strategy = strategy;
    this.#generator = strategy.settings.createGenerator?.();
    this.#emitter = {
      emitWatermark: (timestamp) => this.#emit(timestamp),
      markIdle: () => this.#markIdle(),
    };
  }

  open(context: TaskContext, output: Output<unknown>): void {
    this.#name = context.operatorName;
    this.#output = output;
    this.#processingTime = context.processingTime;
    this.#lastActiveMs = context.processingTime.now();
    this.#schedule(this.#lastActiveMs);
  }

  processElement(value: unknown, timestamp: number): void {
    let assigned = timestamp;
    const { timestampAssigner } = this.#strategy.settings;
    try {
      if (timestampAssigner !== undefined) assigned = timestampAssigner(value, timestamp);
      if (!Number.isSafeInteger(assigned)) this.#refuse(assigned);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
    this.#sawRecord = true;
    if (this.#isIdle) this.#markActive();
    this.#output.emit(value, assigned);
    // After the record: a watermark it causes must not overtake it.
    if (this.#generator !== undefined) this.#onEvent(this.#generator, value, assigned);
  }

  processWatermark(timestamp: number): void {
    if (timestamp === MAX_WATERMARK) this.#emit(MAX_WATERMARK);
  }

  /** What an operator before this one says of idleness is replaced as well. */
  processStatus(): void {}

  finish(): void {
    this.#periodicEmit();
    this.close();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #onEvent(generator: WatermarkGenerator<unknown>, value: unknown, timestamp: number): void {
    try {
      generator.onEvent(value, timestamp, this.#emitter);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  #schedule(now: number): void {
    const { createGenerator, idlenessMs, intervalMs } = this.#strategy.settings;
    if (createGenerator === undefined && idlenessMs === undefined) return;
    this.#timer = this.#processingTime?.schedule(now + intervalMs, (at) => this.#onInterval(at));
  }

  #onInterval(now: number): void {
    if (this.#sawRecord) this.#lastActiveMs = now;
    this.#sawRecord = false;
    const { idlenessMs } = this.#strategy.settings;
    const isIdle = idlenessMs !== undefined && now - this.#lastActiveMs >= idlenessMs;
    if (isIdle) this.#markIdle();
    else this.#periodicEmit();
    this.#schedule(now);
  }

  #periodicEmit(): void {
    try {
      this.#generator?.onPeriodicEmit(this.#emitter);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  #emit(timestamp: number): void {
    if (timestamp <= this.#watermark) return;
    this.#watermark = timestamp;
    if (this.#isIdle) this.#markActive();
    this.#output.emitWatermark(timestamp);
  }

  #markIdle(): void {
    if (this.#isIdle) return;
    sometimes(true, 'an input becomes idle');
    this.#isIdle = true;
    this.#output.emitStatus(true);
  }

  #markActive(): void {
    this.#isIdle = false;
    this.#output.emitStatus(false);
  }

  #refuse(timestamp: number): never {
    refusePromise(this.#name, timestamp);
    throw new OnceproofError('OP-E212', `Cannot use ${timestamp} as an event timestamp`, {
      place: this.#name,
      remedy: 'Let the timestamp assigner give integer milliseconds',
    });
  }
}
