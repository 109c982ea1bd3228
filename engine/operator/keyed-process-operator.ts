// A process function over keyed records: keyed state and timers, scoped to the record's key.

import { present } from '../core/assert.ts';
import type { InternalTimer, KeyedStateBackend } from '../state/state-backend.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import type { VoidNamespace } from '../stream/serializers/void-namespace.ts';
import { callUserCode, refusePromise, userCodeError } from './user-code.ts';
import type { Collector, KeySelector } from './functions.ts';
import type { InternalTimerService } from './internal-timer-service.ts';
import { openKeyedContext } from './keyed-context.ts';
import { prepareKeys } from './prepare-keys.ts';
import type { OperatorProcessContext } from './process-context.ts';
import type { KeyedStateDeclarations, OperatorStateDeclarations } from './state-declarations.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { TimestampedCollector } from './timestamped-collector.ts';
import { UNOPENED_OUTPUT } from './unopened-output.ts';

/** A KeyedProcessFunction, its types erased. */
export interface ErasedKeyedProcessFunction {
  readonly state?: KeyedStateDeclarations;
  readonly operatorState?: OperatorStateDeclarations;
  open?(context: OperatorProcessContext): unknown;
  processElement(value: unknown, context: OperatorProcessContext, out: Collector<unknown>): unknown;
  onTimer?(timestamp: number, context: OperatorProcessContext, out: Collector<unknown>): unknown;
  close?(): unknown;
}

interface Opened {
  readonly backend: KeyedStateBackend;
  readonly context: OperatorProcessContext;
  readonly timers: InternalTimerService<VoidNamespace>;
}

export class KeyedProcessOperator implements StreamOperator {
  readonly #function: ErasedKeyedProcessFunction;
  readonly #keySelector: KeySelector<unknown, unknown>;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #collector = new TimestampedCollector(UNOPENED_OUTPUT);
  #opened: Opened | undefined;
  #name = '';

  constructor(process: ErasedKeyedProcessFunction, keySelector: KeySelector<unknown, unknown>) {
    this.#function = process;
    this.#keySelector = keySelector;
  }

  open(task: TaskContext, output: Output<unknown>): void {
    this.#name = task.operatorName;
    this.#output = output;
    this.#collector = new TimestampedCollector(output);
    const backend = present(task.keyed, `Cannot open "${this.#name}": not declared as keyed`);
    const { context, timers } = openKeyedContext({
      task,
      backend,
      output,
      state: this.#function.state ?? {},
      operatorState: this.#function.operatorState ?? {},
      onTimer: (timer, domain) => this.#onTimer(timer, domain),
    });
    this.#opened = { backend, context, timers };
    callUserCode(this.#name, () => this.#function.open?.(context));
    timers.start();
  }

  prepare(values: readonly unknown[]): Promise<void> | undefined {
    const backend = this.#opened?.backend;
    if (backend?.prepare === undefined) return undefined;
    return prepareKeys({ name: this.#name, backend, keySelector: this.#keySelector }, values);
  }

  prepareWatermark(timestamp: number): Promise<void> | undefined {
    return this.#opened?.timers.prepareWatermark(timestamp);
  }

  firePrepared(timestamp: number): boolean {
    return this.#opened?.timers.firePrepared(timestamp) ?? true;
  }

  processElement(value: unknown, timestamp: number): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    opened.context.timestamp = timestamp;
    this.#collector.timestamp = timestamp;
    try {
      opened.backend.setCurrentKey(this.#keySelector(value));
      const result = this.#function.processElement(value, opened.context, this.#collector);
      if (result !== undefined) refusePromise(this.#name, result);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  processWatermark(timestamp: number): void {
    this.#opened?.timers.advanceWatermark(timestamp);
    this.#output.emitWatermark(timestamp);
  }

  finish(): void {
    this.#opened?.timers.stop();
  }

  close(): void {
    if (this.#opened === undefined) return;
    this.#opened.timers.stop();
    callUserCode(this.#name, () => this.#function.close?.());
  }

  #onTimer(timer: InternalTimer<VoidNamespace>, domain: 'event-time' | 'processing-time'): void {
    const context = this.#opened?.context;
    if (context === undefined) return;
    context.timeDomain = domain;
    context.timestamp = timer.timestamp;
    // A moment of processing time is not a time of the events, so results carry none.
    this.#collector.timestamp = domain === 'event-time' ? timer.timestamp : NO_TIMESTAMP;
    callUserCode(this.#name, () =>
      this.#function.onTimer?.(timer.timestamp, context, this.#collector),
    );
  }
}
