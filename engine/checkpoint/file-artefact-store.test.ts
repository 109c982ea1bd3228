// Artefacts in real directories, against the contract.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { NodeFileSystem } from '../environment/node/node-filesystem.ts';
import { artefactStoreContract } from './artefact-store.contract.ts';
import { FileArtefactStore } from './file-artefact-store.ts';

artefactStoreContract('FileArtefactStore', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const filesystem = new NodeFileSystem(directory);
  await filesystem.makeDirectory('/base');
  return {
    store: new FileArtefactStore(filesystem),
    root: '/base',
    settle: (promise) => promise,
  };
});
