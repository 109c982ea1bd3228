// A job of one keyed operator that nobody feeds: it stands for the states of the model, which are
// reached from outside.

import { InvariantViolation } from '../../../engine/core/assert.ts';
import { jobId, jobVertexId, operatorId } from '../../../engine/core/ids.ts';
import { DEFAULT_CHECKPOINT_CONFIG } from '../../../engine/graph/checkpoint-config.ts';
import type { JobGraph, JobVertex } from '../../../engine/graph/job-graph.ts';
import type { StateBackend } from '../../../engine/state/state-backend.ts';

export const MODEL_JOB = jobId('state-model');
/** More key groups than subtasks, and some of them without a key. */
export const MODEL_MAX_PARALLELISM = 16;
/** Two snapshots may be written at the same time. */
export const CONCURRENT_MAX = 2;

export interface ModelGraphOptions {
  readonly parallelism: number;
  readonly stateBackend: StateBackend;
  readonly dataInlineThresholdBytes: number;
}

export function modelGraph(options: ModelGraphOptions): JobGraph {
  const { parallelism, stateBackend, dataInlineThresholdBytes } = options;
  return {
    id: MODEL_JOB,
    name: 'state model',
    vertices: [vertexOf(parallelism)],
    edges: [],
    checkpoints: {
      ...DEFAULT_CHECKPOINT_CONFIG,
      dataInlineThresholdBytes,
      maxConcurrentCheckpoints: CONCURRENT_MAX,
      tolerableFailedCheckpoints: Number.MAX_SAFE_INTEGER,
      retainedCheckpoints: 2,
    },
    restartStrategy: { kind: 'none' },
    failoverStrategy: 'full',
    stateBackend,
    bufferTimeoutMs: 0,
  };
}

function vertexOf(parallelism: number): JobVertex {
  return {
    id: jobVertexId('model'),
    name: 'model',
    parallelism,
    maxParallelism: MODEL_MAX_PARALLELISM,
    maxParallelismConfigured: true,
    source: undefined,
    sourceOperator: undefined,
    operators: [
      {
        id: operatorId('model'),
        uid: 'model',
        name: 'model',
        keyed: true,
        keySerializer: undefined,
        factory: {
          kind: 'model',
          create: () => {
            throw new InvariantViolation(
              'Cannot run the operator of the model: it takes no records',
            );
          },
        },
      },
    ],
    links: [],
  };
}
