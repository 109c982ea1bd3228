/**
 * The stream engine: what a job is written with, and what runs it in this process. Importing this
 * needs Node; the rest of the engine does not.
 *
 * @packageDocumentation
 */

import type {
  EnvironmentOptions,
  ExecuteOptions,
  StreamExecutionEnvironment as ExecutionEnvironment,
} from './api/stream-execution-environment.ts';
import { localEnvironment } from './environment/node/local-environment.ts';

// The program.
/** Where a program begins and ends: its sources, its settings, and `execute()`. */
export type StreamExecutionEnvironment = ExecutionEnvironment;
export type { EnvironmentOptions, ExecuteOptions };
/**
 * Makes execution environments. Their jobs run in this process, on its clock, disk and signals,
 * unless the options bring another executor.
 */
export const StreamExecutionEnvironment: {
  /** Flink's name. */
  getExecutionEnvironment(options?: EnvironmentOptions): ExecutionEnvironment;
  create(options?: EnvironmentOptions): ExecutionEnvironment;
} = {
  getExecutionEnvironment: localEnvironment,
  create: localEnvironment,
};
export type { CheckpointSettings } from './api/checkpoint-settings.ts';
export type { BroadcastStream } from './api/broadcast-stream.ts';
export type {
  BroadcastConnectedStream,
  ConnectedStreams,
  DataStream,
  KeyedBroadcastConnectedStream,
  KeyedConnectedStreams,
  KeyedStream,
  WindowedStream,
} from './api/data-stream.ts';
export type {
  JobClient,
  JobExecutionResult,
  JobStatus,
  StopWithSavepointOptions,
} from './api/job-client.ts';
export type {
  ExecutionSettings,
  JobExecutor,
  RunOptions,
} from './api/job-executor.ts';
export { type ExponentialDelayOptions, RestartStrategies } from './api/restart-strategies.ts';
export type { OrFactory, SinkOptions } from './api/operator-factories.ts';
export type {
  CheckpointConfig,
  CheckpointingMode,
  ExternalizedCheckpointRetention,
} from './graph/checkpoint-config.ts';
export type { RestartStrategyConfig } from './graph/restart-strategy-config.ts';
export type { JobEdge, JobGraph, JobVertex } from './graph/job-graph.ts';

// Functions and their state.
export type * from './operator/functions.ts';
export { OutputTag } from './operator/output-tag.ts';
export {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  valueState,
} from './operator/state-descriptors.ts';
export type * from './operator/state-declarations.ts';
export type * from './state/state-descriptor.ts';
export type * from './state/keyed-state.ts';

// Event time and windows.
export {
  type TimestampAssigner,
  type WatermarkGenerator,
  type WatermarkOutput,
  WatermarkStrategy,
} from './operator/watermark/watermark-strategy.ts';
export {
  EventTimeSessionWindows,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  type WindowAssigner,
} from './operator/window/window-assigner.ts';
export type { ProcessWindowFunction, WindowContext } from './operator/window/window-function.ts';
export type { TimeWindow } from './operator/window/time-window.ts';
export { MAX_WATERMARK, NO_TIMESTAMP } from './stream/elements.ts';

// Sources and sinks.
export {
  CallbackSink,
  type CallbackSinkOptions,
  DiscardingSink,
} from './connector/callback-sink.ts';
export { CollectionSource, type CollectionSourceOptions } from './connector/collection-source.ts';
export {
  csv,
  type CsvColumn,
  type CsvOptions,
  type CsvRow,
  type CsvValue,
} from './connector/csv.ts';
export { randomChoice, randomFraction, randomInteger, sequence } from './connector/datagen.ts';
export { FileSink, type FileSinkOptions } from './connector/file-sink.ts';
export {
  FileSource,
  type FileSourceOptions,
  type MalformedRecord,
} from './connector/file-source.ts';
export { GeneratorSource, type GeneratorSourceOptions } from './connector/generator-source.ts';
export { jsonLines } from './connector/json-lines.ts';
export type * from './connector/record-format.ts';
export type * from './connector/sink.ts';
export type * from './connector/source.ts';

// State backends and serializers.
export {
  FsStateBackend,
  HashMapStateBackend,
  MemoryStateBackend,
  type MemoryStateBackendOptions,
} from './state/hash-map-state-backend.ts';
export { STATE_BACKEND_NAMES, type StateBackendName } from './state/named-state-backends.ts';
export { DruidStateBackend, type DruidStateBackendOptions } from './state/druid-state-backend.ts';
export {
  HDFSStateBackend,
  type HDFSStateBackendOptions,
  S3StateBackend,
  type S3StateBackendOptions,
} from './state/remote-state-backends.ts';
export {
  EmbeddedRocksDBStateBackend,
  RocksDBStateBackend,
} from './state/rocksdb/rocksdb-state-backend.ts';
export type { RocksDBOptions } from './state/rocksdb/rocksdb-options.ts';

