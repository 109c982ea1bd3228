// The logical plan: what to run, at which parallelism, connected how. Made from a program by the
// API, immutable, the same on every host that runs the same program. Factories are code: a JobGraph
// does not travel; messages name its parts by id.

import type { JobId, JobVertexId, OperatorId } from '../core/ids.ts';
import type { Source } from '../connector/source.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import type { StateBackend } from '../state/state-backend.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { CheckpointConfig } from './checkpoint-config.ts';
import type { RestartStrategyConfig } from './restart-strategy-config.ts';

/** How records choose among the subtasks of the target. */
export type Partitioning =
  | { readonly kind: 'forward' }
  | { readonly kind: 'rebalance' }
  | { readonly kind: 'rescale' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'global' }
  | { readonly kind: 'hash'; readonly keySelector: (value: unknown) => unknown };

/** One operator of a chain. The first of a vertex's chain is fed by the vertex's inputs. */
export interface ChainedOperator {
  readonly id: OperatorId;
  /** What the user called it, if so. */
  readonly uid: string | undefined;
  /** Human-readable and unique within the job. */
  readonly name: string;
  /** Has keyed state and timers. */
  readonly keyed: boolean;
  /** Of keyed operators; undefined = generic. */
  readonly keySerializer: TypeSerializer<unknown> | undefined;
  readonly factory: OperatorFactory;
}

/** From one operator of a chain to the next: a plain call. `tag` undefined = main output. */
export interface ChainLink {
  /** Index into `operators`; -1 = the vertex's source. */
  readonly from: number;
  readonly tag: string | undefined;
  readonly to: number;
}

export interface JobVertex {
  readonly id: JobVertexId;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** Set by the user, so a restored checkpoint may not override it. */
  readonly maxParallelismConfigured: boolean;
  /** Vertices that read from outside have a source and no inputs. */
  readonly source: Source<unknown> | undefined;
  /** Operator id under which split and enumerator state is kept. Present with `source`. */
  readonly sourceOperator: OperatorId | undefined;
  /** In topological order. Empty only for a bare source. */
  readonly operators: readonly ChainedOperator[];
  readonly links: readonly ChainLink[];
}

export interface JobEdge {
  /** Stable across restarts: `<source vertex>:<operator>:<tag>-><target vertex>:<input>`. */
  readonly id: string;
  readonly source: JobVertexId;
  /** Index into the source vertex's operators; -1 = the bare source itself. */
  readonly operator: number;
  readonly tag: string | undefined;
  readonly target: JobVertexId;
  /**
   * Which input of the target's first operator: 0, or 1 for the second of a connect. Union: all 0.
   */
  readonly input: number;
  readonly partitioning: Partitioning;
  /** How in-flight records are written when they leave the process. Undefined = generic. */
  readonly serializer: TypeSerializer<unknown> | undefined;
}

export interface JobGraph {
  readonly id: JobId;
  readonly name: string;
  /** Topological order. */
  readonly vertices: readonly JobVertex[];
  readonly edges: readonly JobEdge[];
  /** Undefined: no checkpoints. */
  readonly checkpoints: CheckpointConfig | undefined;
  readonly restartStrategy: RestartStrategyConfig;
  readonly failoverStrategy: 'region' | 'full';
  readonly stateBackend: StateBackend;
  /** How long records may wait in an output batch that is not full. */
  readonly bufferTimeoutMs: number;
}
