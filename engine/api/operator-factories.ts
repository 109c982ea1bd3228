// From a user's function to the factory of the operator that runs it. Functions given as objects
// serve every subtask; functions given as factories are made anew for each.

import type { Sink } from '../connector/sink.ts';
import { checkInteger } from '../graph/config-check.ts';
import { DEFAULT_COMMITTER_RETRIES, SinkOperator } from '../operator/sink-operator.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import type { KeySelector, MapFunction, RichMapFunction } from '../operator/functions.ts';
import {
  type ErasedKeyedProcessFunction,
  KeyedProcessOperator,
} from '../operator/keyed-process-operator.ts';
import { MapOperator } from '../operator/map-operator.ts';
import { type ErasedProcessFunction, ProcessOperator } from '../operator/process-operator.ts';
import type { OperatorStateDeclarations } from '../operator/state-declarations.ts';
import { refusePromise } from '../operator/user-code.ts';

/** Only functions are callable, so the two cannot be mixed up. */
export type OrFactory<F extends object> = F | (() => F);

export function instantiate<F extends object>(functionOrFactory: OrFactory<F>): F {
  return typeof functionOrFactory === 'function' ? functionOrFactory() : functionOrFactory;
}

export function mapFactory<T, OUT, OS extends OperatorStateDeclarations>(
  map: MapFunction<T, OUT> | RichMapFunction<T, OUT, OS>,
): OperatorFactory {
  if (typeof map === 'function') {
    const plain = map as MapFunction<unknown, unknown>;
    return { kind: 'map', create: () => new MapOperator(plain) };
  }
  const rich = map as unknown as ErasedRichMap;
  return { kind: 'map', create: () => new ProcessOperator(asProcess(rich)) };
}

type ErasedRichMap = Omit<ErasedProcessFunction, 'processElement'> & {
  map(value: unknown, context: unknown): unknown;
};

function asProcess(rich: ErasedRichMap): ErasedProcessFunction {
  return {
    ...(rich.operatorState === undefined ? {} : { operatorState: rich.operatorState }),
    open: (context) => rich.open?.(context),
    processElement(value, context, out) {
      const result = rich.map(value, context);
      if (result instanceof Promise) refusePromise(context.operatorName, result);
      out.collect(result);
    },
    close: () => rich.close?.(),
  };
}

export function processFactory(create: () => unknown): OperatorFactory {
  return {
    kind: 'process',
    create: () => new ProcessOperator(create() as ErasedProcessFunction),
  };
}

export function keyedProcessFactory(
  create: () => unknown,
  keySelector: KeySelector<unknown, unknown>,
): OperatorFactory {
  return {
    kind: 'keyed process',
    create: () => new KeyedProcessOperator(create() as ErasedKeyedProcessFunction, keySelector),
  };
}

export interface SinkOptions {
  /** Attempts of a commit after the first one, before the job fails. Default 10. */
  readonly committerRetries?: number;
}

export function sinkFactory<T, C, WS>(
  sink: Sink<T, C, WS>,
  { committerRetries = DEFAULT_COMMITTER_RETRIES }: SinkOptions,
): OperatorFactory {
  checkInteger({ key: 'sink.committer.retries', value: committerRetries, min: 0 });
  const erased = sink as unknown as Sink<unknown>;
  return {
    kind: `sink ${sink.name}`,
    create: () => new SinkOperator(erased, committerRetries),
  };
}
