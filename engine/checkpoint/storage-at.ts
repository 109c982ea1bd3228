// From where a user wants checkpoints to a CheckpointStorage: by the scheme of its URL, and wrapped
// for encryption and replicas where these are asked for.

import { OnceproofError } from '../core/errors.ts';
import type { CheckpointPlace, StorageClientOptions } from './checkpoint-place.ts';
import type { CheckpointStorage } from './checkpoint-storage.ts';
import { DruidCheckpointStorage } from './druid/druid-checkpoint-storage.ts';
import { WebHdfsArtefactStore } from './hdfs/web-hdfs-artefact-store.ts';
import { parseWebHdfsPlace } from './hdfs/web-hdfs-place.ts';
import { S3ArtefactStore } from './s3/s3-artefact-store.ts';
import { parseS3Url } from './s3/s3-options.ts';
import { securedCheckpointStorage } from './secured-checkpoint-storage.ts';
import { directoryCheckpointStorage, StoreCheckpointStorage } from './store-checkpoint-storage.ts';

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//;

/** Undefined for a plain path. */
export function schemeOf(place: string): string | undefined {
  return SCHEME.exec(place)?.[1];
}

/**
 * OP-E302 for a scheme that nothing here can read; OP-E540, OP-E550, OP-E561, OP-E570 and OP-E577
 * for what is wrong with the rest. `resolvePath`: from a user's path to an absolute one.
 */
export function checkpointStorageAt(
  place: CheckpointPlace,
  resolvePath: (path: string) => string,
): CheckpointStorage {
  if (typeof place === 'string') return plainStorage(place, {}, resolvePath);
  if ('open' in place) return place;
  const { replicas = [], encryption, onRepair } = place;
  const storages = [place.place, ...replicas].map((one) => plainStorage(one, place, resolvePath));
  const [only] = storages;
  if (only !== undefined && storages.length === 1 && encryption === undefined) return only;
  return securedCheckpointStorage(storages, {
    ...(encryption === undefined ? {} : { encryption }),
    ...(onRepair === undefined ? {} : { onRepair }),
  });
}

function plainStorage(
  place: string,
  options: StorageClientOptions,
  resolvePath: (path: string) => string,
): CheckpointStorage {
  switch (schemeOf(place)) {
    case undefined:
      return directoryCheckpointStorage(withoutSlash(resolvePath(place)));
    case 'file':
      return directoryCheckpointStorage(withoutSlash(place.slice('file://'.length)));
    case 'webhdfs':
    case 'swebhdfs':
      return webHdfsStorage(place, options);
    case 's3':
    case 's3a':
      return s3Storage(place, options);
    case 'druid':
      return new DruidCheckpointStorage({ ...options.druid, url: place });
    default:
      throw new OnceproofError('OP-E302', `Cannot keep checkpoints at "${place}"`, {
        place: 'execution.checkpointing.dir',
        remedy: 'Give a directory, or a URL that begins with webhdfs://, s3:// or druid://',
      });
  }
}

function webHdfsStorage(place: string, { webHdfs }: StorageClientOptions): CheckpointStorage {
  const { path, ...cluster } = parseWebHdfsPlace(place);
  return new StoreCheckpointStorage({
    description: withoutQuery(place),
    baseDirectory: path === '/' ? '' : path,
    open: (environment) => new WebHdfsArtefactStore(environment, { ...cluster, ...webHdfs }),
  });
}

/** The root of the store is the prefix. */
function s3Storage(place: string, { s3 = {} }: StorageClientOptions): CheckpointStorage {
  parseS3Url(place);
  return new StoreCheckpointStorage({
    description: place,
    baseDirectory: '',
    open: (environment) => new S3ArtefactStore(place, s3, environment),
  });
}

/** It may hold a delegation token. */
function withoutQuery(place: string): string {
  return place.replace(/\?.*$/, '');
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