// Where checkpoints go.
export type * from './checkpoint/artefact-store.ts';
export type {
  CheckpointPlace,
  CheckpointStorageOptions,
  StorageClientOptions,
} from './checkpoint/checkpoint-place.ts';
export type * from './checkpoint/checkpoint-storage.ts';
export type { RestorePlace, RestorePlaceOptions } from './checkpoint/restore-place.ts';
export type { DruidOptions } from './checkpoint/druid/druid-options.ts';
export type { Encryption, EncryptionKey, KeyProvider } from './checkpoint/encryption-keys.ts';
export type { WebHdfsStoreOptions } from './checkpoint/hdfs/web-hdfs-artefact-store.ts';
export type { RepairedArtefact } from './checkpoint/replicated-artefact-store.ts';
export type { S3Options } from './checkpoint/s3/s3-options.ts';
export type { S3Credentials } from './checkpoint/s3/signature-v4.ts';
export type * from './state/state-backend.ts';
export type * from './state/state-handle.ts';
export type { ByteReader } from './stream/byte-reader.ts';
export type { ByteWriter } from './stream/byte-writer.ts';
export { bytesSerializer } from './stream/serializers/bytes-serializer.ts';
export {
  listOf,
  mapOf,
  optionalOf,
  tupleOf,
} from './stream/serializers/container-serializers.ts';
export { genericSerializer, genericSerializerOf } from './stream/serializers/generic-serializer.ts';
export {
  booleanSerializer,
  doubleSerializer,
  intSerializer,
  longSerializer,
  stringSerializer,
} from './stream/serializers/primitive-serializers.ts';
export { structOf } from './stream/serializers/struct-serializer.ts';
export type * from './stream/type-serializer.ts';

// Watching a job.
export type {
  CheckpointProgress,
  JobPhase,
  JobProgress,
  VertexProgress,
} from './runtime/metrics/job-progress.ts';
export {
  type Counter,
  type Gauge,
  type MetricDescription,
  type MetricLabels,
  MetricRegistry,
} from './runtime/metrics/metric-registry.ts';
export type { EngineEvent } from './runtime/observer.ts';

// Running a job elsewhere than on this machine's clock and disk.
export { EmbeddedExecutor, type EmbeddedOptions, type FailureReport } from './runtime/embedded.ts';
export type { LeaseOwner } from './runtime/job/job-lease.ts';
export { embeddedExecutor } from './environment/node/local-environment.ts';
export {
  nodeEnvironment,
  type NodeEnvironmentOptions,
} from './environment/node/node-environment.ts';
export type { Clock, Timer } from './environment/clock.ts';
export type { Environment } from './environment/environment.ts';
export type * from './environment/foreign-services.ts';
export type * from './environment/http-client.ts';
export type * from './environment/key-value-store.ts';
export {
  type FileStatus,
  type FileSystem,
  FileSystemError,
  type FileSystemErrorCode,
} from './environment/filesystem.ts';
export { type Address, address, type Network } from './environment/network.ts';
export type { Random } from './environment/random.ts';

// Errors and ids.
export {
  describeError,
  type ErrorCode,
  OnceproofError,
  type OnceproofErrorOptions,
} from './core/errors.ts';
export { InvariantViolation } from './core/assert.ts';
export {
  type CheckpointId,
  type ExecutionAttemptId,
  type JobId,
  jobId,
  type JobVertexId,
  type OperatorId,
} from './core/ids.ts';

// What signatures above mention.
export type { NumericField } from './api/field-reduce.ts';
export type { CheckpointOutput, CheckpointStreamFactory } from './checkpoint/checkpoint-storage.ts';
export type { FileCommittable } from './connector/file-committer.ts';
export type { IndexedSplit } from './connector/indexed-source.ts';
export type { FileSinkContext } from './connector/file-sink.ts';
export type { FileSplit } from './connector/file-split.ts';
export type { LingeringContext } from './connector/lingering-files.ts';
export type {
  StaticEnumeratorState,
  StaticSplitEnumerator,
} from './connector/static-split-enumerator.ts';
export type { ChainedOperator, ChainLink, Partitioning } from './graph/job-graph.ts';
export type { MapStateOptions, StateOptions } from './operator/state-descriptors.ts';
export type {
  OperatorFactory,
  Output,
  ProcessingTimeService,
  StreamOperator,
  TaskContext,
} from './operator/stream-operator.ts';
