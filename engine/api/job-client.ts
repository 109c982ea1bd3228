// A running job, in the hands of who started it: Flink's JobClient. Every request goes to the
// JobManager as a message; a request to a job that is over is refused. Types only.

import type { JobId } from '../core/ids.ts';

/**
 * `SUSPENDED`: stopped so that it can be resumed, or taken over by another process. `RESTARTING`
 * lasts until all tasks run again.
 */
export type JobStatus =
  | 'INITIALIZING'
  | 'RUNNING'
  | 'RESTARTING'
  | 'FINISHED'
  | 'FAILED'
  | 'CANCELED'
  | 'SUSPENDED';

export interface JobExecutionResult {
  readonly jobId: JobId;
  readonly jobName: string;
  /** 'suspended': stopped on request; executed again, it goes on from there. */
  readonly state: 'finished' | 'canceled' | 'suspended';
  /** Where the savepoint is that it was stopped with. */
  readonly savepoint?: string;
}

export interface StopWithSavepointOptions {
  /**
   * True drains the job: all windows and event-time timers fire, and it is finished. False suspends
   * it: executed again, it goes on from the savepoint.
   */
  readonly advanceToEndOfEventTime: boolean;
  /** Gets the savepoint's own directory. Default: `<checkpoint directory>/savepoints`. */
  readonly directory?: string;
}

/**
 * Requests reject with an OnceproofError: OP-E520 without checkpointing, OP-E521 where the
 * checkpoint did not complete, OP-E522 without a directory, OP-E609 where the job is over.
 */
export interface JobClient {
  readonly jobId: JobId;
  getJobStatus(): JobStatus;
  /**
   * Resolves with the path of a durable savepoint, which is yours: nobody else deletes it. The job
   * goes on, and output is not committed by it. `directory` as in StopWithSavepointOptions.
   */
  triggerSavepoint(directory?: string): Promise<string>;
  /**
   * Resolves with the path of the savepoint once the job has ended. All output up to the savepoint
   * is committed then, unless a task failed at the very end of a suspended job: resuming commits
   * it. Where no savepoint can be taken, the job goes on.
   */
  stopWithSavepoint(options: StopWithSavepointOptions): Promise<string>;
  /** Resolves with the id of a completed checkpoint, out of turn. */
  triggerCheckpoint(): Promise<number>;
  /** Resolves once the job is canceled; what it has not committed is gone. */
  cancel(): Promise<void>;
  /** Resolves when the job has ended; rejects when it has failed for good. */
  getJobExecutionResult(): Promise<JobExecutionResult>;
}
