// The operations that are not yet durable, by file for data and in one list for names. It keeps
// order and finds what a sync or a crash concerns; it applies nothing.

import type { Address } from '../../engine/environment/network.ts';
import type { InodeId } from './name-table.ts';
import {
  type DataOperation,
  nameKeys,
  type NameChange,
  type NameOperation,
  type Operation,
  type ResizeOperation,
  type WriteOperation,
} from './operation.ts';

export class OperationLog {
  readonly #data = new Map<InodeId, DataOperation[]>();
  #names: NameOperation[] = [];
  #nextId = 1;

  addWrite(
    owner: Address,
    inode: InodeId,
    write: Pick<WriteOperation, 'offset' | 'bytes' | 'newBlocksFrom'>,
  ): void {
    this.#add({ kind: 'write', id: this.#nextId++, owner, inode, isClean: false, ...write });
  }

  addResize(
    owner: Address,
    inode: InodeId,
    size: Pick<ResizeOperation, 'fromBytes' | 'sizeBytes' | 'isTruncation'>,
  ): void {
    this.#add({ kind: 'resize', id: this.#nextId++, owner, inode, ...size });
  }

  addNames(
    owner: Address,
    changes: readonly NameChange[],
    options: { readonly movesDirectory: boolean; readonly flushes: InodeId | undefined },
  ): NameOperation {
    const unsynced = new Set(changes.map((change) => change.directory));
    const id = this.#nextId++;
    const operation: NameOperation = {
      kind: 'names',
      id,
      owner,
      changes,
      unsynced,
      isClean: false,
      ...options,
    };
    this.#names.push(operation);
    return operation;
  }

  /** In order; not to be kept across other calls. */
  dataOf(inode: InodeId): readonly DataOperation[] {
    return this.#data.get(inode) ?? [];
  }

  /** In order; not to be kept across other calls. */
  get names(): readonly NameOperation[] {
    return this.#names;
  }

  /** Everything, in order. */
  all(): Operation[] {
    const operations: Operation[] = [...this.#names];
    for (const list of this.#data.values()) operations.push(...list);
    return operations.sort((left, right) => left.id - right.id);
  }

  /**
   * Takes out the data of one file up to and including operation `last`. Clean pages stay: readers
   * see them until a crash.
   */
  takeData(inode: InodeId, last = Number.POSITIVE_INFINITY): DataOperation[] {
    const list = this.#data.get(inode) ?? [];
    const isTaken = (operation: DataOperation): boolean =>
      operation.id <= last && !(operation.kind === 'write' && operation.isClean);
    const rest = list.filter((operation) => !isTaken(operation));
    if (rest.length === 0) this.#data.delete(inode);
    else this.#data.set(inode, rest);
    return list.filter(isTaken);
  }

  dropData(inode: InodeId): void {
    this.#data.delete(inode);
  }

  /**
   * Takes out `selected` and every earlier operation that has to persist before one of them, in
   * order; with them the clean ones whose names they overwrite, for these are history now.
   */
  takeNames(selected: ReadonlySet<NameOperation>): NameOperation[] {
    if (selected.size === 0) return [];
    const keys = new Set<string>();
    const taken = new Set<NameOperation>();
    for (const operation of this.#names.toReversed()) {
      const own = nameKeys(operation);
      if (!selected.has(operation) && !own.some((key) => keys.has(key))) continue;
      taken.add(operation);
      // What will never be written makes nothing before it wait.
      if (!operation.isClean) for (const key of own) keys.add(key);
    }
    const inOrder = this.#names.filter((operation) => taken.has(operation));
    this.#names = this.#names.filter((operation) => !taken.has(operation));
    return inOrder;
  }

  /** Takes out everything `owner` has asked for. */
  takeOwned(owner: Address): Operation[] {
    const isOwned = (operation: Operation): boolean => operation.owner === owner;
    const taken: Operation[] = this.#names.filter(isOwned);
    this.#names = this.#names.filter((operation) => operation.owner !== owner);
    for (const [inode, list] of this.#data) {
      if (!list.some(isOwned)) continue;
      taken.push(...list.filter(isOwned));
      const rest = list.filter((operation) => operation.owner !== owner);
      if (rest.length === 0) this.#data.delete(inode);
      else this.#data.set(inode, rest);
    }
    return taken.sort((left, right) => left.id - right.id);
  }

  #add(operation: DataOperation): void {
    const list = this.#data.get(operation.inode);
    if (list === undefined) this.#data.set(operation.inode, [operation]);
    else list.push(operation);
  }
}
