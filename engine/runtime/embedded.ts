// The embedded run mode: JobManager and one TaskManager inside the user's process, on its real
// clock and disk. A process that is killed leaves its checkpoints; executed again, the job goes on
// from the newest one. A job that has finished starts from the beginning when executed again.

import type { JobClient, JobExecutionResult, JobStatus } from '../api/job-client.ts';
import type { ExecutionSettings, JobExecutor } from '../api/job-executor.ts';
import { restorePointOf } from '../checkpoint/restore-place.ts';
import { schemeOf } from '../checkpoint/storage-at.ts';
import { OnceproofError } from '../core/errors.ts';
import type { Environment } from '../environment/environment.ts';
import { FileSystemError } from '../environment/filesystem.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { type ClusterConfig, jobStoreOf } from './cluster.ts';
import { EmbeddedJobClient, statusAfter } from './embedded-client.ts';
import { type EmbeddedPlace, embeddedPlaceOf } from './embedded-place.ts';
import { EmbeddedRun, type RunEnd } from './embedded-run.ts';
import { JobLease, type LeaseOwner } from './job/job-lease.ts';
import { embeddedDirectory, removeLocalDirectory } from './local-directory.ts';
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
  /** On the machine's own disk, for backends that work there. */
  readonly localDirectory?: string;
}

const HEARTBEAT = { intervalMs: 1_000, timeoutMs: 50_000 };
const PROGRESS_INTERVAL_MS = 1_000;

export class EmbeddedExecutor implements JobExecutor {
  readonly #options: EmbeddedOptions;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  async executeAsync(graph: JobGraph, settings: ExecutionSettings): Promise<JobClient> {
    const place = embeddedPlaceOf(graph.stateBackend, settings, (path) => this.#absolute(path));
    const lease = await this.#lease(graph, place.storeDirectory);
    try {
      return await this.#start(graph, settings, { ...place, lease });
    } catch (error) {
      await lease?.release();
      throw error;
    }
  }

  async #start(
    graph: JobGraph,
    settings: ExecutionSettings,
    { lease, ...place }: EmbeddedPlace & { readonly lease: JobLease | undefined },
  ): Promise<JobClient> {
    const local = this.#localDirectory(graph, lease === undefined ? undefined : place);
    const { pointer, ...clients } = this.#restorePoint(settings.restoreFrom);
    const config: ClusterConfig = { ...place, ...local, ...clients, heartbeat: HEARTBEAT };
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
        pointer,
        allowNonRestoredState: settings.allowNonRestoredState,
        allowFallback: settings.allowFallback,
      },
      savepointDirectory: settings.stopWithSavepoint === false ? undefined : place.savepoints,
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
        if (end.lost === undefined && local !== undefined) {
          await removeLocalDirectory(filesystem, local.localDirectory);
        }
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
      savepointDirectory: (named) => this.#resolvePlace(named) ?? place.savepoints,
    });
  }

  /** `leased`: no other process runs the job. */
  #localDirectory(
    { id }: JobGraph,
    leased: EmbeddedPlace | undefined,
  ): { readonly localDirectory: string } | undefined {
    const { localDirectory, environment } = this.#options;
    if (localDirectory === undefined) return undefined;
    const job = leased?.storeDirectory === undefined ? undefined : `${leased.storeDirectory}/${id}`;
    return { localDirectory: embeddedDirectory(localDirectory, job, environment) };
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
        directory: `${directory}/${graph.id}`,
        owner,
        jobName: graph.name,
      });
    } catch (error) {
      throw error instanceof FileSystemError ? unusable(directory, error) : error;
    }
  }

  #absolute(path: string): string {
    return this.#options.resolvePath?.(path) ?? path;
  }

  #restorePoint(
    from: ExecutionSettings['restoreFrom'],
  ): Pick<ClusterConfig, 'savepointClients'> & { readonly pointer: string | undefined } {
    if (from === undefined) return { pointer: undefined };
    const { pointer, clients } = restorePointOf(from, (path) => this.#absolute(path));
    return { pointer, savepointClients: clients };
  }

  /** A URL stays as it is. */
  #resolvePlace(place: string | undefined): string | undefined {
    return place === undefined || schemeOf(place) !== undefined ? place : this.#absolute(place);
  }
}

interface Watch {
  readonly observer: NonNullable<ClusterConfig['observer']>;
  readonly lastError: () => unknown;
  readonly status: () => JobStatus;
}

function unusable(directory: string, cause: FileSystemError): OnceproofError {
  const message = `Cannot use directory "${directory}" for checkpoints: ${cause.message}`;
  return new OnceproofError('OP-E608', message, {
    place: 'execution.checkpointing.dir',
    remedy: 'Give setCheckpointStorage() a directory that this process may write to',
    cause,
  });
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
