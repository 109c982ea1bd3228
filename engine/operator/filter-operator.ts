// Passes the records for which the function says true.

import { refusePromise, userCodeError } from './user-code.ts';
import type { FilterFunction } from './functions.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { UNOPENED_OUTPUT } from './unopened-output.ts';

export class FilterOperator implements StreamOperator {
  readonly #function: FilterFunction<unknown>;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #name = '';

  constructor(filter: FilterFunction<unknown>) {
    this.#function = filter;
  }

  open(context: TaskContext, output: Output<unknown>): void {
    this.#name = context.operatorName;
    this.#output = output;
  }

  processElement(value: unknown, timestamp: number): void {
    let passes: boolean;
    try {
      passes = this.#function(value);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
    if (passes === false) return;
    // A promise is truthy: without this check an async filter would pass everything.
    if (passes !== true) refusePromise(this.#name, passes);
    if (passes) this.#output.emit(value, timestamp);
  }

  processWatermark(timestamp: number): void {
    this.#output.emitWatermark(timestamp);
  }
}
