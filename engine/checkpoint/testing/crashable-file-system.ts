// A FileSystem in memory that can lose power. Models the worst that the contract allows: a crash
// keeps exactly what was synced, of data and of names. Does not model partial or reordered writes.

import {
  type FileStatus,
  type FileSystem,
  FileSystemError,
  type FileSystemErrorCode,
} from '../../environment/filesystem.ts';
import { parentOf } from '../checkpoint-layout.ts';

interface FileNode {
  readonly kind: 'file';
  bytes: Uint8Array;
  durable: Uint8Array;
}

interface DirectoryNode {
  readonly kind: 'directory';
  entries: Map<string, Node>;
  durable: Map<string, Node>;
}

type Node = FileNode | DirectoryNode;
type Operation = Exclude<keyof FileSystem, number>;

export class CrashableFileSystem implements FileSystem {
  readonly calls: string[] = [];
  readonly #root: DirectoryNode = directory();
  #failing: { operation: Operation; path: RegExp; code: FileSystemErrorCode } | undefined;

  /** Everything that was not made durable is gone. */
  crash(): void {
    forget(this.#root);
  }

  /** The next such call fails, before it has any effect. */
  failNext(operation: Operation, path: RegExp, code: FileSystemErrorCode = 'EIO'): void {
    this.#failing = { operation, path, code };
  }

  /** Damage that nobody has told the file system about. */
  damage(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const file = this.#file('damage', path);
    file.bytes = change(file.bytes.slice());
    file.durable = file.bytes;
  }

  /** All files, ascending. */
  paths(): string[] {
    return [...walk(this.#root, '')].toSorted();
  }

  async read(path: string, offset = 0, length = Number.MAX_SAFE_INTEGER): Promise<Uint8Array> {
    this.#call('read', path);
    return this.#file('read', path).bytes.slice(offset, offset + length);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.#call('write', path);
    const { entries } = this.#parent('write', path);
    const known = entries.get(nameOf(path));
    if (known?.kind === 'directory') throw new FileSystemError('EISDIR', 'write', path);
    if (known === undefined) entries.set(nameOf(path), file(bytes));
    else known.bytes = bytes.slice();
  }

  async create(path: string, bytes: Uint8Array): Promise<void> {
    this.#call('create', path);
    const { entries } = this.#parent('create', path);
    if (entries.has(nameOf(path))) throw new FileSystemError('EEXIST', 'create', path);
    entries.set(nameOf(path), file(bytes));
  }

  async append(path: string, bytes: Uint8Array): Promise<void> {
    this.#call('append', path);
    const known = this.#find(path);
    if (known === undefined) return this.create(path, bytes);
    const target = this.#file('append', path);
    const joined = new Uint8Array(target.bytes.length + bytes.length);
    joined.set(target.bytes);
    joined.set(bytes, target.bytes.length);
    target.bytes = joined;
  }

  async truncate(path: string, sizeBytes: number): Promise<void> {
    this.#call('truncate', path);
    const target = this.#file('truncate', path);
    const cut = new Uint8Array(sizeBytes);
    cut.set(target.bytes.subarray(0, sizeBytes));
    target.bytes = cut;
  }

  async sync(path: string): Promise<void> {
    this.#call('sync', path);
    const node = this.#find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', 'sync', path);
    if (node.kind === 'file') node.durable = node.bytes;
    else node.durable = new Map(node.entries);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call('rename', from);
    const node = this.#find(from);
    if (node === undefined) throw new FileSystemError('ENOENT', 'rename', from);
    this.#parent('rename', to).entries.set(nameOf(to), node);
    this.#parent('rename', from).entries.delete(nameOf(from));
  }

  async link(existing: string, name: string): Promise<void> {
    this.#call('link', name);
    const node = this.#file('link', existing);
    const { entries } = this.#parent('link', name);
    if (entries.has(nameOf(name))) throw new FileSystemError('EEXIST', 'link', name);
    entries.set(nameOf(name), node);
  }

  async remove(path: string): Promise<void> {
    this.#call('remove', path);
    const node = this.#find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', 'remove', path);
    const isFull = node.kind === 'directory' && node.entries.size > 0;
    if (isFull) throw new FileSystemError('ENOTEMPTY', 'remove', path);
    this.#parent('remove', path).entries.delete(nameOf(path));
  }

  async makeDirectory(path: string): Promise<void> {
    this.#call('makeDirectory', path);
    let at = this.#root;
    for (const name of namesOf(path)) {
      const next = at.entries.get(name) ?? directory();
      if (next.kind === 'file') throw new FileSystemError('ENOTDIR', 'make', path);
      at.entries.set(name, next);
      at = next;
    }
  }

  async list(path: string): Promise<readonly string[]> {
    this.#call('list', path);
    const node = this.#find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', 'list', path);
    if (node.kind === 'file') throw new FileSystemError('ENOTDIR', 'list', path);
    return [...node.entries.keys()].toSorted();
  }

  async status(path: string): Promise<FileStatus | undefined> {
    this.#call('status', path);
    const node = this.#find(path);
    if (node?.kind !== 'file') return node === undefined ? undefined : { kind: 'directory' };
    return { kind: 'file', sizeBytes: node.bytes.length };
  }

  #call(operation: Operation, path: string): void {
    this.calls.push(`${operation} ${path}`);
    const failing = this.#failing;
    if (failing?.operation !== operation || !failing.path.test(path)) return;
    this.#failing = undefined;
    throw new FileSystemError(failing.code, operation, path);
  }

  #find(path: string): Node | undefined {
    let at: Node | undefined = this.#root;
    for (const name of namesOf(path)) {
      at = at?.kind === 'directory' ? at.entries.get(name) : undefined;
    }
    return at;
  }

  #file(operation: string, path: string): FileNode {
    const node = this.#find(path);
    if (node === undefined) throw new FileSystemError('ENOENT', operation, path);
    if (node.kind === 'directory') throw new FileSystemError('EISDIR', operation, path);
    return node;
  }

  #parent(operation: string, path: string): DirectoryNode {
    const node = this.#find(parentOf(path));
    if (node?.kind !== 'directory') throw new FileSystemError('ENOENT', operation, path);
    return node;
  }
}

function file(bytes: Uint8Array): FileNode {
  return { kind: 'file', bytes: bytes.slice(), durable: new Uint8Array(0) };
}

function directory(): DirectoryNode {
  return { kind: 'directory', entries: new Map(), durable: new Map() };
}

function forget(node: Node): void {
  if (node.kind === 'file') {
    node.bytes = node.durable;
    return;
  }
  node.entries = new Map(node.durable);
  for (const child of node.entries.values()) forget(child);
}

function* walk(node: DirectoryNode, path: string): Generator<string> {
  for (const [name, child] of node.entries) {
    if (child.kind === 'file') yield `${path}/${name}`;
    else yield* walk(child, `${path}/${name}`);
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
