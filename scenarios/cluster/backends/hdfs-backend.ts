// Checkpoints in a simulated HDFS: a pair of NameNodes that take over from each other, and a
// DataNode, on hosts and disks of their own. Working state is on the heap.

import { checkpointStorageAt } from '../../../engine/checkpoint/storage-at.ts';
import { WebHdfsArtefactStore } from '../../../engine/checkpoint/hdfs/web-hdfs-artefact-store.ts';
import { HDFSStateBackend } from '../../../engine/state/remote-state-backends.ts';
import { addHdfs, type HdfsCluster } from '../../../simulator/index.ts';
import { present } from '../../../engine/core/assert.ts';
import type { OpenBackend, ServiceHost } from './backend-profile.ts';
import { storeArtefacts } from './store-artefacts.ts';

const USER = 'flink';
const DIRECTORY = '/checkpoints';
/** Short, or a job would be over before its first checkpoint. */
const SAFE_MODE_MS = 50;
/** The pair has to find out which of them is the active one. */
const READY_AFTER_MS = 3_000;
/** Less than large artefacts have, so that these are sent, and stored, in pieces. */
const CHUNK_BYTES = 16 * 1_024;
const BLOCK_BYTES = 16 * 1_024;

export interface HdfsBackendOptions {
  /** Asked for with every request, if given. */
  readonly delegationToken?: string;
}

/** HDFS that is set up in another way than for scenarios. */
export function hdfsBackend({ delegationToken }: HdfsBackendOptions): OpenBackend {
  const isNamed = delegationToken === undefined;
  const credentials = isNamed ? { user: USER } : { delegationToken };
  const query = isNamed ? `user.name=${USER}` : `delegation=${delegationToken}`;
  return ({ world }) => {
    const hdfs = addHdfs(world, {
      safeModeMs: SAFE_MODE_MS,
      blockSizeBytes: BLOCK_BYTES,
      ...(delegationToken === undefined ? {} : { delegationTokens: [delegationToken] }),
    });
    const hosts = hdfs.urls.map((url) => url.replace('http://', '')).join(',');
    const place = `webhdfs://${hosts}${DIRECTORY}?${query}`;
    const webHdfs = { chunkBytes: CHUNK_BYTES };
    return {
      stateBackend: () => new HDFSStateBackend(),
      checkpointStorage: checkpointStorageAt({ place, webHdfs }, (path) => path),
      clients: { webHdfs: { ...webHdfs, ...credentials } },
      savepointDirectory: '/savepoints',
      hasLocalDisks: false,
      checkpointTimeFactor: 4,
      readyAfterMs: READY_AFTER_MS,
      services: serviceHosts(hdfs),
      artefacts: storeArtefacts({
        world,
        open: (environment) =>
          new WebHdfsArtefactStore(environment, { nameNodes: hdfs.urls, ...credentials }),
        directory: DIRECTORY,
      }),
    };
  };
}

export const openHdfs: OpenBackend = hdfsBackend({});

function serviceHosts({ nameNodes, dataNode, ...hdfs }: HdfsCluster): readonly ServiceHost[] {
  return [...nameNodes, dataNode].map((host) => ({
    address: host,
    disk: host === dataNode ? hdfs.blockDisk : hdfs.editDisk,
    faults: present(hdfs.faults.get(host), `Cannot find the faults of ${host}`),
  }));
}
