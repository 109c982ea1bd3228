// The running reduction of each key: every record updates it, every update is emitted.

import { present } from '../core/assert.ts';
import type { ValueState } from '../state/keyed-state.ts';
import type { KeyedStateBackend } from '../state/state-backend.ts';
import type { ReduceFunction } from '../state/state-descriptor.ts';
import type { KeySelector } from './functions.ts';
import { prepareKeys } from './prepare-keys.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { UNOPENED_OUTPUT } from './unopened-output.ts';
import { refusePromise, userCodeError } from './user-code.ts';
import { VOID_NAMESPACE, voidNamespaceSerializer } from '../stream/serializers/void-namespace.ts';

interface Opened {
  readonly backend: KeyedStateBackend;
  readonly reduced: ValueState<unknown>;
}

export class ReduceOperator implements StreamOperator {
  readonly #reduce: ReduceFunction<unknown>;
  readonly #keySelector: KeySelector<unknown, unknown>;
  #opened: Opened | undefined;
  #output: Output<unknown> = UNOPENED_OUTPUT;
  #name = '';

  constructor(reduce: ReduceFunction<unknown>, keySelector: KeySelector<unknown, unknown>) {
    this.#reduce = reduce;
    this.#keySelector = keySelector;
  }

  open(task: TaskContext, output: Output<unknown>): void {
    this.#name = task.operatorName;
    this.#output = output;
    const backend = present(task.keyed, `Cannot open "${this.#name}": not declared as keyed`);
    const descriptor = { kind: 'value', name: 'reduced' } as const;
    const reduced = backend.valueState(descriptor, voidNamespaceSerializer);
    reduced.setCurrentNamespace(VOID_NAMESPACE);
    this.#opened = { backend, reduced };
  }

  prepare(values: readonly unknown[]): Promise<void> | undefined {
    const backend = this.#opened?.backend;
    if (backend?.prepare === undefined) return undefined;
    return prepareKeys({ name: this.#name, backend, keySelector: this.#keySelector }, values);
  }

  processElement(value: unknown, timestamp: number): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    let result: unknown;
    try {
      opened.backend.setCurrentKey(this.#keySelector(value));
      const before = opened.reduced.value();
      result = before === undefined ? value : this.#reduce(before, value);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
    if (result instanceof Promise) refusePromise(this.#name, result);
    opened.reduced.update(result);
    this.#output.emit(result, timestamp);
  }

  processWatermark(timestamp: number): void {
    this.#output.emitWatermark(timestamp);
  }
}
