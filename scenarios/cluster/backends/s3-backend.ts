// Checkpoints in a bucket of a simulated S3 server, on a host and a disk of its own. Working state
// is on the heap.

import { checkpointStorageAt } from '../../../engine/checkpoint/storage-at.ts';
import { S3ArtefactStore } from '../../../engine/checkpoint/s3/s3-artefact-store.ts';
import type { S3Options } from '../../../engine/checkpoint/s3/s3-options.ts';
import { address } from '../../../engine/environment/network.ts';
import { S3StateBackend } from '../../../engine/state/remote-state-backends.ts';
import { bootS3, ServiceFaults, SimulatedDisk } from '../../../simulator/index.ts';
import type { BackendProfile, BackendStage } from './backend-profile.ts';
import { storeArtefacts } from './store-artefacts.ts';

const HOST = address('s3');
const BUCKET = 'checkpoints';
const PLACE = `s3://${BUCKET}/jobs`;
const KEY = { accessKeyId: 'simulated', secretAccessKey: 'secret' };
/** Less than large artefacts have, so that these go up in parts. */
const PART_BYTES = 8 * 1_024;
/** Few, so that listings have pages. */
const PAGE_SIZE = 5;

const CLIENT: S3Options = {
  endpoint: `http://${HOST}:9000`,
  credentials: KEY,
  partBytes: PART_BYTES,
};

export function openS3({ world }: BackendStage): BackendProfile {
  const disk = new SimulatedDisk({ random: world.random.fork('s3/disk') });
  const faults = new ServiceFaults();
  world.addHost(HOST, {
    disk,
    boot: (environment) =>
      bootS3(
        environment,
        { buckets: [BUCKET], keys: [KEY], minPartBytes: PART_BYTES, pageSize: PAGE_SIZE },
        { port: 9000, faults },
      ),
  });
  return {
    stateBackend: () => new S3StateBackend(),
    checkpointStorage: checkpointStorageAt({ place: PLACE, s3: CLIENT }, (path) => path),
    clients: { s3: CLIENT },
    savepointDirectory: '/savepoints',
    hasLocalDisks: false,
    checkpointTimeFactor: 2,
    readyAfterMs: 0,
    services: [{ address: HOST, disk, faults }],
    artefacts: storeArtefacts({
      world,
      open: (environment) => new S3ArtefactStore(PLACE, CLIENT, environment),
      directory: '/',
      except: ['savepoints'],
    }),
  };
}
