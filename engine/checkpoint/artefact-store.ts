// Where the artefacts of checkpoints lie: a directory, HDFS, a bucket. Files are written once and
// never changed. Paths are absolute within the store, as in a FileSystem. Whatever keeps a store
// from answering is a FileSystemError: 'EIO' where it cannot be reached, 'EACCES', 'ENOSPC' and so
// on where it says so; nothing is known then. Stores retry by themselves what may be retried.

import type { FileStatus } from '../environment/filesystem.ts';

/** One artefact on its way. Nothing shows under its path before close() resolved. */
export interface ArtefactWriter {
  /** `bytes` may be reused once this has resolved. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves once bytes and name are durable. EEXIST if the path was taken meanwhile. */
  close(): Promise<void>;
  /** Removes what was written, as far as that works. Never rejects. */
  abort(): Promise<void>;
}

export interface ArtefactStore {
  /** A path as a person finds it: `webhdfs://namenode:9870/checkpoints/...`. */
  describe(path: string): string;
  /** From what describe() gave, or a path, to a path; undefined for what lies elsewhere. */
  pathOf(place: string): string | undefined;
  /** EEXIST if the path is taken, here or on close(). The parent exists. */
  create(path: string): Promise<ArtefactWriter>;
  /**
   * Makes the whole bytes visible under a name that is written once, durably: a crash leaves none
   * or all. The same bytes again are fine. OP-E507 if these bytes are certainly not published
   * (others are: another JobManager was here); any other error leaves that open.
   * `fencingToken` differs between JobManagers and tells their temporary names apart.
   */
  publish(path: string, bytes: Uint8Array, fencingToken: string): Promise<void>;
  /** Of a file that may only be visible so far: makes it, and its name, durable. ENOENT. */
  confirm(path: string): Promise<void>;
  /** The whole file, or `length` bytes from `offset`. ENOENT. */
  read(path: string, offset?: number, length?: number): Promise<Uint8Array>;
  /**
   * Of a store with several copies: what `check` makes of the first whole file that it does not
   * throw OP-E501..503 for. Absent where there is one copy only. See readChecked().
   */
  readChecked?<T>(path: string, check: (bytes: Uint8Array) => T | Promise<T>): Promise<T>;
  status(path: string): Promise<FileStatus | undefined>;
  /** Names directly below; none if there is no such directory. Ascending. */
  list(directory: string): Promise<readonly string[]>;
  /** With its parents, durably. Does nothing where a store knows no directories. */
  makeDirectory(path: string): Promise<void>;
  /** Takes back what publish() made, durably. False if there was none. */
  unpublish(path: string): Promise<boolean>;
  /** False if there was none. A crash may bring it back. */
  remove(path: string): Promise<boolean>;
  /** A directory with all that is in it. Leaves what others add meanwhile. */
  removeTree(directory: string): Promise<void>;
}
