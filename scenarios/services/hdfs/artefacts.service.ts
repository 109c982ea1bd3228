// Artefacts in a real HDFS.

import { artefactStoreContract } from '../../../engine/checkpoint/artefact-store.contract.ts';
import { WebHdfsArtefactStore } from '../../../engine/checkpoint/hdfs/web-hdfs-artefact-store.ts';
import { parseWebHdfsPlace } from '../../../engine/checkpoint/hdfs/web-hdfs-place.ts';
import { nodeEnvironment } from '../../../engine/environment/node/node-environment.ts';
import { variableOf } from '../variable.ts';

const { nameNodes } = parseWebHdfsPlace(variableOf('ONCEPROOF_HDFS_URL'));
let count = 0;

artefactStoreContract('HDFS', async () => {
  const options = { nameNodes, user: 'onceproof' };
  const store = new WebHdfsArtefactStore(nodeEnvironment(), options);
  const root = `/artefacts/${process.pid}-${count++}`;
  await store.makeDirectory(root);
  return { store, root, settle: (promise) => promise };
});
