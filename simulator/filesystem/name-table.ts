// One view of the directories of a disk: which name in which directory means which inode. A disk
// has two of these, what readers see and what would survive. Knows nothing of bytes or durability.

export type InodeId = number;

export const ROOT: InodeId = 1;

export class NameTable {
  readonly #entries = new Map<InodeId, Map<string, InodeId>>();

  get(directory: InodeId, name: string): InodeId | undefined {
    return this.#entries.get(directory)?.get(name);
  }

  set(directory: InodeId, name: string, inode: InodeId | undefined): void {
    const names = this.#entries.get(directory);
    if (inode === undefined) {
      names?.delete(name);
      return;
    }
    if (names === undefined) this.#entries.set(directory, new Map([[name, inode]]));
    else names.set(name, inode);
  }

  isEmpty(directory: InodeId): boolean {
    return (this.#entries.get(directory)?.size ?? 0) === 0;
  }

  /** Ascending by code units. */
  names(directory: InodeId): string[] {
    return [...(this.#entries.get(directory)?.keys() ?? [])].sort();
  }

  /** Forgets the directory; returns what its names meant. */
  removeDirectory(directory: InodeId): readonly InodeId[] {
    const inodes = [...(this.#entries.get(directory)?.values() ?? [])];
    this.#entries.delete(directory);
    return inodes;
  }

  /** All paths below the root, parents before children, ascending by code units in a directory. */
  paths(): Map<string, InodeId> {
    const found = new Map<string, InodeId>();
    this.#collect('', ROOT, found);
    return found;
  }

  #collect(prefix: string, directory: InodeId, found: Map<string, InodeId>): void {
    for (const name of this.names(directory)) {
      const inode = this.get(directory, name);
      const path = `${prefix}/${name}`;
      if (inode === undefined) continue;
      found.set(path, inode);
      this.#collect(path, inode, found);
    }
  }
}
