// Where snapshots live, apart from how working state is kept. The worker side writes and reads
// artefacts, the JobManager side lays out, publishes, finds and deletes checkpoints.

import type { CheckpointId, JobId, OperatorId } from '../core/ids.ts';
import type { Environment } from '../environment/environment.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { Encryption } from './encryption-keys.ts';

/** One artefact being written. Nothing is visible as state before `close` resolved. */
export interface CheckpointOutput {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves once the artefact is durable. */
  close(): Promise<StateHandle>;
  /**
   * Gives up, also after close(): removes what was written, as far as that is possible. Never
   * throws.
   */
  discard(): Promise<void>;
}

/** Opens artefacts of one checkpoint for one subtask. File names are unique per call. */
export interface CheckpointStreamFactory {
  /** Of a savepoint: it must stand on its own, in the format that every backend reads. */
  readonly isSavepoint?: boolean;
  open(scope: 'exclusive' | 'shared', hint: string): CheckpointOutput;
  /** The same, for storages that say with an artefact whose state it is. */
  ofOperator?(operator: OperatorId): CheckpointStreamFactory;
}

/** What a subtask needs of a storage. */
export interface CheckpointWorkerStorage {
  /** `directory`: a savepoint's own directory, or undefined for the job's checkpoint directory. */
  streamsFor(checkpoint: CheckpointId, directory: string | undefined): CheckpointStreamFactory;
  /**
   * The bytes of an artefact, verified: throws OnceproofError OP-E501 (missing), OP-E502
   * (truncated), OP-E503 (checksum), naming the path.
   */
  read(handle: StateHandle): Promise<Uint8Array>;
  /** Whether it lies in this job's own directory, so that later checkpoints may refer to it. */
  isOwn(handle: StateHandle): boolean;
}

/** A stored `_metadata`, located. */
export interface StoredCheckpoint {
  readonly checkpoint: CheckpointId;
  readonly pointer: string;
}

/** What the JobManager needs of a storage. All paths are made durable before promises resolve. */
export interface CheckpointCoordinatorStorage {
  initializeBase(job: JobId): Promise<void>;
  initializeCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void>;
  initializeSavepoint(job: JobId, target: string, random: string): Promise<string>;
  /** A crash leaves no `_metadata` or the whole one. Returns the external pointer. */
  storeMetadata(options: {
    readonly job: JobId;
    readonly checkpoint: CheckpointId;
    readonly directory: string | undefined;
    readonly bytes: Uint8Array;
  }): Promise<string>;
  /**
   * From a place as a user names it, a URL or a path, to the absolute path that handles of its
   * `_metadata` may be relative to. OP-E509 where it lies in another storage.
   */
  pathOf(place: string): string;
  /** Where the checkpoint's `_metadata` is, or would be. */
  metadataPlace(job: JobId, checkpoint: CheckpointId): string;
  /** Checkpoints of this job whose `_metadata` is published, ascending by id. Readable or not. */
  listCheckpoints(job: JobId): Promise<readonly StoredCheckpoint[]>;
  /**
   * Makes durable what may only be visible: whoever published it may have died before its sync. To
   * be called before anything relies on a checkpoint that was found.
   */
  confirm(job: JobId, checkpoint: CheckpointId): Promise<void>;
  /** `pointer`: a checkpoint directory or its `_metadata` file. OP-E501..503, OP-E504 version. */
  readMetadata(pointer: string): Promise<Uint8Array>;
  /** Deletes the `_metadata` first, durably, then the rest of `chk-N/`. Missing files are fine. */
  discardCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void>;
  /** Deletes artefacts. Missing ones are fine. */
  discard(handles: readonly StateHandle[]): Promise<void>;
  /**
   * For hygiene: removes from below this job's directory what no retained checkpoint owns, of
   * checkpoints up to `begun`, the last one that an earlier leader began. Newer ones may be under
   * way, and are left alone.
   */
  sweep(
    job: JobId,
    retained: readonly CheckpointId[],
    shared: ReadonlySet<string>,
    begun: CheckpointId,
  ): Promise<void>;
  /** Everything this job has here. Only once it is over and none of it is to be kept. */
  removeJob(job: JobId): Promise<void>;
}

export interface CheckpointStorageContext {
  readonly environment: Environment;
  readonly job: JobId;
  /** The JobManager's own directory; undefined where it has none. */
  readonly storeDirectory: string | undefined;
  /** Exclusive state smaller than this goes into `_metadata`. */
  readonly dataInlineThresholdBytes: number;
}

export interface CheckpointStorageAccess {
  readonly coordinator: CheckpointCoordinatorStorage;
  readonly worker: CheckpointWorkerStorage;
}

/** Flink's CheckpointStorage: a place, opened anew by every host of every job that uses it. */
export interface CheckpointStorage {
  /** The place as a person names it: a directory or a URL. */
  readonly description: string;
  /** Where savepoints go if nobody says where. */
  readonly savepointDirectory?: string;
  /** Snapshots in other storages that a job starts from are expected to be encrypted so too. */
  readonly encryption?: Encryption;
  open(context: CheckpointStorageContext): CheckpointStorageAccess;
}
