// The collector of an operator: one object for all records, which stamps what it is given with the
// timestamp of the record or timer at hand.

import { NO_TIMESTAMP } from '../stream/elements.ts';
import type { Collector } from './functions.ts';
import type { Output } from './stream-operator.ts';

export class TimestampedCollector implements Collector<unknown> {
  timestamp: number = NO_TIMESTAMP;
  readonly #output: Output<unknown>;

  constructor(output: Output<unknown>) {
    this.#output = output;
  }

  collect(value: unknown): void {
    this.#output.emit(value, this.timestamp);
  }
}
