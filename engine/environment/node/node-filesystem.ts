// Real files below one directory. A sync is an fsync, of files and of directories alike, except on
// Windows, where directories cannot be synced and names are durable through NTFS' own journal.

import {
  appendFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname } from 'node:path';

import {
  type FileStatus,
  type FileSystem,
  FileSystemError,
  type FileSystemErrorCode,
} from '../filesystem.ts';
import { pathNames } from '../path.ts';
import { fileSystemErrorCode } from './error-code.ts';

const IS_WINDOWS = process.platform === 'win32';

export class NodeFileSystem implements FileSystem {
  readonly #root: string;

  /** `root` is the directory that '/' means: absolute, existing, without a trailing separator. */
  constructor(root = '') {
    this.#root = root === '/' ? '' : root;
  }

  async read(path: string, offset = 0, length = Number.MAX_SAFE_INTEGER): Promise<Uint8Array> {
    checkCount('read', path, offset);
    checkCount('read', path, length);
    return this.#call('read', path, (real) => readRange(real, offset, length));
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#call('write', path, (real) => writeFile(real, bytes));
  }

  async create(path: string, bytes: Uint8Array): Promise<void> {
    await this.#call('create', path, (real) => writeFile(real, bytes, { flag: 'wx' }));
  }

  async append(path: string, bytes: Uint8Array): Promise<void> {
    await this.#call('append', path, (real) => appendFile(real, bytes));
  }

  async truncate(path: string, sizeBytes: number): Promise<void> {
    checkCount('truncate', path, sizeBytes);
    await this.#call('truncate', path, (real) => truncate(real, sizeBytes));
  }

  async sync(path: string): Promise<void> {
    await this.#call('sync', path, syncFileOrDirectory);
  }

  async rename(from: string, to: string): Promise<void> {
    checkNotRoot('rename', from);
    checkNotRoot('rename', to);
    const target = this.#real('rename', to);
    await this.#call('rename', from, (real) => rename(real, target), { EEXIST: 'ENOTEMPTY' });
  }

  async link(existing: string, name: string): Promise<void> {
    const target = this.#real('link', name);
    await this.#call('link', existing, (real) => link(real, target));
  }

  async remove(path: string): Promise<void> {
    checkNotRoot('remove', path);
    await this.#call('remove', path, removeFileOrDirectory, { EEXIST: 'ENOTEMPTY' });
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#call('make directory', path, makeDirectories, { EEXIST: 'ENOTDIR' });
  }

  async list(directory: string): Promise<readonly string[]> {
    const names = await this.#call('list', directory, (real) => readdir(real));
    return names.sort();
  }

  async status(path: string): Promise<FileStatus | undefined> {
    return this.#call('status', path, readStatus);
  }

  #real(operation: string, path: string): string {
    const names = pathNames(operation, path);
    return names.length === 0 ? this.#root || '/' : `${this.#root}/${names.join('/')}`;
  }

  /** `renamed` are codes that the platform uses for what the contract calls otherwise. */
  async #call<T>(
    operation: string,
    path: string,
    work: (real: string) => Promise<T>,
    renamed: { readonly EEXIST?: FileSystemErrorCode } = {},
  ): Promise<T> {
    const real = this.#real(operation, path);
    try {
      return await work(real);
    } catch (error) {
      const code = fileSystemErrorCode(error);
      const meant = code === 'EEXIST' ? (renamed.EEXIST ?? code) : code;
      throw new FileSystemError(meant, operation, path, error);
    }
  }
}

async function readRange(real: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(real, 'r');
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    // A directory has a size as well; reading nothing from it must fail like reading something.
    if (bytes.length === 0) await file.read(new Uint8Array(1), 0, 1, 0);
    let count = 0;
    while (count < bytes.length) {
      const { bytesRead } = await file.read(bytes, count, bytes.length - count, offset + count);
      if (bytesRead === 0) return bytes.subarray(0, count);
      count += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

async function syncFileOrDirectory(real: string): Promise<void> {
  if (IS_WINDOWS && (await stat(real)).isDirectory()) return;
  const file = await open(real, IS_WINDOWS ? 'r+' : 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Not Node's own `recursive`: on a read-only file system that says ENOENT, and below /proc it never
 * ends.
 */
async function makeDirectories(real: string): Promise<void> {
  try {
    await makeOne(real);
  } catch (error) {
    const parent = dirname(real);
    if (fileSystemErrorCode(error) !== 'ENOENT' || parent === real) throw error;
    await makeDirectories(parent);
    await makeOne(real);
  }
}

/** Another process may have been faster. */
async function makeOne(real: string): Promise<void> {
  try {
    await mkdir(real);
  } catch (error) {
    if (!(await isDirectory(real))) throw error;
  }
}

async function isDirectory(real: string): Promise<boolean> {
  return (await readStatus(real))?.kind === 'directory';
}

async function removeFileOrDirectory(real: string): Promise<void> {
  const isDirectory = (await lstat(real)).isDirectory();
  await (isDirectory ? rmdir(real) : unlink(real));
}

async function readStatus(real: string): Promise<FileStatus | undefined> {
  try {
    const found = await stat(real);
    if (found.isDirectory()) return { kind: 'directory' };
    return { kind: 'file', sizeBytes: found.size };
  } catch (error) {
    const code = fileSystemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function checkNotRoot(operation: string, path: string): void {
  if (path === '/') throw new FileSystemError('EINVAL', operation, path);
}

function checkCount(operation: string, path: string, value: number): void {
  const isCount = Number.isSafeInteger(value) && value >= 0;
  if (!isCount) throw new FileSystemError('EINVAL', operation, path);
}
