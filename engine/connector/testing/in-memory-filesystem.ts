// A FileSystem in memory for tests of connectors: it models what a crash takes (unsynced data,
// unsynced names, or neither), calls that fail, and a host that stops in the middle of a call. It
// does not model torn writes, partial renames, latency or disk space: the simulator does that.

import { present } from '../../core/assert.ts';
import {
  type FileStatus,
  type FileSystem,
  FileSystemError,
  type FileSystemErrorCode,
} from '../../environment/filesystem.ts';

type Bytes = Uint8Array;

interface FileNode {
  readonly kind: 'file';
  bytes: Bytes;
  durable: Bytes;
}

interface DirectoryNode {
  readonly kind: 'directory';
  names: Map<string, Node>;
  durable: Map<string, Node>;
}

type Node = FileNode | DirectoryNode;

export interface FileSystemCall {
  readonly operation: string;
  readonly path: string;
  /** Counts from 0 over the life of the file system. */
  readonly index: number;
}

/** 'stop-before' and 'stop-after': the host dies around this call, and every later call of it. */
export type Interference = FileSystemErrorCode | 'stop-before' | 'stop-after' | undefined;

/** What the calls of a dead host end in; no FileSystemError, so nobody takes it for one. */
export class HostStopped extends Error {
  override readonly name = 'HostStopped';
}

const EMPTY: Bytes = new Uint8Array(0);

export class InMemoryFileSystem implements FileSystem {
  /** Asked before every call. */
  interfere: (call: FileSystemCall) => Interference = () => undefined;
  #root: DirectoryNode = { kind: 'directory', names: new Map(), durable: new Map() };
  #isStopped = false;
  #calls = 0;

  get calls(): number {
    return this.#calls;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Power fails and comes back. What was not synced survives, or does not, as told. */
  crash(survives: { readonly data: boolean; readonly names: boolean }): void {
    const settle = (node: Node): void => {
      if (node.kind === 'file') {
        if (survives.data) node.durable = node.bytes;
        else node.bytes = node.durable;
        return;
      }
      if (survives.names) node.durable = new Map(node.names);
      else node.names = new Map(node.durable);
      for (const child of node.names.values()) settle(child);
    };
    settle(this.#root);
    this.#isStopped = false;
  }

  read(path: string, offset = 0, length?: number): Promise<Bytes> {
    return this.#call('read', path, () => {
      const { bytes } = this.#file('read', path);
      return bytes.slice(offset, length === undefined ? undefined : offset + length);
    });
  }

