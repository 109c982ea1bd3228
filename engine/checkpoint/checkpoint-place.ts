// Where a user wants checkpoints, as it is written down: a directory, a URL, or a storage made by
// hand; if asked for, encrypted and in several places. Types only.

import type { CheckpointStorage } from './checkpoint-storage.ts';
import type { DruidOptions } from './druid/druid-options.ts';
import type { Encryption } from './encryption-keys.ts';
import type { WebHdfsStoreOptions } from './hdfs/web-hdfs-artefact-store.ts';
import type { RepairedArtefact } from './replicated-artefact-store.ts';
import type { S3Options } from './s3/s3-options.ts';

/** A directory or a URL: `webhdfs://`, `s3://`, `druid://`. */
export type CheckpointPlace = string | CheckpointStorage | CheckpointStorageOptions;

/** What a client of a foreign storage may be told besides its URL. */
export interface StorageClientOptions {
  readonly s3?: S3Options;
  readonly webHdfs?: Omit<WebHdfsStoreOptions, 'nameNodes'>;
  readonly druid?: Omit<DruidOptions, 'url'>;
}

export interface StorageProtection {
  readonly encryption?: Encryption;
  /** Told of every damaged copy that a read has met. */
  readonly onRepair?: (artefact: RepairedArtefact) => void;
}

export interface CheckpointStorageOptions extends StorageClientOptions, StorageProtection {
  readonly place: string;
  /** More places that hold the same: what is damaged in one is read, and mended, from another. */
  readonly replicas?: readonly string[];
}
