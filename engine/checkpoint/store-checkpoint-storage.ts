// Checkpoints below one directory of an ArtefactStore: of a file system, of HDFS, of a bucket. The
// layout and the rules are the same everywhere; only the store below them differs.

import type { Environment } from '../environment/environment.ts';
import type { ArtefactStore } from './artefact-store.ts';
import type {
  CheckpointStorage,
  CheckpointStorageAccess,
  CheckpointStorageContext,
} from './checkpoint-storage.ts';
import type { Encryption } from './encryption-keys.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { FileSystemCheckpointStorage } from './file-system-checkpoint-storage.ts';
import { FileSystemWorkerStorage } from './file-system-worker-storage.ts';

export interface StoreCheckpointStorageOptions {
  /** The place as a person names it. */
  readonly description: string;
  /** Absolute within the store, without a slash at its end; the same for all hosts. */
  readonly baseDirectory: string;
  /** Called once on every host of every job. */
  readonly open: (environment: Environment) => ArtefactStore;
  /** What the store it opens encrypts with. */
  readonly encryption?: Encryption;
}

export class StoreCheckpointStorage implements CheckpointStorage {
  readonly description: string;
  readonly baseDirectory: string;
  readonly savepointDirectory: string;
  readonly encryption?: Encryption;
  readonly #options: StoreCheckpointStorageOptions;

  constructor(options: StoreCheckpointStorageOptions) {
    this.description = options.description;
    this.baseDirectory = options.baseDirectory;
    this.savepointDirectory = `${options.baseDirectory}/savepoints`;
    if (options.encryption !== undefined) this.encryption = options.encryption;
    this.#options = options;
  }

  /** What lies there, without a job. */
  openStore(environment: Environment): ArtefactStore {
    return this.#options.open(environment);
  }

  open(context: CheckpointStorageContext): CheckpointStorageAccess {
    const { baseDirectory, open } = this.#options;
    const { job, dataInlineThresholdBytes } = context;
    const common = { store: open(context.environment), baseDirectory };
    return {
      coordinator: new FileSystemCheckpointStorage({
        ...common,
        fencingToken: fencingTokenOf(context.environment),
      }),
      worker: new FileSystemWorkerStorage({ ...common, job, dataInlineThresholdBytes }),
    };
  }
}

/** Differs between the lives of JobManagers: an old one must not write into a new one's file. */
export function fencingTokenOf({ random }: Environment): string {
  return random
    .fork('checkpoint-storage')
    .below(2 ** 32)
    .toString(16);
}

/** `directory`: absolute, without a slash at its end; every host must see the same files there. */
export function directoryCheckpointStorage(directory: string): CheckpointStorage {
  return new StoreCheckpointStorage({
    description: directory,
    baseDirectory: directory,
    open: ({ filesystem }) => new FileArtefactStore(filesystem),
  });
}
