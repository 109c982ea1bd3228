// The client of a job that runs in this process. Holds nothing but the run and its result: every
// request goes to the JobManager as a mail. What stops the job resolves once the job has let go of
// its directory, so that it can be executed again at once.

import type {
  JobClient,
  JobExecutionResult,
  JobStatus,
  StopWithSavepointOptions,
} from '../api/job-client.ts';
import type { CompletedCheckpoint } from '../checkpoint/completed-checkpoint.ts';
import type { JobId } from '../core/ids.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import type { EmbeddedRun, RunEnd } from './embedded-run.ts';
import { jobIsOver, noCheckpointing, noSavepointDirectory } from './job/job-request-errors.ts';
import type { EngineEvent } from './observer.ts';

export interface EmbeddedJobClientOptions {
  readonly graph: JobGraph;
  readonly run: EmbeddedRun;
  /** Of the whole run, clean-up included. */
  readonly result: Promise<JobExecutionResult>;
  /** While the run has not ended. */
  readonly status: () => JobStatus;
  /** Where a savepoint goes: the directory named by the user, if any, or the default. */
  readonly savepointDirectory: (named: string | undefined) => string | undefined;
}

export class EmbeddedJobClient implements JobClient {
  readonly jobId: JobId;
  readonly #options: EmbeddedJobClientOptions;

  constructor(options: EmbeddedJobClientOptions) {
    this.#options = options;
    this.jobId = options.graph.id;
    // Nobody has to ask for the result, so a failed job nobody asks about is no unhandled error.
    options.result.catch(() => {});
  }

  getJobStatus(): JobStatus {
    const { run, status } = this.#options;
    return run.ended === undefined ? status() : statusAtEnd(run.ended);
  }

  async triggerSavepoint(directory?: string): Promise<string> {
    const { pointer } = await this.#savepoint('no', directory);
    return pointer;
  }

  async stopWithSavepoint(options: StopWithSavepointOptions): Promise<string> {
    const { advanceToEndOfEventTime, directory } = options;
    const stop = advanceToEndOfEventTime ? 'drain' : 'suspend';
    const { pointer } = await this.#savepoint(stop, directory);
    const failure = await this.#failureInTheEnd();
    const status = this.getJobStatus();
    if (status === 'FINISHED' || status === 'SUSPENDED') return pointer;
    const outcome = `it is ${status.toLowerCase()}, though savepoint "${pointer}" is complete`;
    throw jobIsOver(this.#options.graph.name, outcome, failure);
  }

  async triggerCheckpoint(): Promise<number> {
    const { id } = await this.#options.run.triggerCheckpoint({ kind: 'manual' });
    return id;
  }

  async cancel(): Promise<void> {
    const { graph, run, result } = this.#options;
    if (run.ended === undefined) {
      run.cancel();
      const { state } = await result;
      if (state === 'canceled') return;
    }
    throw jobIsOver(graph.name, `it is ${this.getJobStatus().toLowerCase()}`);
  }

  getJobExecutionResult(): Promise<JobExecutionResult> {
    return this.#options.result;
  }

  async #failureInTheEnd(): Promise<unknown> {
    try {
      await this.#options.result;
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #savepoint(
    stop: 'no' | 'suspend' | 'drain',
    directory: string | undefined,
  ): Promise<CompletedCheckpoint> {
    const { graph, run, savepointDirectory } = this.#options;
    const target = savepointDirectory(directory);
    // What stands in the way of any savepoint comes before what is wrong with this one.
    if (run.ended === undefined && target === undefined) {
      if (graph.checkpoints === undefined) throw noCheckpointing(graph.name);
      throw noSavepointDirectory(graph.name);
    }
    return run.triggerCheckpoint({ kind: 'savepoint', target: target ?? '', stop });
  }
}

/** Undefined: as it was. */
export function statusAfter(event: EngineEvent): JobStatus | undefined {
  switch (event.kind) {
    case 'job-running':
      return 'RUNNING';
    case 'job-restarting':
      return 'RESTARTING';
    case 'job-finished':
      return 'FINISHED';
    case 'job-failed':
      return 'FAILED';
    case 'job-canceled':
      return 'CANCELED';
    default:
      return undefined;
  }
}

const FINAL_STATUS = {
  finished: 'FINISHED',
  failed: 'FAILED',
  canceled: 'CANCELED',
  suspended: 'SUSPENDED',
} as const satisfies Record<RunEnd['result']['state'], JobStatus>;

function statusAtEnd({ result }: RunEnd): JobStatus {
  return FINAL_STATUS[result.state];
}
