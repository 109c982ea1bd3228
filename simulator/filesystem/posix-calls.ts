// The calls of a filesystem as one client makes them, synchronous and without faults: POSIX checks
// first, then the change in the volume. A full disk takes the bytes that fit before it fails.

import { FileSystemError, type FileStatus } from '../../engine/environment/filesystem.ts';
import type { Address } from '../../engine/environment/network.ts';
import { pathNames } from '../../engine/environment/path.ts';
import { Lookup, type Entry } from './lookup.ts';
import { type InodeId, ROOT } from './name-table.ts';
import type { NameChange } from './operation.ts';
import type { Volume } from './volume.ts';

export class PosixCalls {
  readonly #volume: Volume;
  readonly #owner: Address;
  readonly #capacityBytes: number;

  constructor(volume: Volume, owner: Address, capacityBytes: number) {
    this.#volume = volume;
    this.#owner = owner;
    this.#capacityBytes = capacityBytes;
  }

  read(path: string, offset: number, length: number): Uint8Array {
    const inode = new Lookup(this.#volume, 'read').file(path);
    return this.#volume.volatile.bytes.read(inode, offset, length);
  }

  write(path: string, bytes: Uint8Array): void {
    const inode = this.#openForWriting('write', path);
    this.#volume.truncate(this.#owner, inode, 0);
    this.#store('write', { path, inode, offset: 0, bytes });
  }

  create(path: string, bytes: Uint8Array): void {
    const lookup = new Lookup(this.#volume, 'create');
    const entry = lookup.entry(path, 'EEXIST');
    if (entry.inode !== undefined) throw lookup.fail('EEXIST', path);
    const inode = this.#makeInode('create', entry, false);
    this.#store('create', { path, inode, offset: 0, bytes });
  }

  append(path: string, bytes: Uint8Array): void {
    const inode = this.#openForWriting('append', path);
    const offset = this.#volume.volatile.bytes.size(inode);
    this.#store('append', { path, inode, offset, bytes });
  }

  truncate(path: string, sizeBytes: number): void {
    const lookup = new Lookup(this.#volume, 'truncate');
    const inode = lookup.file(path);
    const growth = sizeBytes - this.#volume.volatile.bytes.size(inode);
    if (growth > this.#freeBytes()) throw lookup.fail('ENOSPC', path);
    this.#volume.truncate(this.#owner, inode, sizeBytes);
  }

  rename(from: string, to: string): void {
    const lookup = new Lookup(this.#volume, 'rename');
    const source = lookup.entry(from, 'EINVAL');
    const target = lookup.entry(to, 'EINVAL');
    const { inode } = source;
    if (inode === undefined) throw lookup.fail('ENOENT', from);
    if (to.startsWith(`${from}/`)) throw lookup.fail('EINVAL', to);
    if (from.startsWith(`${to}/`)) throw lookup.fail('ENOTEMPTY', to);
    if (target.inode === inode) return;
    this.#checkReplaceable(lookup, inode, target);
    const changes: NameChange[] = [nameChange(source, undefined)];
    if (target.inode === undefined) this.#needSpaceForName('rename', to);
    else changes.push(nameChange(target, undefined));
    this.#volume.changeNames(this.#owner, [...changes, nameChange(target, inode)]);
  }

  link(existing: string, name: string): void {
    const lookup = new Lookup(this.#volume, 'link');
    const inode = lookup.inode(existing);
    const entry = lookup.entry(name, 'EEXIST');
    if (entry.inode !== undefined) throw lookup.fail('EEXIST', name);
    if (this.#volume.inodes.isDirectory(inode)) throw lookup.fail('EACCES', existing);
    this.#needSpaceForName('link', name);
    this.#volume.changeNames(this.#owner, [nameChange(entry, inode)]);
  }

  remove(path: string): void {
    const lookup = new Lookup(this.#volume, 'remove');
    const entry = lookup.entry(path, 'EINVAL');
    if (entry.inode === undefined) throw lookup.fail('ENOENT', path);
    if (!this.#volume.volatile.names.isEmpty(entry.inode)) throw lookup.fail('ENOTEMPTY', path);
    this.#volume.changeNames(this.#owner, [nameChange(entry, undefined)]);
  }

  makeDirectory(path: string): void {
    const names = pathNames('make directory', path);
    const lookup = new Lookup(this.#volume, 'make directory');
    for (let depth = 1; depth <= names.length; depth++) {
      const entry = lookup.entry(`/${names.slice(0, depth).join('/')}`, 'EEXIST');
      if (entry.inode === undefined) this.#makeInode('make directory', entry, true);
    }
    lookup.directory(path);
  }

  list(directory: string): readonly string[] {
    const inode = new Lookup(this.#volume, 'list').directory(directory);
    return this.#volume.volatile.names.names(inode);
  }

  status(path: string): FileStatus | undefined {
    let inode: InodeId | undefined = ROOT;
    for (const name of pathNames('status', path)) {
      inode = this.#volume.volatile.names.get(inode, name);
      if (inode === undefined) return undefined;
    }
    if (this.#volume.inodes.isDirectory(inode)) return { kind: 'directory' };
    return { kind: 'file', sizeBytes: this.#volume.volatile.bytes.size(inode) };
  }

  #openForWriting(operation: string, path: string): InodeId {
    const lookup = new Lookup(this.#volume, operation);
    const entry = lookup.entry(path, 'EISDIR');
    if (entry.inode === undefined) return this.#makeInode(operation, entry, false);
    if (this.#volume.inodes.isDirectory(entry.inode)) throw lookup.fail('EISDIR', path);
    return entry.inode;
  }

  #makeInode(operation: string, entry: Entry, isDirectory: boolean): InodeId {
    this.#needSpaceForName(operation, entry.path);
    const inode = this.#volume.inodes.create(isDirectory);
    this.#volume.changeNames(this.#owner, [nameChange(entry, inode)]);
    return inode;
  }

  #checkReplaceable(lookup: Lookup, inode: InodeId, target: Entry): void {
    if (target.inode === undefined) return;
    const movesDirectory = this.#volume.inodes.isDirectory(inode);
    const replacesDirectory = this.#volume.inodes.isDirectory(target.inode);
    if (movesDirectory && !replacesDirectory) throw lookup.fail('ENOTDIR', target.path);
    if (!movesDirectory && replacesDirectory) throw lookup.fail('EISDIR', target.path);
    if (!this.#volume.volatile.names.isEmpty(target.inode)) {
      throw lookup.fail('ENOTEMPTY', target.path);
    }
  }

  /** Requires that `offset` is the end of the file or before it. */
  #store(
    operation: string,
    write: {
      readonly path: string;
      readonly inode: InodeId;
      readonly offset: number;
      readonly bytes: Uint8Array;
    },
  ): void {
    const { path, inode, offset, bytes } = write;
    const fitting = Math.min(bytes.length, this.#freeBytes());
    this.#volume.write(this.#owner, inode, offset, bytes.subarray(0, fitting));
    if (fitting < bytes.length) throw new FileSystemError('ENOSPC', operation, path);
  }

  #freeBytes(): number {
    return Math.max(0, this.#capacityBytes - this.#volume.volatile.bytes.usedBytes);
  }

  #needSpaceForName(operation: string, path: string): void {
    if (this.#freeBytes() === 0) throw new FileSystemError('ENOSPC', operation, path);
  }
}

function nameChange(entry: Entry, inode: InodeId | undefined): NameChange {
  return { directory: entry.directory, name: entry.name, inode };
}
