// Encryption at rest around any ArtefactStore: contents are encrypted, names and sizes are not. Who
// reads and writes through it sees plain bytes and their sizes. It guards against whoever can read
// or change the storage; a whole older checkpoint put back in place is found by its id, not here.

import { areEqualBytes } from '../core/bytes.ts';
import { OnceproofError } from '../core/errors.ts';
import type { FileStatus } from '../environment/filesystem.ts';
import type { ArtefactCipher, ArtefactSealer } from './artefact-cipher.ts';
import type { ArtefactStore, ArtefactWriter } from './artefact-store.ts';
import { readChecked } from './checked-read.ts';
import type { FrameCipher } from './sealed-format.ts';
import { framesIn, plainSizeOf, SEALED } from './sealed-sizes.ts';

const SEALED_FRAME_BYTES = SEALED.FRAME_BYTES + SEALED.TAG_BYTES;

export class EncryptedArtefactStore implements ArtefactStore {
  readonly #store: ArtefactStore;
  readonly #cipher: ArtefactCipher;

  constructor(store: ArtefactStore, cipher: ArtefactCipher) {
    this.#store = store;
    this.#cipher = cipher;
  }

  describe(path: string): string {
    return this.#store.describe(path);
  }

  pathOf(place: string): string | undefined {
    return this.#store.pathOf(place);
  }

  async create(path: string): Promise<ArtefactWriter> {
    const sealer = await this.#cipher.begin(path);
    return new EncryptedArtefactWriter(await this.#store.create(path), sealer);
  }

  async publish(path: string, bytes: Uint8Array, fencingToken: string): Promise<void> {
    const sealed = await this.#cipher.sealWhole(path, bytes);
    try {
      await this.#store.publish(path, sealed, fencingToken);
    } catch (error) {
      if (!(error instanceof OnceproofError) || error.code !== 'OP-E507') throw error;
      // Ours from before the key was changed: published, though under other bytes.
      if (!(await this.#isPublished(path, bytes))) throw error;
      await this.#store.confirm(path);
    }
  }

  async #isPublished(path: string, bytes: Uint8Array): Promise<boolean> {
    try {
      return areEqualBytes(await this.read(path), bytes);
    } catch (error) {
      if (error instanceof OnceproofError) return false;
      throw error;
    }
  }

  confirm(path: string): Promise<void> {
    return this.#store.confirm(path);
  }

  async read(path: string, offset?: number, length?: number): Promise<Uint8Array> {
    if (offset !== undefined || length !== undefined) {
      return this.#readRange(path, offset ?? 0, length ?? Number.MAX_SAFE_INTEGER);
    }
    return this.#open(path, await this.#store.read(path));
  }

  readChecked<T>(path: string, check: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
    return readChecked(this.#store, path, async (sealed) => check(await this.#open(path, sealed)));
  }

  async status(path: string): Promise<FileStatus | undefined> {
    const status = await this.#store.status(path);
    if (status?.kind !== 'file') return status;
    if (this.#cipher.acceptUnencrypted && (await this.#cipherOf(path)) === undefined) return status;
    return { kind: 'file', sizeBytes: plainSizeOf(status.sizeBytes) };
  }

  list(directory: string): Promise<readonly string[]> {
    return this.#store.list(directory);
  }

  makeDirectory(path: string): Promise<void> {
    return this.#store.makeDirectory(path);
  }

  unpublish(path: string): Promise<boolean> {
    return this.#store.unpublish(path);
  }

  remove(path: string): Promise<boolean> {
    return this.#store.remove(path);
  }

  removeTree(directory: string): Promise<void> {
    return this.#store.removeTree(directory);
  }

  #open(path: string, sealed: Uint8Array): Promise<Uint8Array> {
    return this.#cipher.open({ path, place: this.describe(path) }, sealed);
  }

  async #cipherOf(path: string): Promise<FrameCipher | undefined> {
    const beginning = await this.#store.read(path, 0, SEALED.HEADER_BYTES);
    return this.#cipher.cipherOf({ path, place: this.describe(path) }, beginning);
  }

  /** Reads and decrypts the frames that the range touches, and no others. */
  async #readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
    const cipher = await this.#cipherOf(path);
    if (cipher === undefined) return this.#store.read(path, offset, length);
    const status = await this.#store.status(path);
    const sealedBytes = status?.kind === 'file' ? status.sizeBytes : 0;
    const end = Math.min(offset + length, plainSizeOf(sealedBytes));
    if (offset >= end) return new Uint8Array(0);
    const first = Math.floor(offset / SEALED.FRAME_BYTES);
    const count = Math.ceil(end / SEALED.FRAME_BYTES) - first;
    const start = SEALED.HEADER_BYTES + first * SEALED_FRAME_BYTES;
    const frames = await this.#store.read(path, start, count * SEALED_FRAME_BYTES);
    const which = { first, count, of: framesIn(sealedBytes) };
    const plain = this.#cipher.openFrames({ cipher, place: this.describe(path), frames }, which);
    const from = offset - first * SEALED.FRAME_BYTES;
    return plain.slice(from, from + end - offset);
  }
}

class EncryptedArtefactWriter implements ArtefactWriter {
  readonly #writer: ArtefactWriter;
  readonly #sealer: ArtefactSealer;

  constructor(writer: ArtefactWriter, sealer: ArtefactSealer) {
    this.#writer = writer;
    this.#sealer = sealer;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const sealed = this.#sealer.push(bytes);
    if (sealed.length > 0) await this.#writer.write(sealed);
  }

  async close(): Promise<void> {
    await this.#writer.write(this.#sealer.finish());
    await this.#writer.close();
  }

  abort(): Promise<void> {
    return this.#writer.abort();
  }
}
