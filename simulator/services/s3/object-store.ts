// Objects and uploads of the simulated S3 on its disk. What resolved is durable and seen by every
// read that begins later. Changes take effect one after the other; of several puts on the condition
// that there is none, one succeeds.

import type { FileSystem } from '../../../engine/environment/filesystem.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import { RecordFiles, type StagedRecord } from './record-files.ts';
import {
  endUpload,
  nameOf,
  recover,
  type Kept,
  type ObjectHeader,
  type PartHeader,
  type PendingUpload,
  type RecordHeader,
  type UploadHeader,
} from './record-kinds.ts';

export type PutResult = 'stored' | 'exists' | 'conflict';

export interface ObjectStoreOptions {
  readonly filesystem: FileSystem;
  /** Told of every change that took effect: what was there before, what is there now. */
  readonly changed: (
    name: string,
    before: ObjectHeader | undefined,
    after: ObjectHeader | undefined,
  ) => void;
}

export class ObjectStore {
  readonly #files: RecordFiles;
  readonly #options: ObjectStoreOptions;
  readonly #objects = new Map<string, Kept<ObjectHeader>>();
  readonly #uploads = new Map<string, PendingUpload>();
  /** Keys that somebody is writing, with how many do. */
  readonly #writing = new Map<string, number>();
  /** Records that do not count any more, or never did, and may still be on the disk. */
  #dead: readonly number[] = [];
  /** Marks of deletion, which have to outlive all of those. */
  #marks: readonly number[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ObjectStoreOptions) {
    this.#options = options;
    this.#files = new RecordFiles(options.filesystem);
  }

  async load(): Promise<void> {
    const { objects, uploads, dead, marks } = recover(await this.#files.load());
    for (const [name, object] of objects) this.#objects.set(name, object);
    for (const [id, upload] of uploads) this.#uploads.set(id, upload);
    await this.#clear(dead, marks);
  }

  object(bucket: string, key: string): ObjectHeader | undefined {
    return this.#objects.get(nameOf(bucket, key));
  }

  objectsOf(bucket: string): readonly ObjectHeader[] {
    return [...this.#objects.values()].filter((object) => object.bucket === bucket);
  }

  upload(id: string): PendingUpload | undefined {
    return this.#uploads.get(id);
  }

  uploadsOf(bucket: string): readonly UploadHeader[] {
    const headers = [...this.#uploads.values()].map(({ header }) => header);
    return headers.filter((header) => header.bucket === bucket);
  }

  /** Undefined if it was deleted meanwhile. */
  async read(object: ObjectHeader, from: number, length: number): Promise<Uint8Array | undefined> {
    const kept = this.#objects.get(nameOf(object.bucket, object.key));
    if (kept === undefined || kept.etag !== object.etag) return undefined;
    try {
      return await this.#files.readBytes(kept.sequence, kept.bodyOffset + from, length);
    } catch (error) {
      // Deleted, or replaced, while it was being read.
      if (error instanceof FileSystemError && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async put(header: ObjectHeader, body: Uint8Array, onlyIfNone: boolean): Promise<PutResult> {
    const name = nameOf(header.bucket, header.key);
    const others = this.#writing.get(name) ?? 0;
    if (onlyIfNone && others > 0) return 'conflict';
    this.#writing.set(name, others + 1);
    try {
      const staged = await this.#files.stage(header, body);
      return await this.#inTurn(() => this.#commitObject(header, staged, onlyIfNone));
    } finally {
      this.#writing.set(name, (this.#writing.get(name) ?? 1) - 1);
    }
  }

  /** Whether or not there is one. */
  delete(bucket: string, key: string): Promise<void> {
    return this.#inTurn(async () => {
      const name = nameOf(bucket, key);
      const before = this.#objects.get(name);
      // A put that failed halfway may come back too, until its record is gone.
      if (before === undefined && this.#dead.length === 0) return;
      const mark = await this.#append({ kind: 'deleted', bucket, key }, NO_BYTES);
      this.#objects.delete(name);
      this.#options.changed(name, before, undefined);
      await this.#clear(before === undefined ? [] : [before.sequence], [mark.sequence]);
    });
  }

  beginUpload(header: UploadHeader): Promise<void> {
    return this.#inTurn(async () => {
      const kept = await this.#append(header, NO_BYTES);
      this.#uploads.set(header.id, { header: kept, parts: new Map() });
    });
  }

  /** False if the upload is over. */
  async putPart(header: PartHeader, body: Uint8Array): Promise<boolean> {
    const staged = await this.#files.stage(header, body);
    return this.#inTurn(async () => {
      const upload = this.#uploads.get(header.upload);
      if (upload === undefined) {
        await this.#files.discard(staged);
        return false;
      }
      const older = upload.parts.get(header.number);
      upload.parts.set(header.number, await this.#commit(header, staged));
      if (older !== undefined) await this.#clear([older.sequence], []);
      return true;
    });
  }

  /** Undefined if a part was replaced or its upload ended meanwhile. */
  async readParts(parts: readonly PartHeader[]): Promise<Uint8Array | undefined> {
    const bodies: Uint8Array[] = [];
    for (const { upload, number, etag } of parts) {
      const kept = this.#uploads.get(upload)?.parts.get(number);
      if (kept === undefined || kept.etag !== etag) return undefined;
      bodies.push(await this.#files.readBytes(kept.sequence, kept.bodyOffset, kept.sizeBytes));
    }
    const whole = new Uint8Array(bodies.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const body of bodies) {
      whole.set(body, at);
      at += body.length;
    }
    return whole;
  }

  /** False if it is over already. */
  abortUpload(id: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const sequences = endUpload(this.#uploads, id);
      await this.#clear(sequences, []);
      return sequences.length > 0;
    });
  }

  async #commitObject(
    header: ObjectHeader,
    staged: StagedRecord,
    onlyIfNone: boolean,
  ): Promise<PutResult> {
    const name = nameOf(header.bucket, header.key);
    const before = this.#objects.get(name);
    const isOver = header.upload !== undefined && !this.#uploads.has(header.upload);
    if ((onlyIfNone && before !== undefined) || isOver) {
      await this.#files.discard(staged);
      return isOver ? 'conflict' : 'exists';
    }
    this.#objects.set(name, await this.#commit(header, staged));
    this.#options.changed(name, before, header);
    const replaced = before === undefined ? [] : [before.sequence];
    await this.#clear([...replaced, ...endUpload(this.#uploads, header.upload)], []);
    return 'stored';
  }

  async #append<Header extends RecordHeader>(
    header: Header,
    body: Uint8Array,
  ): Promise<Kept<Header>> {
    return this.#commit(header, await this.#files.stage(header, body));
  }

  async #commit<Header extends RecordHeader>(
    header: Header,
    staged: StagedRecord,
  ): Promise<Kept<Header>> {
    const sequence = this.#files.nextSequence();
    try {
      await this.#files.commit(staged, sequence);
    } catch (error) {
      this.#dead = [...this.#dead, sequence];
      throw error;
    }
    return { ...header, sequence, bodyOffset: staged.bodyOffset };
  }

  /** What it cannot remove it tries again the next time. */
  async #clear(dead: readonly number[], marks: readonly number[]): Promise<void> {
    this.#dead = [...this.#dead, ...dead];
    this.#marks = [...this.#marks, ...marks];
    if (this.#dead.length > 0) {
      for (const sequence of this.#dead) await this.#files.remove(sequence);
      await this.#files.sync();
      this.#dead = [];
    }
    // Nobody relies on these being gone; the next sync takes them along.
    for (const sequence of this.#marks) await this.#files.remove(sequence);
    this.#marks = [];
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change, change);
    this.#last = turn;
    return turn;
  }
}

const NO_BYTES = new Uint8Array(0);
