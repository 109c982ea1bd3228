// The bytes of files by inode number, in one memfs volume. This is the only file that knows memfs:
// it uses the synchronous calls alone, and gives each inode a flat name, because names, links and
// durability are decided above. Growing fills with zeros.

import { Volume } from 'memfs';

/** memfs allows 10,000 open files; a descriptor kept open makes small writes ten times cheaper. */
const OPEN_FILES_MAX = 256;

export class ByteStore {
  readonly #sizes = new Map<number, number>();
  readonly #descriptors = new Map<number, number>();
  #lazyVolume: Volume | undefined;
  #usedBytes = 0;

  /** The sum of all sizes. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** 0 for an inode that was never written. */
  size(inode: number): number {
    return this.#sizes.get(inode) ?? 0;
  }

  /** Fewer bytes than `length` where the file ends. */
  read(inode: number, offset: number, length: number): Uint8Array {
    const available = Math.max(0, Math.min(length, this.size(inode) - offset));
    const bytes = new Uint8Array(available);
    if (available > 0) {
      this.#volume.readSync(this.#descriptor(inode), bytes, 0, available, offset);
    }
    return bytes;
  }

  write(inode: number, offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#volume.writeSync(this.#descriptor(inode), bytes, 0, bytes.length, offset);
    this.#setSize(inode, Math.max(this.size(inode), offset + bytes.length));
  }

  resize(inode: number, sizeBytes: number): void {
    if (this.size(inode) === sizeBytes) return;
    this.#volume.ftruncateSync(this.#descriptor(inode), sizeBytes);
    this.#setSize(inode, sizeBytes);
  }

  /** Makes the bytes of `inode` those it has in `source`. */
  copyFrom(source: ByteStore, inode: number): void {
    const bytes = source.read(inode, 0, source.size(inode));
    this.write(inode, 0, bytes);
    this.resize(inode, bytes.length);
  }

  remove(inode: number): void {
    if (!this.#sizes.has(inode)) return;
    this.#close(inode);
    this.#volume.unlinkSync(fileName(inode));
    this.#setSize(inode, 0);
    this.#sizes.delete(inode);
  }

  /** Made at the first use: most disks of a sweep hold few files or none. */
  get #volume(): Volume {
    this.#lazyVolume ??= new Volume();
    return this.#lazyVolume;
  }

  #setSize(inode: number, sizeBytes: number): void {
    this.#usedBytes += sizeBytes - this.size(inode);
    this.#sizes.set(inode, sizeBytes);
  }

  #descriptor(inode: number): number {
    const open = this.#descriptors.get(inode);
    if (open !== undefined) return open;
    const oldest = this.#descriptors.keys().next();
    if (this.#descriptors.size >= OPEN_FILES_MAX && oldest.done !== true) this.#close(oldest.value);
    const exists = this.#sizes.has(inode);
    const opened = this.#volume.openSync(fileName(inode), exists ? 'r+' : 'w+');
    if (!exists) this.#sizes.set(inode, 0);
    this.#descriptors.set(inode, opened);
    return opened;
  }

  #close(inode: number): void {
    const descriptor = this.#descriptors.get(inode);
    if (descriptor === undefined) return;
    this.#volume.closeSync(descriptor);
    this.#descriptors.delete(inode);
  }
}

function fileName(inode: number): string {
  return `/${inode}`;
}
