// A process function without a key: records in, records and side outputs out, operator state.

import { NO_TIMESTAMP } from '../stream/elements.ts';
import { callUserCode, refusePromise, userCodeError } from './user-code.ts';
import type { Collector, TimeService } from './functions.ts';
import { OperatorProcessContext } from './process-context.ts';
import type { OperatorStateDeclarations } from './state-declarations.ts';
import { createOperatorStates } from './state-declarations.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { TimestampedCollector } from './timestamped-collector.ts';
import { UNOPENED_OUTPUT } from './unopened-output.ts';

/** A ProcessFunction, its types erased. */
export interface ErasedProcessFunction {
  readonly operatorState?: OperatorStateDeclarations;
  open?(context: OperatorProcessContext): unknown;
  processElement(value: unknown, context: OperatorProcessContext, out: Collector<unknown>): unknown;
  close?(): unknown;
}

export class ProcessOperator implements StreamOperator {
  readonly #function: ErasedProcessFunction;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #collector = new TimestampedCollector(UNOPENED_OUTPUT);
  #context: OperatorProcessContext | undefined;
  #name = '';
  #watermark = NO_TIMESTAMP;

  constructor(process: ErasedProcessFunction) {
    this.#function = process;
  }

  open(task: TaskContext, output: Output<unknown>): void {
    this.#name = task.operatorName;
    this.#output = output;
    this.#collector = new TimestampedCollector(output);
    const timerService: TimeService = {
      currentProcessingTime: () => task.processingTime.now(),
      currentWatermark: () => this.#watermark,
    };
    const declarations = this.#function.operatorState ?? {};
    const context = new OperatorProcessContext({
      task,
      output,
      timerService,
      operatorState: createOperatorStates(declarations, task.operatorState),
      keyed: undefined,
      broadcastState: {},
    });
    this.#context = context;
    callUserCode(this.#name, () => this.#function.open?.(context));
  }

  processElement(value: unknown, timestamp: number): void {
    const context = this.#context;
    if (context === undefined) return;
    context.timestamp = timestamp;
    this.#collector.timestamp = timestamp;
    try {
      const result = this.#function.processElement(value, context, this.#collector);
      if (result !== undefined) refusePromise(this.#name, result);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  processWatermark(timestamp: number): void {
    this.#watermark = timestamp;
    this.#output.emitWatermark(timestamp);
  }

  close(): void {
    if (this.#context === undefined) return;
    callUserCode(this.#name, () => this.#function.close?.());
  }
}
