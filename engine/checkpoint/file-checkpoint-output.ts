// One artefact on its way to a file. Small ones never become a file: they travel inside the handle.
// The handle is given out only when the bytes and the name are durable; a failed artefact is
// removed as far as that works, and its name is never used again.

import { assert } from '../core/assert.ts';
import { crc32c } from '../core/crc32c.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { parentOf } from './checkpoint-layout.ts';
import type { CheckpointOutput } from './checkpoint-storage.ts';
import { removeIfThere } from './durable-files.ts';
import { isFileSystemError } from './file-system-outcome.ts';

/** Writes are gathered up to this size: a file system call each, not one per write. */
const BUFFER_BYTES = 256 * 1024;
/** Names are made to be unique; more collisions than this are not chance. */
const NAME_ATTEMPTS_MAX = 100;

export interface FileCheckpointOutputOptions {
  readonly filesystem: FileSystem;
  readonly scope: 'exclusive' | 'shared';
  /** Up to this size, exclusive: inline. Shared artefacts are files always, to be shared. */
  readonly inlineBelowBytes: number;
  /** A path never given before. */
  readonly nextPath: () => string;
}

export class FileCheckpointOutput implements CheckpointOutput {
  readonly #filesystem: FileSystem;
  readonly #scope: 'exclusive' | 'shared';
  readonly #inlineBelowBytes: number;
  readonly #nextPath: () => string;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #sizeBytes = 0;
  #checksum = crc32c(new Uint8Array(0));
  #path: string | undefined;
  #isOver = false;

  constructor(options: FileCheckpointOutputOptions) {
    this.#filesystem = options.filesystem;
    this.#scope = options.scope;
    this.#inlineBelowBytes = options.inlineBelowBytes;
    this.#nextPath = options.nextPath;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isOver, 'Cannot write to an artefact: it is closed');
    this.#checksum = crc32c(bytes, this.#checksum);
    this.#sizeBytes += bytes.length;
    // The caller may reuse its buffer once we have returned.
    this.#gathered.push(bytes.slice());
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= Math.max(BUFFER_BYTES, this.#inlineBelowBytes)) await this.#flush();
  }

  async close(): Promise<StateHandle> {
    assert(!this.#isOver, 'Cannot close an artefact: it is closed');
    this.#isOver = true;
    const sizeBytes = this.#sizeBytes;
    const checksum = this.#checksum;
    const isInline = this.#scope === 'exclusive' && sizeBytes < this.#inlineBelowBytes;
    if (isInline && this.#path === undefined) {
      return { kind: 'inline', bytes: this.#take(), sizeBytes, checksum };
    }
    const path = await this.#flush();
    await this.#filesystem.sync(path);
    await this.#filesystem.sync(parentOf(path));
    return { kind: 'file', path, sizeBytes, checksum, scope: this.#scope };
  }

  async discard(): Promise<void> {
    this.#isOver = true;
    this.#gathered = [];
    if (this.#path === undefined) return;
    try {
      await removeIfThere(this.#filesystem, this.#path);
    } catch {
      // Left to the sweep: giving up has to work on a broken disk too.
    }
  }

  async #flush(): Promise<string> {
    const bytes = this.#take();
    if (this.#path === undefined) return this.#create(bytes);
    if (bytes.length > 0) await this.#filesystem.append(this.#path, bytes);
    return this.#path;
  }

  async #create(bytes: Uint8Array): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const path = this.#nextPath();
      try {
        // Set first: a failed call may have made the file.
        this.#path = path;
        await this.#filesystem.create(path, bytes);
        return path;
      } catch (error) {
        const isTaken = isFileSystemError(error, 'EEXIST');
        // Somebody else's: not to be removed by discard().
        if (isTaken) this.#path = undefined;
        if (!isTaken || attempt === NAME_ATTEMPTS_MAX) throw error;
      }
    }
  }

  #take(): Uint8Array {
    const joined = new Uint8Array(this.#gatheredBytes);
    let at = 0;
    for (const piece of this.#gathered) {
      joined.set(piece, at);
      at += piece.length;
    }
    this.#gathered = [];
    this.#gatheredBytes = 0;
    return joined;
  }
}
