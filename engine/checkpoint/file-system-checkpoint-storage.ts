// Checkpoints in a directory of any store, as the JobManager lays them out, publishes, finds and
// deletes them.
// `_metadata` decides: while it is there the checkpoint is complete, so it is published last and
// deleted first, durably both times. Does not decide what may be deleted.

import { OnceproofError } from '../core/errors.ts';
import type { CheckpointId, JobId } from '../core/ids.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { checkpointDirectory, jobLayout, savepointDirectory } from './checkpoint-layout.ts';
import {
  checkpointOfDirectory,
  checkpointOfSharedFile,
  METADATA_FILE,
} from './checkpoint-names.ts';
import type { CheckpointCoordinatorStorage, StoredCheckpoint } from './checkpoint-storage.ts';
import { checkMetadataContainer } from './metadata-format.ts';
import { isMeantFor } from './metadata-identity.ts';
import { readMetadataFile } from './read-artefact.ts';

/** Flink's number of attempts at a savepoint directory that does not exist. */
const SAVEPOINT_ATTEMPTS_MAX = 10;

export interface FileSystemCheckpointStorageOptions {
  readonly store: ArtefactStore;
  /** Absolute, without a slash at its end; the same for all hosts. */
  readonly baseDirectory: string;
  /** Differs between JobManagers, so that an old one cannot write into a new one's file. */
  readonly fencingToken?: string;
}

export class FileSystemCheckpointStorage implements CheckpointCoordinatorStorage {
  readonly #store: ArtefactStore;
  readonly #base: string;
  readonly #fencingToken: string;

  constructor(options: FileSystemCheckpointStorageOptions) {
    this.#store = options.store;
    this.#base = options.baseDirectory;
    this.#fencingToken = options.fencingToken?.replaceAll(/[^A-Za-z0-9_-]/g, '_') ?? '';
  }

  async initializeBase(job: JobId): Promise<void> {
    const layout = jobLayout(this.#base, job);
    await this.#store.makeDirectory(layout.shared);
    await this.#store.makeDirectory(layout.taskOwned);
  }

  async initializeCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void> {
    await this.#store.makeDirectory(checkpointDirectory(this.#base, job, checkpoint));
  }

  pathOf(place: string): string {
    const path = this.#store.pathOf(place);
    if (path !== undefined) return path.replace(/\/+$/, '');
    throw new OnceproofError('OP-E509', 'Cannot use a checkpoint that lies in another storage', {
      place,
      remedy: `Name a place in ${this.#store.describe(this.#base)}, or configure that storage`,
    });
  }

  async initializeSavepoint(job: JobId, target: string, random: string): Promise<string> {
    const parent = this.pathOf(target);
    for (let attempt = 0; attempt < SAVEPOINT_ATTEMPTS_MAX; attempt++) {
      const suffix = attempt === 0 ? random : `${random}-${attempt}`;
      const directory = savepointDirectory(parent, job, suffix);
      if ((await this.#store.status(directory)) !== undefined) continue;
      await this.#store.makeDirectory(directory);
      return directory;
    }
    throw new OnceproofError('OP-E506', 'Cannot make a savepoint directory: all names are taken', {
      place: target,
      remedy: 'Choose another target directory for savepoints',
    });
  }

  async storeMetadata(options: {
    readonly job: JobId;
    readonly checkpoint: CheckpointId;
    readonly directory: string | undefined;
    readonly bytes: Uint8Array;
  }): Promise<string> {
    const { job, checkpoint, bytes } = options;
    const directory = options.directory ?? checkpointDirectory(this.#base, job, checkpoint);
    checkMetadataContainer(bytes, this.#store.describe(`${directory}/${METADATA_FILE}`));
    // A savepoint's own directory has been made; chk-<N> of a stop-with-savepoint has not.
    if (options.directory === undefined) await this.initializeCheckpoint(job, checkpoint);
    await this.#store.publish(`${directory}/${METADATA_FILE}`, bytes, this.#fencingToken);
    return this.#store.describe(directory);
  }

  confirm(job: JobId, checkpoint: CheckpointId): Promise<void> {
    return this.#store.confirm(this.#metadataPath(job, checkpoint));
  }

  metadataPlace(job: JobId, checkpoint: CheckpointId): string {
    return this.#store.describe(this.#metadataPath(job, checkpoint));
  }

  async listCheckpoints(job: JobId): Promise<readonly StoredCheckpoint[]> {
    const { directory } = jobLayout(this.#base, job);
    const found: StoredCheckpoint[] = [];
    for (const name of await this.#store.list(directory)) {
      const checkpoint = checkpointOfDirectory(name);
      if (checkpoint === undefined) continue;
      const path = `${directory}/${name}`;
      const status = await this.#store.status(`${path}/${METADATA_FILE}`);
      if (status !== undefined) found.push({ checkpoint, pointer: this.#store.describe(path) });
    }
    return found.toSorted((left, right) => left.checkpoint - right.checkpoint);
  }

  async readMetadata(pointer: string): Promise<Uint8Array> {
    const place = this.pathOf(pointer);
    const isFile = place.endsWith(`/${METADATA_FILE}`);
    const path = isFile ? place : `${place}/${METADATA_FILE}`;
    return readMetadataFile(this.#store, path, isMeantFor(path, this.#base));
  }

  async discardCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void> {
    await this.#discardDirectory(checkpointDirectory(this.#base, job, checkpoint));
  }

  async discard(handles: readonly StateHandle[]): Promise<void> {
    const paths = new Set<string>();
    for (const handle of handles) if (handle.kind === 'file') paths.add(handle.path);
    for (const path of paths) await this.#store.remove(path);
  }

  async sweep(
    job: JobId,
    retained: readonly CheckpointId[],
    shared: ReadonlySet<string>,
    begun: CheckpointId,
  ): Promise<void> {
    const layout = jobLayout(this.#base, job);
    for (const name of await this.#store.list(layout.directory)) {
      const checkpoint = checkpointOfDirectory(name);
      const isOrphan =
        checkpoint !== undefined && checkpoint <= begun && !retained.includes(checkpoint);
      if (isOrphan) await this.#discardDirectory(`${layout.directory}/${name}`);
    }
    for (const name of await this.#store.list(layout.shared)) {
      const checkpoint = checkpointOfSharedFile(name);
      const path = `${layout.shared}/${name}`;
      const isOrphan = checkpoint !== undefined && checkpoint <= begun && !shared.has(path);
      if (isOrphan) await this.#store.remove(path);
    }
  }

  /** All that this job has here. Only once it is over and nothing of it is to be kept. */
  async removeJob(job: JobId): Promise<void> {
    const { directory } = jobLayout(this.#base, job);
    for (const { checkpoint } of await this.listCheckpoints(job)) {
      await this.discardCheckpoint(job, checkpoint);
    }
    await this.#store.removeTree(directory);
  }

  #metadataPath(job: JobId, checkpoint: CheckpointId): string {
    return `${checkpointDirectory(this.#base, job, checkpoint)}/${METADATA_FILE}`;
  }

  async #discardDirectory(directory: string): Promise<void> {
    // Durably: otherwise a crash could bring it back, without the files it needs.
    await this.#store.unpublish(`${directory}/${METADATA_FILE}`);
    await this.#store.removeTree(directory);
  }
}
