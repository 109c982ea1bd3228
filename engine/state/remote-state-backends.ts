// The presets whose checkpoints leave the machine: HDFS and S3. Their working state is on the heap,
// unless another backend is given to keep it.

import type { CheckpointPlace, StorageClientOptions } from '../checkpoint/checkpoint-place.ts';
import { HashMapStateBackend } from './hash-map-state-backend.ts';
import type { KeyedStateBackend, KeyedStateBackendOptions, StateBackend } from './state-backend.ts';

export interface HDFSStateBackendOptions {
  /** `webhdfs://namenode:9870[,namenode:9870]/path?user.name=flink`. Default: that of the job. */
  readonly url?: string;
  readonly webHdfs?: StorageClientOptions['webHdfs'];
  /** Keeps the working state, such as a RocksDBStateBackend. Default: the heap. */
  readonly workingState?: StateBackend;
}

export interface S3StateBackendOptions {
  /** `s3://bucket/prefix`. Default: that of the job. */
  readonly url?: string;
  readonly s3?: StorageClientOptions['s3'];
  /** Keeps the working state, such as a RocksDBStateBackend. Default: the heap. */
  readonly workingState?: StateBackend;
}

/** Checkpoints go to HDFS over WebHDFS. */
export class HDFSStateBackend implements StateBackend {
  readonly name = 'hdfs';
  readonly checkpointStorage?: CheckpointPlace;
  readonly #workingState: StateBackend;

  constructor({ url, webHdfs, workingState }: HDFSStateBackendOptions = {}) {
    if (url !== undefined) {
      this.checkpointStorage = webHdfs === undefined ? url : { place: url, webHdfs };
    }
    this.#workingState = workingState ?? new HashMapStateBackend('hdfs');
  }

  createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    return this.#workingState.createKeyedStateBackend(options);
  }
}

/** Checkpoints go to a bucket of any server that speaks S3. */
export class S3StateBackend implements StateBackend {
  readonly name = 's3';
  readonly checkpointStorage?: CheckpointPlace;
  readonly #workingState: StateBackend;

  constructor({ url, s3, workingState }: S3StateBackendOptions = {}) {
    if (url !== undefined) this.checkpointStorage = s3 === undefined ? url : { place: url, s3 };
    this.#workingState = workingState ?? new HashMapStateBackend('s3');
  }

  createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    return this.#workingState.createKeyedStateBackend(options);
  }
}
