// The embedded run mode: JobManager and one TaskManager inside the user's process, on its real
// clock and disk. A process that is killed leaves its checkpoints; executed again, the job goes on
// from the newest one. A job that has finished starts from the beginning when executed again.

import type { JobClient, JobExecutionResult, JobStatus } from '../api/job-client.ts';
import type { ExecutionSettings, JobExecutor } from '../api/job-executor.ts';
import { OnceproofError } from '../core/errors.ts';
import type { Environment } from '../environment/environment.ts';
import { FileSystemError } from '../environment/filesystem.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { type ClusterConfig, jobStoreOf } from './cluster.ts';
import { EmbeddedJobClient, statusAfter } from './embedded-client.ts';
import { EmbeddedRun, type RunEnd } from './embedded-run.ts';
import { JobLease, type LeaseOwner } from './job/job-lease.ts';
import { registerJobMetrics } from './metrics/job-metrics.ts';
import { JobTracker } from './metrics/job-tracker.ts';
import type { EngineEvent } from './observer.ts';

/** A failure after which the job goes on by itself. */
export interface FailureReport {
  readonly jobName: string;
  readonly cause: string;
  /** What was thrown, if that is still at hand. */
  readonly error: unknown;
  /** How often in a row the job has now failed with this cause. */
  readonly repeated: number;
  readonly restartInMs: number;
  /** Undefined: from the beginning. */
  readonly fromCheckpoint: number | undefined;
}

export interface EmbeddedOptions {
  readonly environment: Environment;
  /** Keeps two processes from running one job. Without it nothing does. */
  readonly owner?: LeaseOwner;
  /** Calls back when the user asks to stop; returns how to stop listening. */
  readonly onStopRequested?: (stop: () => void) => () => void;
  readonly reportFailure?: (report: FailureReport) => void;
  /** From a path as the user wrote it to an absolute one. */
  readonly resolvePath?: (path: string) => string;
}

const HEARTBEAT = { intervalMs: 1_000, timeoutMs: 50_000 };
const PROGRESS_INTERVAL_MS = 1_000;

