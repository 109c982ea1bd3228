// One record in, any number out: through the collector, or as an iterable that is returned, or
// both.

import { refusePromise, userCodeError } from './user-code.ts';
import type { FlatMapFunction } from './functions.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { TimestampedCollector } from './timestamped-collector.ts';
import { UNOPENED_OUTPUT } from './unopened-output.ts';

export class FlatMapOperator implements StreamOperator {
  readonly #function: FlatMapFunction<unknown, unknown>;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #collector = new TimestampedCollector(UNOPENED_OUTPUT);
  #name = '';

  constructor(flatMap: FlatMapFunction<unknown, unknown>) {
    this.#function = flatMap;
  }

  open(context: TaskContext, output: Output<unknown>): void {
    this.#name = context.operatorName;
    this.#output = output;
    this.#collector = new TimestampedCollector(output);
  }

  processElement(value: unknown, timestamp: number): void {
    this.#collector.timestamp = timestamp;
    try {
      const results = this.#function(value, this.#collector);
      if (results !== undefined) this.#emitAll(results, timestamp);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  processWatermark(timestamp: number): void {
    this.#output.emitWatermark(timestamp);
  }

  #emitAll(results: Iterable<unknown>, timestamp: number): void {
    refusePromise(this.#name, results);
    for (const result of results) this.#output.emit(result, timestamp);
  }
}
