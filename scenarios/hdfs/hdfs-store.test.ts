// The engine's store in HDFS against a simulated cluster: the contract of every store.

import { artefactStoreContract } from '../../engine/checkpoint/artefact-store.contract.ts';
import { hdfsBench } from './hdfs-bench.ts';

artefactStoreContract('WebHdfsArtefactStore', async () => {
  const bench = await hdfsBench('00000000000000f1');
  const store = bench.open({ chunkBytes: 1_000_000 });
  await bench.settle(store.makeDirectory('/base'));
  return { store, root: '/base', settle: bench.settle };
});