export class EmbeddedExecutor implements JobExecutor {
  readonly #options: EmbeddedOptions;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  async executeAsync(graph: JobGraph, settings: ExecutionSettings): Promise<JobClient> {
    const directory = this.#resolve(settings.checkpointDirectory);
    const lease = await this.#lease(graph, directory);
    try {
      return await this.#start(graph, settings, { directory, lease });
    } catch (error) {
      await lease?.release();
      throw error;
    }
  }

  async #start(
    graph: JobGraph,
    settings: ExecutionSettings,
    { directory, lease }: Place,
  ): Promise<JobClient> {
    const config = configOf(directory);
    const { clock, filesystem } = this.#options.environment;
    const store = jobStoreOf(this.#options.environment, config, graph);
    // An earlier failure is no result that binds: the user has come back to try again.
    const earlier = await store.result();
    if (earlier?.state === 'failed') await store.clearResult();
    const tracker = new JobTracker(graph, clock);
    if (settings.metrics !== undefined) {
      registerJobMetrics(settings.metrics, () => tracker.progress());
    }
    const watch = this.#watch(graph, settings, tracker);
    const run = new EmbeddedRun({
      environment: {
        ...this.#options.environment,
        filesystem: lease?.guard(filesystem) ?? filesystem,
      },
      graph,
      config: { ...config, observer: watch.observer },
      restore: {
        pointer: this.#resolve(settings.restoreFrom),
        allowNonRestoredState: settings.allowNonRestoredState,
        allowFallback: settings.allowFallback,
      },
      savepointDirectory:
        settings.stopWithSavepoint === false ? undefined : savepointsIn(directory),
    });
    const stopProgress = this.#startProgress(settings, tracker);
    const stopListening = this.#listen(run, settings);
    lease?.keep((error) => run.abandon(error));
    const finish = async (): Promise<JobExecutionResult> => {
      try {
        const end = await run.end();
        stopListening?.();
        stopProgress();
        // From here on the same program is a new run.
        if (end.lost === undefined) await store.clearResult();
        return resultOf(graph, end, watch.lastError());
      } finally {
        await lease?.release();
      }
    };
    return new EmbeddedJobClient({
      graph,
      run,
      result: finish(),
      status: watch.status,
      savepointDirectory: (named) => this.#resolve(named) ?? savepointsIn(directory),
    });
  }

  #watch(graph: JobGraph, settings: ExecutionSettings, tracker: JobTracker): Watch {
    const report = settings.logFailures === false ? undefined : this.#options.reportFailure;
    let status: JobStatus = 'INITIALIZING';
    let lastError: { readonly error: unknown } | undefined;
    let restored: number | undefined;
    let cause = '';
    let repeated = 0;
    const observe = (event: EngineEvent): void => {
      tracker.observe(event);
      status = statusAfter(event) ?? status;
      settings.onEvent?.(event);
      if (event.kind === 'job-restoring') restored = event.checkpoint;
      if (event.kind === 'job-failing') {
        repeated = event.cause === cause ? repeated + 1 : 1;
        cause = event.cause;
      }
      if (event.kind !== 'job-restarting') return;
      const { lastCheckpoint } = tracker.progress();
      report?.({
        jobName: graph.name,
        cause,
        error: lastError?.error,
        repeated,
        restartInMs: event.delayMs,
        fromCheckpoint: lastCheckpoint?.id ?? restored,
      });
    };
    const taskFailed = (_attempt: string, error: unknown): void => void (lastError = { error });
    return {
      observer: { observe, taskFailed, stateDigests: false },
      lastError: () => lastError?.error,
      status: () => status,
    };
  }

  #startProgress(settings: ExecutionSettings, tracker: JobTracker): () => void {
    const { onProgress, progressIntervalMs = PROGRESS_INTERVAL_MS } = settings;
    if (onProgress === undefined) return () => {};
    const { clock } = this.#options.environment;
    const tick = (): void => {
      onProgress(tracker.progress());
      timer = clock.schedule(progressIntervalMs, tick);
    };
    let timer = clock.schedule(progressIntervalMs, tick);
    return () => {
      timer.cancel();
      onProgress(tracker.progress());
    };
  }

  #listen(run: EmbeddedRun, settings: ExecutionSettings): (() => void) | undefined {
    if (settings.handleSignals === false) return undefined;
    return this.#options.onStopRequested?.(() => run.stop());
  }

  async #lease(graph: JobGraph, directory: string | undefined): Promise<JobLease | undefined> {
    const { owner, environment } = this.#options;
    if (owner === undefined || directory === undefined) return undefined;
    try {
      return await JobLease.acquire({
        filesystem: environment.filesystem,
        clock: environment.clock,
        directory: `${storeDirectoryOf(directory)}/${graph.id}`,
        owner,
        jobName: graph.name,
      });
    } catch (error) {
      throw error instanceof FileSystemError ? unusable(directory, error) : error;
    }
  }

  #resolve(path: string | undefined): string | undefined {
    if (path === undefined) return undefined;
    return this.#options.resolvePath?.(path) ?? path;
  }
}

interface Place {
  readonly directory: string | undefined;
  readonly lease: JobLease | undefined;
}

interface Watch {
  readonly observer: NonNullable<ClusterConfig['observer']>;
  readonly lastError: () => unknown;
  readonly status: () => JobStatus;
}

function unusable(directory: string, cause: FileSystemError): OnceproofError {
  const message = `Cannot use checkpoint directory "${directory}": ${cause.message}`;
  return new OnceproofError('OP-E608', message, {
    place: 'execution.checkpointing.dir',
    remedy: 'Give setCheckpointStorage() a directory that this process may write to',
    cause,
  });
}

function configOf(directory: string | undefined): ClusterConfig {
  return {
    checkpointDirectory: directory,
    storeDirectory: directory === undefined ? undefined : storeDirectoryOf(directory),
    heartbeat: HEARTBEAT,
  };
}

function storeDirectoryOf(directory: string): string {
  return `${directory}/job-manager`;
}

function savepointsIn(directory: string | undefined): string | undefined {
  return directory === undefined ? undefined : `${directory}/savepoints`;
}

function resultOf(graph: JobGraph, end: RunEnd, error: unknown): JobExecutionResult {
  if (end.lost !== undefined) throw end.lost;
  const { savepoint } = end;
  const { state } = end.result;
  if (state === 'failed') throw failureOf(graph, end, error);
  return {
    jobId: graph.id,
    jobName: graph.name,
    state,
    ...(savepoint === undefined ? {} : { savepoint }),
  };
}

function failureOf({ name }: JobGraph, { result, cause }: RunEnd, error: unknown): OnceproofError {
  const code = (cause?.code ?? 'OP-E600') as OnceproofError['code'];
  const reason = cause?.summary ?? cause?.message ?? result.cause ?? 'unknown';
  const { place = name, remedy } = cause ?? {};
  return new OnceproofError(code, `Job "${name}" failed: ${reason}`, {
    place,
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
