// From paths to inodes, with the errors POSIX prescribes on the way.

import { FileSystemError, type FileSystemErrorCode } from '../../engine/environment/filesystem.ts';
import { pathNames } from '../../engine/environment/path.ts';
import { type InodeId, ROOT } from './name-table.ts';
import type { Volume } from './volume.ts';

/** A place where a name is or could be. */
export interface Entry {
  readonly path: string;
  readonly directory: InodeId;
  readonly name: string;
  /** Undefined where nothing has this name. */
  readonly inode: InodeId | undefined;
}

/** Looks up paths on behalf of one call, whose name is part of every error. */
export class Lookup {
  readonly #volume: Volume;
  readonly #operation: string;

  constructor(volume: Volume, operation: string) {
    this.#volume = volume;
    this.#operation = operation;
  }

  /** ENOENT, ENOTDIR. */
  inode(path: string): InodeId {
    let inode = ROOT;
    for (const name of pathNames(this.#operation, path)) inode = this.#step(inode, name, path);
    return inode;
  }

  /** ENOENT, ENOTDIR, EISDIR. */
  file(path: string): InodeId {
    const inode = this.inode(path);
    if (this.#volume.inodes.isDirectory(inode)) throw this.fail('EISDIR', path);
    return inode;
  }

  /** ENOENT, ENOTDIR. */
  directory(path: string): InodeId {
    const inode = this.inode(path);
    if (!this.#volume.inodes.isDirectory(inode)) throw this.fail('ENOTDIR', path);
    return inode;
  }

  /** ENOENT or ENOTDIR if there is no such parent; `otherwise` for the root, which has no name. */
  entry(path: string, otherwise: FileSystemErrorCode): Entry {
    const names = pathNames(this.#operation, path);
    const name = names.at(-1);
    if (name === undefined) throw this.fail(otherwise, path);
    let directory = ROOT;
    for (const parent of names.slice(0, -1)) directory = this.#step(directory, parent, path);
    if (!this.#volume.inodes.isDirectory(directory)) throw this.fail('ENOTDIR', path);
    return { path, directory, name, inode: this.#volume.volatile.names.get(directory, name) };
  }

  fail(code: FileSystemErrorCode, path: string): FileSystemError {
    return new FileSystemError(code, this.#operation, path);
  }

  #step(directory: InodeId, name: string, path: string): InodeId {
    if (!this.#volume.inodes.isDirectory(directory)) throw this.fail('ENOTDIR', path);
    const inode = this.#volume.volatile.names.get(directory, name);
    if (inode === undefined) throw this.fail('ENOENT', path);
    return inode;
  }
}
