// The operator chain of one task: each operator with its context and states, each edge that leaves
// the vertex with its partition.

import { present } from '../../core/assert.ts';
import type { JobVertex } from '../../graph/job-graph.ts';
import { buildChain, type OperatorChain } from '../../operator/chain/operator-chain.ts';
import { taskContext, type TaskServices } from './task-context.ts';
import type { TaskOutputs } from './task-outputs.ts';
import type { RestoredTask } from './task-restore.ts';

export interface TaskChainOptions {
  readonly vertex: JobVertex;
  readonly restored: RestoredTask;
  readonly services: TaskServices;
  readonly outputs: TaskOutputs;
}

export function buildTaskChain(options: TaskChainOptions): OperatorChain {
  const { vertex, restored, services, outputs } = options;
  return buildChain({
    vertex,
    contexts: vertex.operators.map((operator) =>
      taskContext(
        services,
        operator,
        present(restored.states.get(operator.id), `No state for ${operator.name}`),
      ),
    ),
    outputs: outputs.partitions.map((partition) => ({
      operator: partition.edge.operator,
      tag: partition.edge.tag,
      output: {
        emit: partition.emit,
        emitWatermark: (timestamp) => partition.emitEvent({ kind: 'watermark', timestamp }),
        emitStatus: (idle) => partition.emitEvent({ kind: 'watermark-status', idle }),
      },
    })),
  });
}
