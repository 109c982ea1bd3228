// Where a program begins and ends: sources, configuration, execute(). It only describes the job; an
// injected executor runs it, so the same program runs embedded, simulated or on a cluster.

import type { CollectionSourceOptions } from '../connector/collection-source.ts';
import { CollectionSource } from '../connector/collection-source.ts';
import { type CsvOptions, type CsvRow, csv } from '../connector/csv.ts';
import { FileSource } from '../connector/file-source.ts';
import { GeneratorSource, type GeneratorSourceOptions } from '../connector/generator-source.ts';
import { jsonLines } from '../connector/json-lines.ts';
import type { Source, SourceSplit } from '../connector/source.ts';
import { OnceproofError } from '../core/errors.ts';
import type { JobId } from '../core/ids.ts';
import type { CheckpointPlace } from '../checkpoint/checkpoint-place.ts';
import type { RestorePlace } from '../checkpoint/restore-place.ts';
import type { CheckpointingMode } from '../graph/checkpoint-config.ts';
import { checkInteger, checkOneOf, invalidValue } from '../graph/config-check.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { buildJobGraph } from '../graph/job-graph-builder.ts';
import {
  DEFAULT_EXPONENTIAL_DELAY,
  type RestartStrategyConfig,
} from '../graph/restart-strategy-config.ts';
import { defaultSettings } from '../graph/transformation.ts';
import { WatermarkOperator } from '../operator/watermark/watermark-operator.ts';
import { WatermarkStrategy } from '../operator/watermark/watermark-strategy.ts';
import { MemoryStateBackend } from '../state/hash-map-state-backend.ts';
import { namedStateBackend, type StateBackendName } from '../state/named-state-backends.ts';
import type { StateBackend } from '../state/state-backend.ts';
import { CheckpointSettings } from './checkpoint-settings.ts';
import { DataStream } from './data-stream.ts';
import type { JobClient, JobExecutionResult } from './job-client.ts';
import type { JobExecutor, RunOptions } from './job-executor.ts';
import { Program } from './program.ts';

export interface EnvironmentOptions {
  /** What execute() hands the job to. Without one the program can only be planned. */
  readonly executor?: JobExecutor;
  /** Of operators that set none. Default 1. */
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  /** Names the job's checkpoints. Default: derived from the job's name. */
  readonly jobId?: JobId;
}

export interface ExecuteOptions extends RunOptions {
  /**
   * Directory or URL of a savepoint, or of a retained checkpoint, to start from. It may lie in
   * another storage than the job's own; a directory then is `file:///...`.
   */
  readonly restoreFrom?: RestorePlace;
  /** Leaves behind state whose operator the job no longer has, rather than refusing. */
  readonly allowNonRestoredState?: boolean;
  /** Goes back behind a damaged checkpoint, and so repeats output, rather than refusing. */
  readonly allowFallback?: boolean;
}

/** Flink's execution.buffer-timeout. */
const DEFAULT_BUFFER_TIMEOUT_MS = 100;

export class StreamExecutionEnvironment {
  readonly #executor: JobExecutor | undefined;
  readonly #jobId: JobId | undefined;
  readonly #program = new Program();
  readonly #checkpoints = new CheckpointSettings();
  #parallelism = 1;
  #maxParallelism: number | undefined;
  #chaining = true;
  #bufferTimeoutMs = DEFAULT_BUFFER_TIMEOUT_MS;
  #restartStrategy: RestartStrategyConfig | undefined;
  #failoverStrategy: 'region' | 'full' = 'region';
  #stateBackend: StateBackend = new MemoryStateBackend();
  #checkpointStorage: CheckpointPlace | undefined;
  #highAvailabilityDirectory: string | undefined;

  private constructor(options: EnvironmentOptions) {
    this.#executor = options.executor;
    this.#jobId = options.jobId;
    if (options.parallelism !== undefined) this.setParallelism(options.parallelism);
    if (options.maxParallelism !== undefined) this.setMaxParallelism(options.maxParallelism);
  }

  static create(options: EnvironmentOptions = {}): StreamExecutionEnvironment {
    return new StreamExecutionEnvironment(options);
  }

  /** Flink's name for create(). */
  static getExecutionEnvironment(options: EnvironmentOptions = {}): StreamExecutionEnvironment {
    return StreamExecutionEnvironment.create(options);
  }

  setParallelism(parallelism: number): this {
    this.#parallelism = checkInteger({ key: 'parallelism.default', value: parallelism, min: 1 });
    return this;
  }

  setMaxParallelism(maxParallelism: number): this {
    const key = 'pipeline.max-parallelism';
    this.#maxParallelism = checkInteger({ key, value: maxParallelism, min: 1, max: 32_768 });
    return this;
  }

  disableOperatorChaining(): this {
    this.#chaining = false;
    return this;
  }

  /** How long records may wait for company before they are sent on. 0: sent at once. */
  setBufferTimeout(timeoutMs: number): this {
    const key = 'execution.buffer-timeout';
    this.#bufferTimeoutMs = checkInteger({ key, value: timeoutMs, min: 0 });
    return this;
  }

