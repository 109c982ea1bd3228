// Collects the settings of a window and makes its operator. What the operator's stream is, `finish`
// decides; the types a user sees are WindowedStream's.

import { OnceproofError } from '../core/errors.ts';
import { checkInteger } from '../graph/config-check.ts';
import type { KeySelector } from '../operator/functions.ts';
import type { OutputTag } from '../operator/output-tag.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import type { WindowAssigner } from '../operator/window/window-assigner.ts';
import type { WindowContentsKind } from '../operator/window/window-contents.ts';
import type { ProcessWindowFunction } from '../operator/window/window-function.ts';
import { WindowOperator } from '../operator/window/window-operator.ts';
import type { AggregateFunction, ReduceFunction } from '../state/state-descriptor.ts';

type Erased = ProcessWindowFunction<unknown, unknown, unknown>;

export interface WindowBuilderOptions<R> {
  readonly keySelector: KeySelector<unknown, unknown>;
  readonly assigner: WindowAssigner;
  readonly finish: (factory: OperatorFactory) => R;
}

export class WindowBuilder<R> {
  readonly #options: WindowBuilderOptions<R>;
  #allowedLatenessMs = 0;
  #lateTag: string | undefined;

  constructor(options: WindowBuilderOptions<R>) {
    this.#options = options;
  }

  allowedLateness(allowedLatenessMs: number): this {
    checkInteger({ key: 'allowedLateness', value: allowedLatenessMs, min: 0 });
    this.#allowedLatenessMs = allowedLatenessMs;
    return this;
  }

  sideOutputLateData(tag: OutputTag<unknown>): this {
    this.#lateTag = tag.id;
    return this;
  }

  reduce(reduce: ReduceFunction<unknown>, process?: Erased): R {
    return this.#build({ kind: 'reduce', reduce }, process);
  }

  aggregate(aggregate: AggregateFunction<unknown, unknown, unknown>, process?: Erased): R {
    const { assigner } = this.#options;
    if (assigner.isMerging && aggregate.merge === undefined) {
      throw new OnceproofError('OP-E314', 'Cannot aggregate session windows: merge() is missing', {
        place: `window(${assigner.label})`,
        remedy: 'Give the aggregate function a merge(left, right) method',
      });
    }
    return this.#build({ kind: 'aggregate', aggregate }, process);
  }

  process(process: Erased): R {
    return this.#build({ kind: 'elements' }, process);
  }

  #build(contents: WindowContentsKind, process: Erased | undefined): R {
    const { keySelector, assigner, finish } = this.#options;
    const settings = {
      keySelector,
      assigner,
      allowedLatenessMs: this.#allowedLatenessMs,
      lateTag: this.#lateTag,
      contents,
      process,
    };
    const kind = `window(${assigner.label})`;
    return finish({ kind, create: () => new WindowOperator(settings) });
  }
}
