// Which inodes exist and who still means them: names in either view and names in the log. An inode
// that nobody means vanishes with its bytes; one without a visible name has no visible bytes.

import { present } from '../../engine/core/assert.ts';
import { type InodeId, ROOT } from './name-table.ts';

interface Inode {
  readonly isDirectory: boolean;
  /** Names in both views and in the log. */
  references: number;
  /** Names that readers see. */
  visibleNames: number;
}

export class InodeTable {
  readonly #inodes = new Map<InodeId, Inode>();
  #suspects = new Set<InodeId>();
  #nextInode: InodeId = ROOT + 1;

  constructor() {
    this.#inodes.set(ROOT, { isDirectory: true, references: 1, visibleNames: 1 });
  }

  /** Nobody means it yet: name it before the next `takeSuspects`. */
  create(isDirectory: boolean): InodeId {
    const inode = this.#nextInode++;
    this.#inodes.set(inode, { isDirectory, references: 0, visibleNames: 0 });
    return inode;
  }

  exists(inode: InodeId): boolean {
    return this.#inodes.has(inode);
  }

  isVisible(inode: InodeId): boolean {
    return (this.#inodes.get(inode)?.visibleNames ?? 0) > 0;
  }

  isDirectory(inode: InodeId): boolean {
    return this.#inodes.get(inode)?.isDirectory === true;
  }

  retain(inode: InodeId): void {
    this.#get(inode).references += 1;
  }

  release(inode: InodeId): void {
    this.#get(inode).references -= 1;
    this.#suspects.add(inode);
  }

  addVisibleName(inode: InodeId): void {
    this.#get(inode).visibleNames += 1;
    this.retain(inode);
  }

  removeVisibleName(inode: InodeId): void {
    this.#get(inode).visibleNames -= 1;
    this.release(inode);
  }

  /** Inodes that lost a name since the last call, with what is left of them. */
  takeSuspects(): readonly { readonly inode: InodeId; readonly left: 'hidden' | 'nothing' }[] {
    const suspects = this.#suspects;
    this.#suspects = new Set();
    return [...suspects].flatMap((inode) => {
      const { references, visibleNames } = this.#get(inode);
      if (visibleNames > 0) return [];
      return [{ inode, left: references > 0 ? ('hidden' as const) : ('nothing' as const) }];
    });
  }

  delete(inode: InodeId): void {
    this.#inodes.delete(inode);
  }

  #get(inode: InodeId): Inode {
    return present(this.#inodes.get(inode), `Cannot find inode ${inode}: it has vanished`);
  }
}