  enableCheckpointing(intervalMs: number, mode: CheckpointingMode = 'EXACTLY_ONCE'): this {
    this.#checkpoints.setCheckpointInterval(intervalMs).setCheckpointingMode(mode);
    return this;
  }

  getCheckpointConfig(): CheckpointSettings {
    return this.#checkpoints;
  }

  setRestartStrategy(restartStrategy: RestartStrategyConfig): this {
    this.#restartStrategy = restartStrategy;
    return this;
  }

  setFailoverStrategy(failoverStrategy: 'region' | 'full'): this {
    const key = 'jobmanager.execution.failover-strategy';
    this.#failoverStrategy = checkOneOf(key, failoverStrategy, ['region', 'full']);
    return this;
  }

  setStateBackend(stateBackend: StateBackendName | StateBackend): this {
    this.#stateBackend =
      typeof stateBackend === 'string' ? namedStateBackend(stateBackend) : stateBackend;
    return this;
  }

  /**
   * A directory, a URL (`webhdfs://`, `s3://`, `druid://`), one of these with options, such as
   * `{ place, encryption, replicas }`, or a storage made by hand.
   */
  setCheckpointStorage(place: CheckpointPlace): this {
    if (place === '') {
      throw invalidValue('execution.checkpointing.dir', place, 'the path of a directory, or a URL');
    }
    this.#checkpointStorage = place;
    return this;
  }

  /**
   * Where the JobManager keeps what is its own: leader epoch, result, and who runs the job. Flink's
   * high-availability.storageDir. Default: in the checkpoint directory; `.onceproof-jobs` in the
   * working directory where checkpoints go elsewhere.
   */
  setHighAvailabilityStorage(directory: string): this {
    if (directory === '') {
      throw invalidValue('high-availability.storageDir', directory, 'the path of a directory');
    }
    this.#highAvailabilityDirectory = directory;
    return this;
  }

  fromCollection<T>(
    elements: readonly T[],
    options: Omit<CollectionSourceOptions<T>, 'elements'> = {},
  ): DataStream<T> {
    return this.fromSource(new CollectionSource({ ...options, elements }));
  }

  /** Record i is `generate(i)`, which must depend on nothing else. */
  fromGenerator<T>(options: GeneratorSourceOptions<T>): DataStream<T> {
    return this.fromSource(new GeneratorSource(options));
  }

  readJsonLines<T>(path: string): DataStream<T> {
    return this.fromSource(new FileSource<T>({ path, format: jsonLines<T>() }));
  }

  readCsv<T extends object = CsvRow>(path: string, options: CsvOptions = {}): DataStream<T> {
    return this.fromSource(new FileSource<T>({ path, format: csv<T>(options) }));
  }

  fromSource<T, S extends SourceSplit, C>(
    source: Source<T, S, C>,
    watermarkStrategy: WatermarkStrategy<T> = WatermarkStrategy.noWatermarks(),
    name?: string,
  ): DataStream<T> {
    const strategy = watermarkStrategy as WatermarkStrategy<unknown>;
    const transformation = this.#program.add({
      kind: 'source',
      source,
      watermarks: strategy.isNeeded
        ? { kind: 'watermarks', create: () => new WatermarkOperator(strategy) }
        : undefined,
      settings: { ...defaultSettings(), name },
    });
    return new DataStream(this.#program, transformation);
  }

  /** The plan, checked: everything that can be wrong before anything runs is found here. */
  getJobGraph(name = 'onceproof job'): JobGraph {
    const checkpoints = this.#checkpoints.config;
    const defaultStrategy: RestartStrategyConfig =
      checkpoints === undefined ? { kind: 'none' } : DEFAULT_EXPONENTIAL_DELAY;
    return buildJobGraph(this.#program.transformations, {
      name,
      id: this.#jobId,
      parallelism: this.#parallelism,
      maxParallelism: this.#maxParallelism,
      chaining: this.#chaining,
      checkpoints,
      restartStrategy: this.#restartStrategy ?? defaultStrategy,
      failoverStrategy: this.#failoverStrategy,
      stateBackend: this.#stateBackend,
      bufferTimeoutMs: this.#bufferTimeoutMs,
    });
  }

  /** Resolves when all data has been processed and committed. */
  async execute(name?: string, options: ExecuteOptions = {}): Promise<JobExecutionResult> {
    const client = await this.executeAsync(name, options);
    return client.getJobExecutionResult();
  }

  /** Resolves once the job has been started; it is watched and stopped with the client. */
  async executeAsync(name?: string, options: ExecuteOptions = {}): Promise<JobClient> {
    const graph = this.getJobGraph(name);
    const executor = this.#executor;
    if (executor === undefined) {
      throw new OnceproofError('OP-E315', `Cannot execute job "${graph.name}": no executor`, {
        place: graph.name,
        remedy: 'Create the environment with an executor: { executor }',
      });
    }
    return executor.executeAsync(graph, {
      ...options,
      checkpointStorage: this.#checkpointStorage,
      highAvailabilityDirectory: this.#highAvailabilityDirectory,
      restoreFrom: options.restoreFrom,
      allowNonRestoredState: options.allowNonRestoredState ?? false,
      allowFallback: options.allowFallback ?? false,
    });
  }
}
