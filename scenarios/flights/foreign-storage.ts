// From the URL of a foreign service to checkpoint storage in it: `webhdfs://`, `s3://`, `druid://`.

import type { CheckpointStorage } from '../../engine/checkpoint/checkpoint-storage.ts';
import { druidCheckpointStorage } from '../../engine/checkpoint/druid/druid-checkpoint-storage.ts';
import { WebHdfsArtefactStore } from '../../engine/checkpoint/hdfs/web-hdfs-artefact-store.ts';
import { parseWebHdfsPlace } from '../../engine/checkpoint/hdfs/web-hdfs-place.ts';
import { S3ArtefactStore } from '../../engine/checkpoint/s3/s3-artefact-store.ts';
import { StoreCheckpointStorage } from '../../engine/checkpoint/store-checkpoint-storage.ts';

export function foreignStorage(url: string): CheckpointStorage {
  if (url.startsWith('webhdfs:')) {
    const { path, ...options } = parseWebHdfsPlace(url);
    return new StoreCheckpointStorage({
      description: url,
      baseDirectory: path,
      open: (environment) => new WebHdfsArtefactStore(environment, options),
    });
  }
  if (url.startsWith('s3:')) {
    return new StoreCheckpointStorage({
      description: url,
      baseDirectory: '',
      open: (environment) => new S3ArtefactStore(url, {}, environment),
    });
  }
  return druidCheckpointStorage({ url });
}
