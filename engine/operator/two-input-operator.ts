// Two inputs into one function: connected streams, keyed or not, and broadcast state. Each side has
// its own handler and its own view of the context: the broadcast side sees no key.

import { present } from '../core/assert.ts';
import type { InternalTimer, KeyedStateBackend } from '../state/state-backend.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import type { VoidNamespace } from '../stream/serializers/void-namespace.ts';
import type { Collector, KeySelector } from './functions.ts';
import type { InternalTimerService } from './internal-timer-service.ts';
import { openKeyedContext } from './keyed-context.ts';
import { prepareKeys } from './prepare-keys.ts';
import { OperatorProcessContext } from './process-context.ts';
import {
  createOperatorStates,
  type KeyedStateDeclarations,
  type OperatorStateDeclarations,
} from './state-declarations.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { TimestampedCollector } from './timestamped-collector.ts';
import { UNOPENED_OUTPUT } from './unopened-output.ts';
import { callUserCode, refusePromise, userCodeError } from './user-code.ts';

type Handler = (
  value: unknown,
  context: OperatorProcessContext,
  out: Collector<unknown>,
) => unknown;

/** A user's two-input function, with the two handlers under one name each. */
export interface TwoInputFunction {
  readonly first: Handler;
  readonly second: Handler;
  onTimer?(timestamp: number, context: OperatorProcessContext, out: Collector<unknown>): unknown;
  open?(context: OperatorProcessContext): unknown;
  close?(): unknown;
  readonly state: KeyedStateDeclarations;
  readonly operatorState: OperatorStateDeclarations;
  readonly broadcastState: OperatorStateDeclarations;
}

export interface TwoInputKeys {
  /** Undefined: records of this input set no key. */
  readonly first: KeySelector<unknown, unknown> | undefined;
  readonly second: KeySelector<unknown, unknown> | undefined;
}

interface Opened {
  readonly backend: KeyedStateBackend | undefined;
  /** By input. */
  readonly first: OperatorProcessContext;
  readonly second: OperatorProcessContext;
  readonly timers: InternalTimerService<VoidNamespace> | undefined;
}

export class TwoInputOperator implements StreamOperator {
  readonly #function: TwoInputFunction;
  readonly #keys: TwoInputKeys;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #collector = new TimestampedCollector(UNOPENED_OUTPUT);
  #opened: Opened | undefined;
  #watermark = NO_TIMESTAMP;
  #name = '';

  constructor(twoInput: TwoInputFunction, keys: TwoInputKeys) {
    this.#function = twoInput;
    this.#keys = keys;
  }

  open(task: TaskContext, output: Output<unknown>): void {
    this.#name = task.operatorName;
    this.#output = output;
    this.#collector = new TimestampedCollector(output);
    const opened = this.#keys.first === undefined ? this.#openPlain(task) : this.#openKeyed(task);
    this.#opened = opened;
    callUserCode(this.#name, () => this.#function.open?.(opened.second));
    opened.timers?.start();
  }

  prepare(values: readonly unknown[], input: number): Promise<void> | undefined {
    const backend = this.#opened?.backend;
    const keySelector = input === 0 ? this.#keys.first : this.#keys.second;
    if (backend?.prepare === undefined || keySelector === undefined) return undefined;
    return prepareKeys({ name: this.#name, backend, keySelector }, values);
  }

  prepareWatermark(timestamp: number): Promise<void> | undefined {
    return this.#opened?.timers?.prepareWatermark(timestamp);
  }

  firePrepared(timestamp: number): boolean {
    return this.#opened?.timers?.firePrepared(timestamp) ?? true;
  }

  processElement(value: unknown, timestamp: number, input: number): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    const isFirst = input === 0;
    const context = isFirst ? opened.first : opened.second;
    const keySelector = isFirst ? this.#keys.first : this.#keys.second;
    context.timestamp = timestamp;
    this.#collector.timestamp = timestamp;
    try {
      if (keySelector !== undefined) opened.backend?.setCurrentKey(keySelector(value));
      const result = isFirst
        ? this.#function.first(value, context, this.#collector)
        : this.#function.second(value, context, this.#collector);
      if (result !== undefined) refusePromise(this.#name, result);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  processWatermark(timestamp: number): void {
    this.#watermark = timestamp;
    this.#opened?.timers?.advanceWatermark(timestamp);
    this.#output.emitWatermark(timestamp);
  }

  finish(): void {
    this.#opened?.timers?.stop();
  }

  close(): void {
    if (this.#opened === undefined) return;
    this.#opened.timers?.stop();
    callUserCode(this.#name, () => this.#function.close?.());
  }

  #openPlain(task: TaskContext): Opened {
    const context = this.#unkeyedContext(task, {
      ...createOperatorStates(this.#function.broadcastState, task.operatorState),
    });
    return { backend: undefined, first: context, second: context, timers: undefined };
  }

  #openKeyed(task: TaskContext): Opened {
    const backend = present(task.keyed, `Cannot open "${this.#name}": not declared as keyed`);
    const broadcastState = createOperatorStates(this.#function.broadcastState, task.operatorState);
    const { context, timers } = openKeyedContext({
      task,
      backend,
      output: this.#output,
      state: this.#function.state,
      operatorState: this.#function.operatorState,
      broadcastState,
      onTimer: (timer, domain) => this.#onTimer(timer, domain),
    });
    const isSecondKeyed = this.#keys.second !== undefined;
    const second = isSecondKeyed ? context : this.#unkeyedContext(task, broadcastState);
    return { backend, first: context, second, timers };
  }

  #unkeyedContext(
    task: TaskContext,
    broadcastState: Readonly<Record<string, unknown>>,
  ): OperatorProcessContext {
    const { operatorState } = this.#function;
    return new OperatorProcessContext({
      task,
      output: this.#output,
      timerService: {
        currentProcessingTime: () => task.processingTime.now(),
        currentWatermark: () => this.#watermark,
      },
      operatorState: createOperatorStates(operatorState, task.operatorState),
      keyed: undefined,
      broadcastState,
    });
  }

  #onTimer(timer: InternalTimer<VoidNamespace>, domain: 'event-time' | 'processing-time'): void {
    const context = this.#opened?.first;
    if (context === undefined) return;
    context.timeDomain = domain;
    context.timestamp = timer.timestamp;
    this.#collector.timestamp = domain === 'event-time' ? timer.timestamp : NO_TIMESTAMP;
    callUserCode(this.#name, () =>
      this.#function.onTimer?.(timer.timestamp, context, this.#collector),
    );
  }
}
