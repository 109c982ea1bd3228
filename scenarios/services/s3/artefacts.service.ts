// Artefacts in a bucket of a real S3 server.

import { artefactStoreContract } from '../../../engine/checkpoint/artefact-store.contract.ts';
import { S3ArtefactStore } from '../../../engine/checkpoint/s3/s3-artefact-store.ts';
import { nodeEnvironment } from '../../../engine/environment/node/node-environment.ts';
import { variableOf } from '../variable.ts';

const PART_BYTES = 5 * 1024 * 1024;
let count = 0;

/** The largest goes up in parts; the server takes no smaller ones. */
artefactStoreContract(
  'S3',
  () => {
    const url = `${variableOf('ONCEPROOF_S3_URL')}/artefacts`;
    const store = new S3ArtefactStore(url, { partBytes: PART_BYTES }, nodeEnvironment());
    const root = `/${process.pid}-${count++}`;
    return Promise.resolve({ store, root, settle: (promise) => promise });
  },
  { largeBytes: 2 * PART_BYTES + 1 },
);
