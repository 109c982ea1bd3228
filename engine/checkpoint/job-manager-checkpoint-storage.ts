// Checkpoints that travel inside messages: state is inline, in the JobManager's `_metadata`, and so
// limited in size. With a directory of its own the JobManager keeps that file durably, as it keeps
// pointers for high availability; without one, checkpoints die with it.

import { joinBytes } from '../core/bytes.ts';
import { assert } from '../core/assert.ts';
import { crc32c } from '../core/crc32c.ts';
import { OnceproofError } from '../core/errors.ts';
import type { CheckpointId, JobId } from '../core/ids.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type {
  CheckpointCoordinatorStorage,
  CheckpointOutput,
  CheckpointStorage,
  CheckpointStreamFactory,
  CheckpointWorkerStorage,
  StoredCheckpoint,
} from './checkpoint-storage.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { FileSystemCheckpointStorage } from './file-system-checkpoint-storage.ts';
import { checkMetadataContainer } from './metadata-format.ts';
import { readArtefact } from './read-artefact.ts';
import { fencingTokenOf } from './store-checkpoint-storage.ts';

/** Flink's default for one state: it travels in a message and stays in memory. */
export const DEFAULT_MAX_STATE_SIZE_BYTES = 5 * 1024 * 1024;

const POINTER_PREFIX = 'job-manager:';

export interface JobManagerCheckpointStorageOptions {
  /** For savepoints, and for `directory`. */
  readonly filesystem: FileSystem;
  /** Where `_metadata` is kept; undefined = in memory only. */
  readonly directory: string | undefined;
  readonly maxStateSizeBytes?: number;
  readonly fencingToken?: string;
}

