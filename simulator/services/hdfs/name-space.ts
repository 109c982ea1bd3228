// The names of a simulated HDFS: directories, files and their blocks, in memory. It changes by
// edits alone, which always apply: what may not be done is refused before an edit is made. Equal
// edits in equal order give equal trees, ids included.

import { assert, present } from '../../../engine/core/assert.ts';
import { HdfsException } from './hdfs-exception.ts';

export interface Block {
  readonly id: number;
  /** Of the file's bytes in it; its copy on a DataNode may be longer. */
  readonly length: number;
}

export interface Inode {
  readonly id: number;
  name: string;
  parent: Inode | undefined;
  /** Undefined for a file. */
  readonly children: Map<string, Inode> | undefined;
  blocks: readonly Block[];
  /** Who is writing; undefined once the file is closed. */
  writer: string | undefined;
  modifiedMs: number;
  readonly owner: string;
}

export type Edit = { readonly timeMs: number } & (
  | { readonly op: 'mkdirs'; readonly path: string; readonly owner: string }
  | {
      readonly op: 'create';
      readonly path: string;
      readonly owner: string;
      readonly writer: string;
    }
  | { readonly op: 'reopen'; readonly fileId: number; readonly writer: string }
  | { readonly op: 'add-block'; readonly fileId: number }
  | { readonly op: 'close'; readonly fileId: number; readonly lengths: readonly number[] }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'delete'; readonly path: string }
  | { readonly op: 'truncate'; readonly fileId: number; readonly length: number }
);

/** As in HDFS. */
const ROOT_ID = 16_385;
const FIRST_BLOCK_ID = 1_073_741_825;

export class NameSpace {
  readonly root: Inode;
  readonly #inodes = new Map<number, Inode>();
  #lastId = ROOT_ID;
  #nextBlockId = FIRST_BLOCK_ID;

  constructor() {
    this.root = this.#newInode({ name: '', parent: undefined, isFile: false, owner: 'hdfs' });
  }

  find(path: string): Inode | undefined {
    let at: Inode | undefined = this.root;
    for (const name of namesOf(path)) at = at?.children?.get(name);
    return at;
  }

  byId(id: number): Inode | undefined {
    return this.#inodes.get(id);
  }

  /** FileNotFoundException if there is none. */
  get(path: string): Inode {
    const inode = this.find(path);
    if (inode !== undefined) return inode;
    throw new HdfsException('FileNotFoundException', `File does not exist: ${path}`);
  }

  getFile(path: string): Inode {
    const inode = this.get(path);
    if (inode.children === undefined) return inode;
    throw new HdfsException('FileNotFoundException', `Path is not a file: ${path}`);
  }

  /** ParentNotDirectoryException where a file stands in the way. */
  checkAncestors(path: string): void {
    let at: Inode | undefined = this.root;
    for (const name of namesOf(path).slice(0, -1)) {
      at = at?.children?.get(name);
      if (at === undefined || at.children !== undefined) continue;
      const message = `${pathOf(at)} (is not a directory)`;
      throw new HdfsException('ParentNotDirectoryException', message);
    }
  }

  /** All inodes, in the order of their making. */
  *inodes(): Iterable<Inode> {
    yield* this.#inodes.values();
  }

  apply(edit: Edit): Inode | undefined {
    switch (edit.op) {
      case 'mkdirs':
        return this.#makeDirectories(edit.path, edit.owner, edit.timeMs);
      case 'create':
        return this.#create(edit.path, edit.owner, edit);
      case 'reopen':
        return this.#change(edit.fileId, { writer: edit.writer });
      case 'add-block': {
        const { blocks } = this.#file(edit.fileId);
        const block = { id: this.#nextBlockId, length: 0 };
        this.#nextBlockId += 1;
        return this.#change(edit.fileId, { blocks: [...blocks, block] });
      }
      case 'close':
        return this.#close(edit.fileId, edit.lengths, edit.timeMs);
      case 'rename':
        return this.#rename(edit.from, edit.to);
      case 'delete':
        return this.#remove(edit.path);
      case 'truncate': {
        const { blocks } = this.#file(edit.fileId);
        const kept = cutTo(blocks, edit.length);
        return this.#change(edit.fileId, { blocks: kept, modifiedMs: edit.timeMs });
      }
    }
  }

  #makeDirectories(path: string, owner: string, timeMs: number): Inode {
    let at = this.root;
    for (const name of namesOf(path)) {
      const next = at.children?.get(name);
      at = next ?? this.#newInode({ name, parent: at, isFile: false, owner, timeMs });
    }
    return at;
  }

