// Branded identifiers: a plain string or number cannot be passed where one of these is meant.

/** Strictly increasing across JobManager failovers, from 1; gaps are normal. */
export type CheckpointId = number & { readonly brand: 'CheckpointId' };
/**
 * Stable across restarts and versions of a job: hash of the uid, or of the place in the topology.
 */
export type OperatorId = string & { readonly brand: 'OperatorId' };
export type JobVertexId = string & { readonly brand: 'JobVertexId' };
export type JobId = string & { readonly brand: 'JobId' };
/** One attempt of one subtask: `<vertex>:<subtask>#<attempt>@<leader epoch>`, never reused. */
export type ExecutionAttemptId = string & { readonly brand: 'ExecutionAttemptId' };

export function checkpointId(value: number): CheckpointId {
  return value as CheckpointId;
}

export function operatorId(value: string): OperatorId {
  return value as OperatorId;
}

export function jobVertexId(value: string): JobVertexId {
  return value as JobVertexId;
}

export function jobId(value: string): JobId {
  return value as JobId;
}

export function executionAttemptId(value: string): ExecutionAttemptId {
  return value as ExecutionAttemptId;
}