export class JobManagerCheckpointStorage
  implements CheckpointCoordinatorStorage, CheckpointWorkerStorage
{
  readonly #store: ArtefactStore;
  readonly #isDurable: boolean;
  /** Without a directory it serves savepoints alone, which have their own. */
  readonly #files: FileSystemCheckpointStorage;
  readonly #maxStateSizeBytes: number;
  readonly #inMemory = new Map<string, Uint8Array>();

  constructor(options: JobManagerCheckpointStorageOptions) {
    const { filesystem, directory, fencingToken } = options;
    this.#store = new FileArtefactStore(filesystem);
    this.#isDurable = directory !== undefined;
    this.#maxStateSizeBytes = options.maxStateSizeBytes ?? DEFAULT_MAX_STATE_SIZE_BYTES;
    const fencing = fencingToken === undefined ? {} : { fencingToken };
    const baseDirectory = directory ?? '/';
    this.#files = new FileSystemCheckpointStorage({
      store: this.#store,
      baseDirectory,
      ...fencing,
    });
  }

  streamsFor(_checkpoint: CheckpointId, directory: string | undefined): CheckpointStreamFactory {
    const isSavepoint = directory !== undefined;
    return { isSavepoint, open: (_scope, hint) => new InlineOutput(hint, this.#maxStateSizeBytes) };
  }

  read(handle: StateHandle): Promise<Uint8Array> {
    return readArtefact(this.#store, handle);
  }

  /** Inline state is never referred to again. */
  isOwn(): boolean {
    return false;
  }

  async initializeBase(job: JobId): Promise<void> {
    if (this.#isDurable) await this.#files.initializeBase(job);
  }

  async initializeCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void> {
    if (this.#isDurable) await this.#files.initializeCheckpoint(job, checkpoint);
  }

  initializeSavepoint(job: JobId, target: string, random: string): Promise<string> {
    return this.#files.initializeSavepoint(job, target, random);
  }

  async storeMetadata(options: {
    readonly job: JobId;
    readonly checkpoint: CheckpointId;
    readonly directory: string | undefined;
    readonly bytes: Uint8Array;
  }): Promise<string> {
    const { job, checkpoint, directory, bytes } = options;
    if (this.#isDurable || directory !== undefined) return this.#files.storeMetadata(options);
    const pointer = pointerOf(job, checkpoint);
    checkMetadataContainer(bytes, pointer);
    this.#inMemory.set(pointer, bytes.slice());
    return pointer;
  }

  async confirm(job: JobId, checkpoint: CheckpointId): Promise<void> {
    if (this.#isDurable) await this.#files.confirm(job, checkpoint);
  }

  pathOf(place: string): string {
    return place.startsWith(POINTER_PREFIX) ? place : this.#files.pathOf(place);
  }

  metadataPlace(job: JobId, checkpoint: CheckpointId): string {
    return this.#isDurable
      ? this.#files.metadataPlace(job, checkpoint)
      : pointerOf(job, checkpoint);
  }

  async listCheckpoints(job: JobId): Promise<readonly StoredCheckpoint[]> {
    if (this.#isDurable) return this.#files.listCheckpoints(job);
    const prefix = `${POINTER_PREFIX}${job}/`;
    const found: StoredCheckpoint[] = [];
    for (const [pointer, bytes] of this.#inMemory) {
      if (!pointer.startsWith(prefix)) continue;
      assert(bytes.length > 0, `Cannot list "${pointer}": it is empty`);
      found.push({ checkpoint: Number(pointer.slice(prefix.length)) as CheckpointId, pointer });
    }
    return found.toSorted((left, right) => left.checkpoint - right.checkpoint);
  }

  async readMetadata(pointer: string): Promise<Uint8Array> {
    if (!pointer.startsWith(POINTER_PREFIX)) return this.#files.readMetadata(pointer);
    const bytes = this.#inMemory.get(pointer);
    if (bytes !== undefined) return bytes.slice();
    throw new OnceproofError('OP-E501', 'Cannot read a checkpoint: the JobManager has none', {
      place: pointer,
      remedy: 'Give the memory backend a directory, so that checkpoints outlive the JobManager',
    });
  }

  async discardCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void> {
    if (this.#isDurable) return this.#files.discardCheckpoint(job, checkpoint);
    this.#inMemory.delete(pointerOf(job, checkpoint));
  }

  /** Inline state goes with its metadata; only a restored savepoint may refer to files. */
  discard(handles: readonly StateHandle[]): Promise<void> {
    return this.#files.discard(handles);
  }

  async removeJob(job: JobId): Promise<void> {
    if (this.#isDurable) return this.#files.removeJob(job);
    for (const { pointer } of await this.listCheckpoints(job)) this.#inMemory.delete(pointer);
  }

  async sweep(
    job: JobId,
    retained: readonly CheckpointId[],
    shared: ReadonlySet<string>,
    begun: CheckpointId,
  ): Promise<void> {
    if (this.#isDurable) await this.#files.sweep(job, retained, shared, begun);
  }
}

/**
 * The storage of MemoryStateBackend: with the JobManager, in its directory if it has one.
 * `maxStateSizeBytes`: of one state, default 5 MiB.
 */
export function jobManagerCheckpointStorage(maxStateSizeBytes?: number): CheckpointStorage {
  return {
    description: 'the JobManager',
    open({ environment, storeDirectory }) {
      const storage = new JobManagerCheckpointStorage({
        filesystem: environment.filesystem,
        directory: storeDirectory === undefined ? undefined : `${storeDirectory}/checkpoints`,
        fencingToken: fencingTokenOf(environment),
        ...(maxStateSizeBytes === undefined ? {} : { maxStateSizeBytes }),
      });
      return { coordinator: storage, worker: storage };
    },
  };
}

class InlineOutput implements CheckpointOutput {
  readonly #hint: string;
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor(hint: string, maxBytes: number) {
    this.#hint = hint;
    this.#maxBytes = maxBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#sizeBytes += bytes.length;
    if (this.#sizeBytes > this.#maxBytes) throw this.#tooLarge();
    this.#pieces.push(bytes.slice());
  }

  async close(): Promise<StateHandle> {
    const bytes = joinBytes(this.#pieces);
    return { kind: 'inline', bytes, sizeBytes: bytes.length, checksum: crc32c(bytes) };
  }

  async discard(): Promise<void> {
    this.#pieces = [];
  }

  #tooLarge(): OnceproofError {
    const message = `Cannot keep a state of more than ${this.#maxBytes} bytes in the JobManager`;
    return new OnceproofError('OP-E406', message, {
      place: this.#hint,
      remedy: 'Use the state backend "fs" or "rocksdb", or raise maxStateSizeBytes',
    });
  }
}

function pointerOf(job: JobId, checkpoint: CheckpointId): string {
  return `${POINTER_PREFIX}${job}/${checkpoint}`;
}
