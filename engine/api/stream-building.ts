// How the streams of the API add to their program, and change what they added.

import { OnceproofError } from '../core/errors.ts';
import { checkInteger } from '../graph/config-check.ts';
import {
  defaultSettings,
  type OperatorSettings,
  type OperatorTransformation,
  type PhysicalTransformation,
  type Transformation,
} from '../graph/transformation.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { Program } from './program.ts';

export interface OperatorOptions {
  readonly keyed?: boolean;
  readonly keySerializer?: TypeSerializer<unknown> | undefined;
  readonly isSink?: boolean;
}

export function addOperator(
  program: Program,
  factory: OperatorFactory,
  inputs: readonly Transformation[],
  options: OperatorOptions = {},
): OperatorTransformation {
  return program.add({
    kind: 'operator',
    factory,
    inputs,
    keyed: options.keyed ?? false,
    keySerializer: options.keySerializer,
    isSink: options.isSink ?? false,
    settings: defaultSettings(),
  });
}

/** `caller`: the method the user called, for the error where there is nothing to set. */
export function configure(
  transformation: Transformation,
  caller: string,
  changes: Partial<OperatorSettings>,
): void {
  const { parallelism, maxParallelism } = changes;
  if (parallelism !== undefined) checkInteger({ key: 'parallelism', value: parallelism, min: 1 });
  if (maxParallelism !== undefined) {
    checkInteger({ key: 'maxParallelism', value: maxParallelism, min: 1 });
  }
  Object.assign(physical(transformation, caller).settings, changes);
}

export function sideOutputOf(transformation: Transformation, tag: string): Transformation {
  return { kind: 'side-output', input: physical(transformation, 'getSideOutput()'), tag };
}

function physical(transformation: Transformation, caller: string): PhysicalTransformation {
  if (transformation.kind === 'source' || transformation.kind === 'operator') return transformation;
  throw new OnceproofError('OP-E306', `Cannot call ${caller} on a ${transformation.kind}`, {
    place: caller,
    remedy: `Call ${caller} on the stream that an operator or a source returned`,
  });
}
