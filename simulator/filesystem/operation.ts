// What a disk has been asked to do and has not yet made durable. Every call on a filesystem is
// lowered to these, in order; a crash keeps some of them, whole or in part.

import type { Address } from '../../engine/environment/network.ts';
import type { InodeId } from './name-table.ts';

interface Recorded {
  /** Ascending in the order of execution, over all owners. */
  readonly id: number;
  /** Whose crash decides about it. */
  readonly owner: Address;
}

export interface WriteOperation extends Recorded {
  readonly kind: 'write';
  readonly inode: InodeId;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** In the file: from here on its blocks were not there before. */
  readonly newBlocksFrom: number;
  /**
   * A failed sync marked the pages clean: readers see the bytes until the next crash, but no sync
   * writes them anymore.
   */
  isClean: boolean;
}

export interface ResizeOperation extends Recorded {
  readonly kind: 'resize';
  readonly inode: InodeId;
  readonly fromBytes: number;
  readonly sizeBytes: number;
  /** Asked for as such; otherwise a write has made the file grow. */
  readonly isTruncation: boolean;
}

export type DataOperation = WriteOperation | ResizeOperation;

export interface NameChange {
  readonly directory: InodeId;
  readonly name: string;
  /** Undefined removes the name. */
  readonly inode: InodeId | undefined;
}

/** One or more changes of names that persist together or not at all: a rename is three. */
export interface NameOperation extends Recorded {
  readonly kind: 'names';
  readonly changes: readonly NameChange[];
  /** The directories that must still be synced before this is durable. */
  readonly unsynced: Set<InodeId>;
  /** Renames of directories persist in order, or a tree could end up below itself. */
  readonly movesDirectory: boolean;
  /** The file whose earlier data is written before this persists, where the profile says so. */
  readonly flushes: InodeId | undefined;
  /**
   * A failed sync marked the directory's pages clean: readers see the names until the next crash,
   * but no sync writes them anymore. Doing it once more does.
   */
  isClean: boolean;
}

export type Operation = DataOperation | NameOperation;

/** Whether a failed sync took away every chance of it to be written. */
export function isClean(operation: Operation): boolean {
  return operation.kind !== 'resize' && operation.isClean;
}

/** What orders two operations on names: those with a key in common persist in order. */
export function nameKeys(operation: NameOperation): string[] {
  const keys = operation.changes.map((change) => `${change.directory}/${change.name}`);
  return operation.movesDirectory ? [...keys, 'directory-moves'] : keys;
}
