// One record in, one record out.

import { refusePromise, userCodeError } from './user-code.ts';
import type { MapFunction } from './functions.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { UNOPENED_OUTPUT } from './unopened-output.ts';

export class MapOperator implements StreamOperator {
  readonly #function: MapFunction<unknown, unknown>;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #name = '';

  constructor(map: MapFunction<unknown, unknown>) {
    this.#function = map;
  }

  open(context: TaskContext, output: Output<unknown>): void {
    this.#name = context.operatorName;
    this.#output = output;
  }

  processElement(value: unknown, timestamp: number): void {
    let result: unknown;
    try {
      result = this.#function(value);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
    if (result instanceof Promise) refusePromise(this.#name, result);
    this.#output.emit(result, timestamp);
  }

  processWatermark(timestamp: number): void {
    this.#output.emitWatermark(timestamp);
  }
}
