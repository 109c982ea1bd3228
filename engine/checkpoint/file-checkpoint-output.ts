// One artefact on its way to a store. Small ones never get there: they travel inside the handle.
// The handle is given out only when the bytes and the name are durable; a failed artefact is
// removed as far as that works, and its name is never used again.

import { joinBytes } from '../core/bytes.ts';
import { assert } from '../core/assert.ts';
import { buggify } from '../core/buggify.ts';
import { crc32c } from '../core/crc32c.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { ArtefactStore, ArtefactWriter } from './artefact-store.ts';
import type { CheckpointOutput } from './checkpoint-storage.ts';
import { isFileSystemError } from './file-system-outcome.ts';

/** Writes are gathered up to this size: a call of the store each, not one per write. */
const BUFFER_BYTES = 256 * 1024;
/** Names are made to be unique; more collisions than this are not chance. */
const NAME_ATTEMPTS_MAX = 100;

export interface FileCheckpointOutputOptions {
  readonly store: ArtefactStore;
  readonly scope: 'exclusive' | 'shared';
  /** Up to this size, exclusive: inline. Shared artefacts are files always, to be shared. */
  readonly inlineBelowBytes: number;
  /** A path never given before. */
  readonly nextPath: () => string;
}

interface Opened {
  readonly path: string;
  readonly writer: ArtefactWriter;
}

export class FileCheckpointOutput implements CheckpointOutput {
  readonly #options: FileCheckpointOutputOptions;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #sizeBytes = 0;
  #checksum = crc32c(new Uint8Array(0));
  #opened: Opened | undefined;
  #isOver = false;
  #isStored = false;

  constructor(options: FileCheckpointOutputOptions) {
    this.#options = options;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isOver, 'Cannot write to an artefact: it is closed');
    this.#checksum = crc32c(bytes, this.#checksum);
    this.#sizeBytes += bytes.length;
    // The caller may reuse its buffer once we have returned.
    this.#gathered.push(bytes.slice());
    this.#gatheredBytes += bytes.length;
    const { inlineBelowBytes } = this.#options;
    if (this.#gatheredBytes >= Math.max(BUFFER_BYTES, inlineBelowBytes)) await this.#flush();
  }

  async close(): Promise<StateHandle> {
    assert(!this.#isOver, 'Cannot close an artefact: it is closed');
    this.#isOver = true;
    const { scope, inlineBelowBytes } = this.#options;
    const sizeBytes = this.#sizeBytes;
    const checksum = this.#checksum;
    const isSmall = scope === 'exclusive' && sizeBytes < inlineBelowBytes;
    const isInline = isSmall && this.#opened === undefined;
    if (isInline && !buggify('a small artefact becomes a file')) {
      return { kind: 'inline', bytes: this.#take(), sizeBytes, checksum };
    }
    const { path, writer } = await this.#flush();
    await writer.close();
    this.#isStored = true;
    return { kind: 'file', path, sizeBytes, checksum, scope };
  }

  async discard(): Promise<void> {
    this.#isOver = true;
    this.#gathered = [];
    if (this.#opened === undefined) return;
    const { path, writer } = this.#opened;
    if (this.#isStored) await removeQuietly(this.#options.store, path);
    else await writer.abort();
  }

  async #flush(): Promise<Opened> {
    this.#opened ??= await this.#open();
    const bytes = this.#take();
    if (bytes.length > 0) await this.#opened.writer.write(bytes);
    return this.#opened;
  }

  async #open(): Promise<Opened> {
    const { store, nextPath } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const path = nextPath();
      try {
        return { path, writer: await store.create(path) };
      } catch (error) {
        const isTaken = isFileSystemError(error, 'EEXIST');
        if (isTaken && attempt < NAME_ATTEMPTS_MAX) continue;
        // A call that failed in another way may have made the file.
        if (!isTaken) await removeQuietly(store, path);
        throw error;
      }
    }
  }

  #take(): Uint8Array {
    const joined = joinBytes(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    return joined;
  }
}

async function removeQuietly(store: ArtefactStore, path: string): Promise<void> {
  try {
    await store.remove(path);
  } catch {
    // Left to the sweep, as in abort().
  }
}
