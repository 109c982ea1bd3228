// Encryption at rest for a storage that keeps no files, such as tables: it gets encrypted artefacts
// and encrypted metadata, and shows what it stores without knowing what it is. Handles have the
// sizes and checksums of the encrypted bytes. What such a storage would show of single entries is
// gone; numbers of checkpoints and names of jobs stay readable.

import type { CheckpointId } from '../core/ids.ts';
import { servicesOf } from '../environment/foreign-services.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { ArtefactCipher } from './artefact-cipher.ts';
import type {
  CheckpointCoordinatorStorage,
  CheckpointOutput,
  CheckpointStorage,
  CheckpointStorageAccess,
  CheckpointStorageContext,
  CheckpointStreamFactory,
  CheckpointWorkerStorage,
} from './checkpoint-storage.ts';
import type { Encryption } from './encryption-keys.ts';
import { openEnvelope, sealEnvelope } from './metadata-envelope.ts';

/** Handles say what belongs together, and stand in metadata that is authenticated itself. */
const ARTEFACT = 'artefact';

export class EncryptedCheckpointStorage implements CheckpointStorage {
  readonly description: string;
  readonly savepointDirectory?: string;
  readonly encryption: Encryption;
  readonly #storage: CheckpointStorage;

  constructor(storage: CheckpointStorage, encryption: Encryption) {
    this.description = storage.description;
    if (storage.savepointDirectory !== undefined) {
      this.savepointDirectory = storage.savepointDirectory;
    }
    this.#storage = storage;
    this.encryption = encryption;
  }

  open(context: CheckpointStorageContext): CheckpointStorageAccess {
    const { randomBytes } = servicesOf(context.environment);
    const cipher = new ArtefactCipher({ encryption: this.encryption, randomBytes });
    const { coordinator, worker } = this.#storage.open(context);
    return {
      coordinator: encryptedCoordinator(coordinator, cipher),
      worker: encryptedWorker(worker, cipher),
    };
  }
}

function encryptedCoordinator(
  storage: CheckpointCoordinatorStorage,
  cipher: ArtefactCipher,
): CheckpointCoordinatorStorage {
  return {
    initializeBase: (job) => storage.initializeBase(job),
    initializeCheckpoint: (job, checkpoint) => storage.initializeCheckpoint(job, checkpoint),
    initializeSavepoint: (job, target, random) => storage.initializeSavepoint(job, target, random),
    storeMetadata: async (options) => {
      const bytes = await sealEnvelope(options.bytes, cipher);
      return storage.storeMetadata({ ...options, bytes });
    },
    pathOf: (place) => storage.pathOf(place),
    metadataPlace: (job, checkpoint) => storage.metadataPlace(job, checkpoint),
    listCheckpoints: (job) => storage.listCheckpoints(job),
    confirm: (job, checkpoint) => storage.confirm(job, checkpoint),
    readMetadata: async (pointer) => {
      return openEnvelope(await storage.readMetadata(pointer), pointer, cipher);
    },
    discardCheckpoint: (job, checkpoint) => storage.discardCheckpoint(job, checkpoint),
    discard: (handles) => storage.discard(handles),
    sweep: (job, retained, shared, begun) => storage.sweep(job, retained, shared, begun),
    removeJob: (job) => storage.removeJob(job),
  };
}

function encryptedWorker(
  storage: CheckpointWorkerStorage,
  cipher: ArtefactCipher,
): CheckpointWorkerStorage {
  return {
    streamsFor: (checkpoint: CheckpointId, directory) =>
      encryptedStreams(storage.streamsFor(checkpoint, directory), cipher),
    read: async (handle: StateHandle) => {
      const place = handle.kind === 'file' ? handle.path : 'state inside the checkpoint metadata';
      return cipher.open({ path: ARTEFACT, place }, await storage.read(handle));
    },
    isOwn: (handle) => storage.isOwn(handle),
  };
}

function encryptedStreams(
  streams: CheckpointStreamFactory,
  cipher: ArtefactCipher,
): CheckpointStreamFactory {
  const { isSavepoint } = streams;
  return {
    ...(isSavepoint === undefined ? {} : { isSavepoint }),
    open: (scope, hint) => encryptedOutput(streams.open(scope, hint), cipher),
    ofOperator: (operator) => encryptedStreams(streams.ofOperator?.(operator) ?? streams, cipher),
  };
}

function encryptedOutput(output: CheckpointOutput, cipher: ArtefactCipher): CheckpointOutput {
  // The key is asked for with the first bytes: opening does not wait.
  let sealer: ReturnType<ArtefactCipher['begin']> | undefined;
  const begun = (): ReturnType<ArtefactCipher['begin']> => (sealer ??= cipher.begin(ARTEFACT));
  return {
    write: async (bytes) => {
      const sealed = (await begun()).push(bytes);
      if (sealed.length > 0) await output.write(sealed);
    },
    close: async () => {
      await output.write((await begun()).finish());
      return output.close();
    },
    discard: () => output.discard(),
  };
}
