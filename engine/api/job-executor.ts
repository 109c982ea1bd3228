// What runs a job that the API has described: embedded, simulated or on a cluster. Types only; the
// API knows no runtime but what one can watch of it.

import type { CheckpointPlace } from '../checkpoint/checkpoint-place.ts';
import type { RestorePlace } from '../checkpoint/restore-place.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import type { JobProgress } from '../runtime/metrics/job-progress.ts';
import type { MetricRegistry } from '../runtime/metrics/metric-registry.ts';
import type { EngineEvent } from '../runtime/observer.ts';
import type { JobClient } from './job-client.ts';

/** How one run is watched and stopped. What runs the job elsewhere may ignore it. */
export interface RunOptions {
  /** Told from time to time, and once at the end, how far the job is. Must not throw. */
  readonly onProgress?: (progress: JobProgress) => void;
  /** Default 1,000. */
  readonly progressIntervalMs?: number;
  /** Gets the job's numbers: `metrics.toPrometheus()`. */
  readonly metrics?: MetricRegistry;
  /** Told everything that happens, as it happens. Must not throw. */
  readonly onEvent?: (event: EngineEvent) => void;
  /**
   * On SIGINT or SIGTERM take a savepoint before stopping, so that nothing is processed twice.
   * Default: true where there is a checkpoint directory.
   */
  readonly stopWithSavepoint?: boolean;
  /** Default true: SIGINT and SIGTERM stop the job cleanly, a second one ends the process. */
  readonly handleSignals?: boolean;
  /** Default true: what makes the job restart is written to standard error. */
  readonly logFailures?: boolean;
}

/** What concerns one run of a job, not what it computes. */
export interface ExecutionSettings extends RunOptions {
  /** As the user gave it. Undefined: where the state backend says. */
  readonly checkpointStorage: CheckpointPlace | undefined;
  /** As the user wrote it. Undefined: in the checkpoint directory if there is one. */
  readonly highAvailabilityDirectory: string | undefined;
  /** A savepoint, or retained checkpoint, to start from. */
  readonly restoreFrom: RestorePlace | undefined;
  /** State of operators that the job no longer has is left behind rather than refused. */
  readonly allowNonRestoredState: boolean;
  /** Go back behind a damaged checkpoint, and repeat output, instead of refusing. */
  readonly allowFallback: boolean;
}

export interface JobExecutor {
  /** Resolves when the job has been taken on; rejects where it cannot even be started. */
  executeAsync(graph: JobGraph, settings: ExecutionSettings): Promise<JobClient>;
}
