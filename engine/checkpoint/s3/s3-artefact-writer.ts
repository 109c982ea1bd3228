// One artefact on its way into a bucket: in one conditional request if it is small, in parts if it
// is not. Holds at most one part in memory. Its name is taken at the end, by whoever comes first.

import { assert } from '../../core/assert.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import type { ArtefactWriter } from '../artefact-store.ts';
import type { PutOutcome, S3Objects } from './s3-objects.ts';
import type { Upload, UploadedPart, S3Uploads } from './s3-uploads.ts';

export interface S3WriterOptions {
  readonly key: string;
  /** For people. */
  readonly place: string;
  /** Unlike that of any other writer. */
  readonly writer: string;
  readonly partBytes: number;
  readonly objects: S3Objects;
  readonly uploads: S3Uploads;
  /** Called before the first upload in parts. */
  readonly requireConditionalUploads: () => Promise<void>;
}

/** With 10,000 parts at most, the largest object that S3 takes, 5 TiB, is within reach. */
const PARTS_OF_ONE_SIZE = 1000;

export class S3ArtefactWriter implements ArtefactWriter {
  readonly #options: S3WriterOptions;
  readonly #parts: UploadedPart[] = [];
  #buffer = new Uint8Array(0);
  #filled = 0;
  #upload: Upload | undefined;
  #isOver = false;
  #isClosing = false;

  constructor(options: S3WriterOptions) {
    this.#options = options;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isOver, `Cannot write to "${this.#options.place}": it is closed`);
    let at = 0;
    while (at < bytes.length) {
      // Not before there is more to come: the last part goes up with close().
      if (this.#filled === this.#partBytes) await this.#putPart();
      const taken = Math.min(bytes.length - at, this.#partBytes - this.#filled);
      this.#reserve(this.#filled + taken);
      this.#buffer.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
    }
  }

  async close(): Promise<void> {
    assert(!this.#isOver, `Cannot close "${this.#options.place}": it is closed`);
    this.#isOver = true;
    this.#isClosing = true;
    const outcome = await this.#finish();
    this.#buffer = new Uint8Array(0);
    if (outcome === 'stored') return;
    const { key, place, objects, writer } = this.#options;
    const head = outcome === 'unsettled' ? await objects.head(key) : undefined;
    if (head?.writer === writer) return;
    await this.abort();
    // An upload that somebody aborted leaves nothing behind, and nothing to try again with.
    const isLost = outcome === 'unsettled' && head === undefined;
    throw new FileSystemError(isLost ? 'EIO' : 'EEXIST', 'put', place);
  }

  async abort(): Promise<void> {
    this.#isOver = true;
    this.#buffer = new Uint8Array(0);
    const { key, objects, uploads, writer } = this.#options;
    try {
      if (this.#upload !== undefined) await uploads.abort(this.#upload);
      // The answer to its last request may have been lost, though it was carried out.
      if (this.#isClosing && (await objects.head(key))?.writer === writer) {
        await objects.delete(key);
      }
    } catch {
      // Left to the clean-up of the directory: giving up has to work without S3 too.
    }
  }

  get #partBytes(): number {
    return this.#options.partBytes * 2 ** Math.floor(this.#parts.length / PARTS_OF_ONE_SIZE);
  }

  async #finish(): Promise<PutOutcome> {
    const { key, writer, objects, uploads } = this.#options;
    if (this.#upload === undefined) {
      return objects.putOnce(key, this.#buffer.subarray(0, this.#filled), writer);
    }
    await this.#putPart();
    return uploads.completeOnce(this.#upload, this.#parts);
  }

  async #putPart(): Promise<void> {
    const { key, writer, uploads, requireConditionalUploads } = this.#options;
    if (this.#upload === undefined) {
      await requireConditionalUploads();
      this.#upload = await uploads.begin(key, writer);
    }
    const bytes = this.#buffer.subarray(0, this.#filled);
    this.#parts.push(await uploads.putPart(this.#upload, this.#parts.length + 1, bytes));
    this.#filled = 0;
  }

  /** Doubles, so that a small artefact does not cost a whole part of memory. */
  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const grown = new Uint8Array(
      Math.min(this.#partBytes, Math.max(size, 2 * this.#buffer.length, 1024)),
    );
    grown.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = grown;
  }
}