  #create(
    path: string,
    owner: string,
    { writer, timeMs }: { readonly writer: string; readonly timeMs: number },
  ): Inode {
    const parent = this.#makeDirectories(parentOf(path), owner, timeMs);
    const file = this.#newInode({ name: nameOf(path), parent, isFile: true, owner, timeMs });
    file.writer = writer;
    return file;
  }

  #close(fileId: number, lengths: readonly number[], timeMs: number): Inode {
    const file = this.#file(fileId);
    // Recovery may have found that the last ones never got a byte.
    const blocks = file.blocks
      .slice(0, lengths.length)
      .map(({ id }, index) => ({ id, length: lengths[index] ?? 0 }));
    return this.#change(fileId, { blocks, writer: undefined, modifiedMs: timeMs });
  }

  #rename(from: string, to: string): Inode {
    const inode = present(this.find(from), `Cannot rename "${from}": it is not there`);
    const parent = present(this.find(parentOf(to)), `Cannot rename to "${to}": no directory`);
    inode.parent?.children?.delete(inode.name);
    inode.name = nameOf(to);
    inode.parent = parent;
    parent.children?.set(inode.name, inode);
    return inode;
  }

  #remove(path: string): Inode {
    const inode = present(this.find(path), `Cannot delete "${path}": it is not there`);
    inode.parent?.children?.delete(inode.name);
    const forget = (gone: Inode) => {
      this.#inodes.delete(gone.id);
      for (const child of gone.children?.values() ?? []) forget(child);
    };
    forget(inode);
    return inode;
  }

  #file(fileId: number): Inode {
    return present(this.#inodes.get(fileId), `Cannot edit file ${fileId}: it is not there`);
  }

  #change(
    fileId: number,
    changes: Partial<Pick<Inode, 'blocks' | 'writer' | 'modifiedMs'>>,
  ): Inode {
    return Object.assign(this.#file(fileId), changes);
  }

  #newInode(options: {
    readonly name: string;
    readonly parent: Inode | undefined;
    readonly isFile: boolean;
    readonly owner: string;
    readonly timeMs?: number;
  }): Inode {
    const { name, parent, isFile, owner, timeMs = 0 } = options;
    const inode: Inode = {
      id: this.#lastId,
      name,
      parent,
      children: isFile ? undefined : new Map<string, Inode>(),
      blocks: [],
      writer: undefined,
      modifiedMs: timeMs,
      owner,
    };
    this.#lastId += 1;
    this.#inodes.set(inode.id, inode);
    assert(parent?.children?.has(name) !== true, `Cannot make "${name}" a second time`);
    parent?.children?.set(name, inode);
    return inode;
  }
}

export function lengthOf({ blocks }: Pick<Inode, 'blocks'>): number {
  return blocks.reduce((sum, { length }) => sum + length, 0);
}

export function pathOf(inode: Inode): string {
  if (inode.parent === undefined) return '/';
  const above = pathOf(inode.parent);
  return above === '/' ? `/${inode.name}` : `${above}/${inode.name}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '');
}

function cutTo(blocks: readonly Block[], length: number): readonly Block[] {
  const kept: Block[] = [];
  let left = length;
  for (const { id, length: held } of blocks) {
    if (left === 0) break;
    kept.push({ id, length: Math.min(held, left) });
    left -= Math.min(held, left);
  }
  return kept;
}
