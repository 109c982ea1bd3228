// Encrypted and replicated artefacts on real files, against the contract that every store has to
// keep: who reads and writes through them sees no difference.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { NodeFileSystem } from '../environment/node/node-filesystem.ts';
import { nodeRandomBytes } from '../environment/node/node-random.ts';
import { ArtefactCipher } from './artefact-cipher.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { type ArtefactBench, artefactStoreContract } from './artefact-store.contract.ts';
import { EncryptedArtefactStore } from './encrypted-artefact-store.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { ReplicatedArtefactStore } from './replicated-artefact-store.ts';

const BYTES = nodeRandomBytes(32);

async function files(t: ExecutionContext): Promise<FileArtefactStore> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return new FileArtefactStore(new NodeFileSystem(directory));
}

async function benchOf(store: ArtefactStore): Promise<ArtefactBench> {
  await store.makeDirectory('/base');
  return { store, root: '/base', settle: (promise) => promise };
}

function encrypted(store: ArtefactStore): ArtefactStore {
  const encryption = { key: () => ({ id: 'k', bytes: BYTES }) };
  const cipher = new ArtefactCipher({ encryption, randomBytes: nodeRandomBytes });
  return new EncryptedArtefactStore(store, cipher);
}

async function replicated(t: ExecutionContext): Promise<ArtefactStore> {
  const first = { store: await files(t), base: '/base' };
  const second = { store: await files(t), base: '/mirror' };
  return new ReplicatedArtefactStore({ replicas: [first, second] });
}

const SMALLER = { largeBytes: 400_000 };

artefactStoreContract('encrypted', async (t) => benchOf(encrypted(await files(t))), SMALLER);
artefactStoreContract('replicated', async (t) => benchOf(await replicated(t)), SMALLER);
artefactStoreContract(
  'encrypted replicas',
  async (t) => benchOf(encrypted(await replicated(t))),
  SMALLER,
);