  write(path: string, bytes: Bytes): Promise<void> {
    const copy = bytes.slice();
    return this.#call('write', path, () => {
      this.#fileOrNew('write', path).bytes = copy;
    });
  }

  create(path: string, bytes: Bytes): Promise<void> {
    const copy = bytes.slice();
    return this.#call('create', path, () => {
      if (this.#find('create', path) !== undefined) {
        throw new FileSystemError('EEXIST', 'create', path);
      }
      this.#fileOrNew('create', path).bytes = copy;
    });
  }

  append(path: string, bytes: Bytes): Promise<void> {
    const copy = bytes.slice();
    return this.#call('append', path, () => {
      const file = this.#fileOrNew('append', path);
      const longer = new Uint8Array(file.bytes.length + copy.length);
      longer.set(file.bytes);
      longer.set(copy, file.bytes.length);
      file.bytes = longer;
    });
  }

  truncate(path: string, sizeBytes: number): Promise<void> {
    return this.#call('truncate', path, () => {
      const file = this.#file('truncate', path);
      const cut = new Uint8Array(sizeBytes);
      cut.set(file.bytes.subarray(0, sizeBytes));
      file.bytes = cut;
    });
  }

  sync(path: string): Promise<void> {
    return this.#call('sync', path, () => {
      const node = this.#existing('sync', path);
      if (node.kind === 'file') node.durable = node.bytes;
      else node.durable = new Map(node.names);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', from, () => {
      const node = this.#existing('rename', from);
      const [target, name] = this.#parent('rename', to);
      if (target.names.get(name)?.kind === 'directory') {
        throw new FileSystemError('EISDIR', 'rename', to);
      }
      const [source, oldName] = this.#parent('rename', from);
      source.names.delete(oldName);
      target.names.set(name, node);
    });
  }

  link(existing: string, name: string): Promise<void> {
    return this.#call('link', name, () => {
      const file = this.#file('link', existing);
      const [directory, last] = this.#parent('link', name);
      if (directory.names.has(last)) throw new FileSystemError('EEXIST', 'link', name);
      directory.names.set(last, file);
    });
  }

  remove(path: string): Promise<void> {
    return this.#call('remove', path, () => {
      const node = this.#existing('remove', path);
      if (node.kind === 'directory' && node.names.size > 0) {
        throw new FileSystemError('ENOTEMPTY', 'remove', path);
      }
      const [directory, name] = this.#parent('remove', path);
      directory.names.delete(name);
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.#call('makeDirectory', path, () => {
      let directory = this.#root;
      for (const name of namesOf(path)) {
        const next = directory.names.get(name) ?? {
          kind: 'directory',
          names: new Map<string, Node>(),
          durable: new Map<string, Node>(),
        };
        if (next.kind === 'file') throw new FileSystemError('ENOTDIR', 'make directory', path);
        directory.names.set(name, next);
        directory = next;
      }
    });
  }

  list(path: string): Promise<readonly string[]> {
    return this.#call('list', path, () => {
      const node = this.#existing('list', path);
      if (node.kind === 'file') throw new FileSystemError('ENOTDIR', 'list', path);
      return [...node.names.keys()].sort();
    });
  }

  status(path: string): Promise<FileStatus | undefined> {
    return this.#call('status', path, () => {
      const node = this.#find('status', path);
      if (node === undefined) return undefined;
      if (node.kind === 'directory') return { kind: 'directory' };
      return { kind: 'file', sizeBytes: node.bytes.length };
    });
  }

  /** Applies at once, answers in a later microtask, as any I/O does. */
  #call<T>(operation: string, path: string, apply: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) return reject(new HostStopped(`${operation} "${path}"`));
      const interference = this.interfere({ operation, path, index: this.#calls++ });
      this.#isStopped = interference === 'stop-before' || interference === 'stop-after';
      if (interference !== undefined && !this.#isStopped) {
        return reject(new FileSystemError(interference as FileSystemErrorCode, operation, path));
      }
      try {
        const result = interference === 'stop-before' ? undefined : apply();
        if (this.#isStopped) return reject(new HostStopped(`${operation} "${path}"`));
        return resolve(result as T);
      } catch (error) {
        return reject(error);
      }
    });
  }

  #find(operation: string, path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of namesOf(path)) {
      if (node.kind === 'file') throw new FileSystemError('ENOTDIR', operation, path);
      node = node.names.get(name);
      if (node === undefined) return undefined;
    }
    return node;
  }

  #existing(operation: string, path: string): Node {
    const node = this.#find(operation, path);
    if (node === undefined) throw new FileSystemError('ENOENT', operation, path);
    return node;
  }

  #file(operation: string, path: string): FileNode {
    const node = this.#existing(operation, path);
    if (node.kind === 'directory') throw new FileSystemError('EISDIR', operation, path);
    return node;
  }

  #fileOrNew(operation: string, path: string): FileNode {
    const [directory, name] = this.#parent(operation, path);
    const node = directory.names.get(name);
    if (node?.kind === 'directory') throw new FileSystemError('EISDIR', operation, path);
    if (node !== undefined) return node;
    const file: FileNode = { kind: 'file', bytes: EMPTY, durable: EMPTY };
    directory.names.set(name, file);
    return file;
  }

  #parent(operation: string, path: string): [DirectoryNode, string] {
    const names = namesOf(path);
    const name = present(names.pop(), `Cannot ${operation} "${path}": it is the root`);
    const parent = this.#existing(operation, `/${names.join('/')}`);
    if (parent.kind === 'file') throw new FileSystemError('ENOTDIR', operation, path);
    return [parent, name];
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
