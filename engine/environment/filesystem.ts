// Files, with POSIX durability spelled out. Paths are absolute, separated by '/', without '.' or
// '..'. Every call can fail with a FileSystemError; a failed call may have been applied in part.
//
// What survives a crash of the host (power loss):
//  1. Data and length of a file: what was written before the last `sync(file)` that resolved.
//  2. A name in a directory (create, rename, remove, makeDirectory): what was done before the last
//     `sync(directory)` that resolved. Syncing a file does not make its name durable.
//  3. Everything later survives wholly, partly, in another order, or not at all. Single sectors of
//     512 bytes are atomic, larger writes are not.
//  4. A `sync` that failed promises nothing about the writes before it, not even after a retry
//     that succeeds: write the data again, to a new file.

export type FileSystemErrorCode =
  | 'ENOENT'
  | 'EEXIST'
  | 'EISDIR'
  | 'ENOTDIR'
  | 'ENOTEMPTY'
  | 'ENOSPC'
  | 'EROFS'
  | 'EACCES'
  | 'EIO'
  | 'EINVAL';

export class FileSystemError extends Error {
  override readonly name = 'FileSystemError';
  readonly code: FileSystemErrorCode;
  readonly path: string;

  constructor(code: FileSystemErrorCode, operation: string, path: string, cause?: unknown) {
    super(`Cannot ${operation} "${path}": ${code}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}

export type FileStatus =
  | { readonly kind: 'file'; readonly sizeBytes: number }
  | { readonly kind: 'directory' };

export interface FileSystem {
  /** The whole file, or `length` bytes from `offset`; fewer where the file ends. ENOENT. */
  read(path: string, offset?: number, length?: number): Promise<Uint8Array>;
  /** Creates the file, or replaces all its bytes, not atomically. The parent must exist. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Creates the file with these bytes; EEXIST if the name is taken. Only the name is atomic. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  /** Adds to the end; creates the file if there is none. */
  append(path: string, bytes: Uint8Array): Promise<void>;
  /** Cuts or extends with zeros to `sizeBytes`. ENOENT. */
  truncate(path: string, sizeBytes: number): Promise<void>;
  /** Makes a file's data, or a directory's names, durable. ENOENT. */
  sync(path: string): Promise<void>;
  /** Replaces `to` in one step for readers; durable after `sync` of the parent directories. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for the same file; later writes show under both. EEXIST. */
  link(existing: string, name: string): Promise<void>;
  /** Removes a file or an empty directory. ENOENT, ENOTEMPTY. */
  remove(path: string): Promise<void>;
  /** Creates the directory and its missing parents; an existing one is fine. ENOTDIR. */
  makeDirectory(path: string): Promise<void>;
  /** Names in ascending code-unit order. ENOENT, ENOTDIR. */
  list(directory: string): Promise<readonly string[]>;
  /** Undefined where nothing has this name; other failures throw. */
  status(path: string): Promise<FileStatus | undefined>;
}
