// Checkpoints in a directory, as the JobManager lays them out, publishes, finds and deletes them.
// `_metadata` decides: while it is there the checkpoint is complete, so it is published last and
// deleted first, durably both times. Does not decide what may be deleted.

import { OnceproofError } from '../core/errors.ts';
import type { CheckpointId, JobId } from '../core/ids.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { StateHandle } from '../state/state-handle.ts';
import {
  checkpointDirectory,
  jobLayout,
  parentOf,
  savepointDirectory,
} from './checkpoint-layout.ts';
import {
  checkpointOfDirectory,
  checkpointOfSharedFile,
  METADATA_FILE,
} from './checkpoint-names.ts';
import type { CheckpointCoordinatorStorage, StoredCheckpoint } from './checkpoint-storage.ts';
import {
  makeDurableDirectory,
  namesIn,
  publishOnce,
  removeIfThere,
  removeTree,
} from './durable-files.ts';
import { checkMetadataContainer } from './metadata-format.ts';
import { readFile } from './read-artefact.ts';

/** `_metadata` until it is whole. */
const METADATA_IN_PROGRESS = `${METADATA_FILE}.inprogress`;
/** Flink's number of attempts at a savepoint directory that does not exist. */
const SAVEPOINT_ATTEMPTS_MAX = 10;

export interface FileSystemCheckpointStorageOptions {
  readonly filesystem: FileSystem;
  /** Absolute, without a slash at its end; the same for all hosts. */
  readonly baseDirectory: string;
  /** Differs between JobManagers, so that an old one cannot write into a new one's file. */
  readonly fencingToken?: string;
}

export class FileSystemCheckpointStorage implements CheckpointCoordinatorStorage {
  readonly #filesystem: FileSystem;
  readonly #base: string;
  readonly #inProgressName: string;

  constructor(options: FileSystemCheckpointStorageOptions) {
    this.#filesystem = options.filesystem;
    this.#base = options.baseDirectory;
    const token = options.fencingToken?.replaceAll(/[^A-Za-z0-9_-]/g, '_');
    this.#inProgressName =
      token === undefined ? METADATA_IN_PROGRESS : `${METADATA_IN_PROGRESS}.${token}`;
  }

  async initializeBase(job: JobId): Promise<void> {
    const layout = jobLayout(this.#base, job);
    await makeDurableDirectory(this.#filesystem, layout.shared);
    await makeDurableDirectory(this.#filesystem, layout.taskOwned);
  }

  async initializeCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void> {
    const directory = checkpointDirectory(this.#base, job, checkpoint);
    await this.#filesystem.makeDirectory(directory);
    await this.#filesystem.sync(parentOf(directory));
  }

  async initializeSavepoint(job: JobId, target: string, random: string): Promise<string> {
    for (let attempt = 0; attempt < SAVEPOINT_ATTEMPTS_MAX; attempt++) {
      const suffix = attempt === 0 ? random : `${random}-${attempt}`;
      const directory = savepointDirectory(target, job, suffix);
      if ((await this.#filesystem.status(directory)) !== undefined) continue;
      await makeDurableDirectory(this.#filesystem, directory);
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
    checkMetadataContainer(bytes, `${directory}/${METADATA_FILE}`);
    // A savepoint's own directory has been made; chk-<N> of a stop-with-savepoint has not.
    if (options.directory === undefined) await this.initializeCheckpoint(job, checkpoint);
    await publishOnce({
      filesystem: this.#filesystem,
      path: `${directory}/${METADATA_FILE}`,
      inProgress: `${directory}/${this.#inProgressName}`,
      bytes,
    });
    return directory;
  }

  async confirm(job: JobId, checkpoint: CheckpointId): Promise<void> {
    const directory = checkpointDirectory(this.#base, job, checkpoint);
    await this.#filesystem.sync(`${directory}/${METADATA_FILE}`);
    await this.#filesystem.sync(directory);
    await this.#filesystem.sync(jobLayout(this.#base, job).directory);
  }

  metadataPlace(job: JobId, checkpoint: CheckpointId): string {
    return `${checkpointDirectory(this.#base, job, checkpoint)}/${METADATA_FILE}`;
  }

  async listCheckpoints(job: JobId): Promise<readonly StoredCheckpoint[]> {
    const { directory } = jobLayout(this.#base, job);
    const found: StoredCheckpoint[] = [];
    for (const name of await namesIn(this.#filesystem, directory)) {
      const checkpoint = checkpointOfDirectory(name);
      if (checkpoint === undefined) continue;
      const pointer = `${directory}/${name}`;
      const status = await this.#filesystem.status(`${pointer}/${METADATA_FILE}`);
      if (status !== undefined) found.push({ checkpoint, pointer });
    }
    return found.toSorted((left, right) => left.checkpoint - right.checkpoint);
  }

  async readMetadata(pointer: string): Promise<Uint8Array> {
    const isFile = pointer.endsWith(`/${METADATA_FILE}`);
    const path = isFile ? pointer : `${pointer}/${METADATA_FILE}`;
    const bytes = await readFile(this.#filesystem, path);
    checkMetadataContainer(bytes, path);
    return bytes;
  }

  async discardCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void> {
    await this.#discardDirectory(checkpointDirectory(this.#base, job, checkpoint));
  }

  async discard(handles: readonly StateHandle[]): Promise<void> {
    const paths = new Set<string>();
    for (const handle of handles) if (handle.kind === 'file') paths.add(handle.path);
    for (const path of paths) await removeIfThere(this.#filesystem, path);
  }

  /**
   * Spares everything that is newer than the newest retained checkpoint: it may be under way. So
   * where nothing is retained, nothing is removed.
   */
  async sweep(
    job: JobId,
    retained: readonly CheckpointId[],
    shared: ReadonlySet<string>,
  ): Promise<void> {
    const newest = Math.max(0, ...retained);
    const layout = jobLayout(this.#base, job);
    for (const name of await namesIn(this.#filesystem, layout.directory)) {
      const checkpoint = checkpointOfDirectory(name);
      const isOrphan =
        checkpoint !== undefined && checkpoint < newest && !retained.includes(checkpoint);
      if (isOrphan) await this.#discardDirectory(`${layout.directory}/${name}`);
    }
    for (const name of await namesIn(this.#filesystem, layout.shared)) {
      const checkpoint = checkpointOfSharedFile(name);
      const path = `${layout.shared}/${name}`;
      const isOrphan = checkpoint !== undefined && checkpoint <= newest && !shared.has(path);
      if (isOrphan) await removeIfThere(this.#filesystem, path);
    }
  }

  /** All that this job has here. Only once it is over and nothing of it is to be kept. */
  async removeJob(job: JobId): Promise<void> {
    const { directory } = jobLayout(this.#base, job);
    for (const { pointer } of await this.listCheckpoints(job)) {
      await this.#discardDirectory(pointer);
    }
    await removeTree(this.#filesystem, directory);
  }

  async #discardDirectory(directory: string): Promise<void> {
    const wasComplete = await removeIfThere(this.#filesystem, `${directory}/${METADATA_FILE}`);
    // Otherwise a crash could bring it back, without the files it needs.
    if (wasComplete) await this.#filesystem.sync(directory);
    await removeTree(this.#filesystem, directory);
  }
}
