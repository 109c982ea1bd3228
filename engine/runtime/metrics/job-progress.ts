// How far a job is: what progress displays show. Types only.

export type JobPhase = 'starting' | 'running' | 'restarting' | 'ended';

export interface VertexProgress {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  /** Taken from its inputs or its source. After a restart what is processed again counts again. */
  readonly recordsIn: number;
  /** Handed to other vertices. */
  readonly recordsOut: number;
  /** The least of its subtasks; undefined while one has none, and for sources. */
  readonly watermark: number | undefined;
}

export interface CheckpointProgress {
  readonly id: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly pointer: string;
}

export interface JobProgress {
  readonly jobName: string;
  readonly phase: JobPhase;
  readonly elapsedMs: number;
  readonly vertices: readonly VertexProgress[];
  readonly checkpointsCompleted: number;
  readonly checkpointsAborted: number;
  readonly lastCheckpoint: CheckpointProgress | undefined;
  /** How often tasks were started again after a failure. */
  readonly restarts: number;
  /** Why the job failed last, if it did. */
  readonly lastFailure: string | undefined;
}
