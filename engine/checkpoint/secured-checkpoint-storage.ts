// A checkpoint storage made of others: the same files in several places, and encrypted, as the user
// asks. Encryption is outermost: a copy is compared and repaired without any key.

import { OnceproofError } from '../core/errors.ts';
import type { Environment } from '../environment/environment.ts';
import { servicesOf } from '../environment/foreign-services.ts';
import { ArtefactCipher } from './artefact-cipher.ts';
import type { ArtefactStore } from './artefact-store.ts';
import type { StorageProtection } from './checkpoint-place.ts';
import type { CheckpointStorage } from './checkpoint-storage.ts';
import { EncryptedArtefactStore } from './encrypted-artefact-store.ts';
import { EncryptedCheckpointStorage } from './encrypted-checkpoint-storage.ts';
import type { Encryption } from './encryption-keys.ts';
import { ReplicatedArtefactStore } from './replicated-artefact-store.ts';
import { StoreCheckpointStorage } from './store-checkpoint-storage.ts';

/**
 * `storages`: the first decides what is published, the others hold the same. OP-E577 where one of
 * several keeps no files, or two are the same place.
 */
export function securedCheckpointStorage(
  storages: readonly CheckpointStorage[],
  protection: StorageProtection = {},
): CheckpointStorage {
  const { encryption, onRepair } = protection;
  // A mistake in it is to be told at once, not with the first checkpoint.
  if (encryption !== undefined) checkEncryption(encryption);
  const [only] = storages;
  if (only !== undefined && storages.length === 1 && !(only instanceof StoreCheckpointStorage)) {
    return encryption === undefined ? only : new EncryptedCheckpointStorage(only, encryption);
  }
  const stores = storages.map(requireFiles);
  const [first, second, ...others] = stores;
  if (first === undefined) throw unusable('none is given', 'replicas');
  const places = new Set(stores.map(({ description }) => description));
  if (places.size < stores.length) throw unusable('one place is given twice', first.description);
  return new StoreCheckpointStorage({
    description: first.description,
    baseDirectory: first.baseDirectory,
    ...(encryption === undefined ? {} : { encryption }),
    open: (environment) => {
      const opened = first.openStore(environment);
      if (second === undefined) return encrypted(opened, encryption, environment);
      const replicated = new ReplicatedArtefactStore({
        replicas: [
          { store: opened, base: first.baseDirectory },
          replicaOf(second, environment),
          ...others.map((other) => replicaOf(other, environment)),
        ],
        ...(onRepair === undefined ? {} : { onRepair }),
      });
      return encrypted(replicated, encryption, environment);
    },
  });
}

/** What a store of encrypted artefacts shows; the store itself without encryption. */
export function encrypted(
  store: ArtefactStore,
  encryption: Encryption | undefined,
  environment: Environment,
): ArtefactStore {
  if (encryption === undefined) return store;
  const { randomBytes } = servicesOf(environment);
  return new EncryptedArtefactStore(store, new ArtefactCipher({ encryption, randomBytes }));
}

function replicaOf(
  storage: StoreCheckpointStorage,
  environment: Environment,
): { readonly store: ArtefactStore; readonly base: string } {
  return { store: storage.openStore(environment), base: storage.baseDirectory };
}

function requireFiles(storage: CheckpointStorage): StoreCheckpointStorage {
  if (storage instanceof StoreCheckpointStorage) return storage;
  throw unusable('it keeps no files', storage.description);
}

function checkEncryption(encryption: Encryption): void {
  const { key } = encryption;
  const isUsable = typeof key === 'function' || typeof key?.current === 'function';
  if (!isUsable) {
    throw new OnceproofError('OP-E570', 'Cannot use the encryption: it has no key provider', {
      place: 'encryption.key',
      remedy: 'Give a function that returns { id, bytes }, or { current, byId }',
    });
  }
}

function unusable(problem: string, place: string): OnceproofError {
  return new OnceproofError('OP-E577', `Cannot use these checkpoint storages: ${problem}`, {
    place,
    remedy: 'Give directories, webhdfs:// or s3:// places, each of them once',
  });
}
