// What a program builds, call by call: a graph of transformations that points upstream.
// Partitionings, unions and side outputs are mere annotations of edges; sources and operators
// become parts of the JobGraph. Settings may still change until the JobGraph is built.

import type { Source } from '../connector/source.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { Partitioning } from './job-graph.ts';

/** always: to the operator before and after; head: only to the one after; never: to neither. */
export type ChainingStrategy = 'always' | 'head' | 'never';

export interface OperatorSettings {
  name: string | undefined;
  uid: string | undefined;
  parallelism: number | undefined;
  maxParallelism: number | undefined;
  chaining: ChainingStrategy;
}

export interface SourceTransformation {
  readonly kind: 'source';
  readonly source: Source<unknown>;
  /** An operator right behind the source that belongs to it: timestamps and watermarks. */
  readonly watermarks: OperatorFactory | undefined;
  readonly settings: OperatorSettings;
}

export interface OperatorTransformation {
  readonly kind: 'operator';
  readonly factory: OperatorFactory;
  /** By number of the input: one or two. */
  readonly inputs: readonly Transformation[];
  readonly keyed: boolean;
  readonly keySerializer: TypeSerializer<unknown> | undefined;
  readonly isSink: boolean;
  readonly settings: OperatorSettings;
}

/** What becomes a part of the JobGraph. */
export type PhysicalTransformation = SourceTransformation | OperatorTransformation;

export type Transformation =
  | PhysicalTransformation
  | {
      readonly kind: 'partition';
      readonly input: Transformation;
      readonly partitioning: Partitioning;
    }
  | { readonly kind: 'union'; readonly inputs: readonly Transformation[] }
  | { readonly kind: 'side-output'; readonly input: PhysicalTransformation; readonly tag: string };

export function defaultSettings(): OperatorSettings {
  return {
    name: undefined,
    uid: undefined,
    parallelism: undefined,
    maxParallelism: undefined,
    chaining: 'always',
  };
}
