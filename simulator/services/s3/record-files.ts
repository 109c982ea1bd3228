// Records on the server's disk, one file each, numbered in the order in which they were made: a
// header as JSON, a line feed, a body. A record is written aside, synced and renamed, so that a
// crash leaves the whole of it or nothing. Does not protect against a disk that forgets or alters.

import { utf8ToBytes } from '@noble/hashes/utils.js';
import { FileSystemError, type FileSystem } from '../../../engine/environment/filesystem.ts';
import { decodeUtf8 } from './text.ts';

export interface StoredRecord {
  /** Later records have higher ones. */
  readonly sequence: number;
  readonly header: unknown;
  readonly bodyOffset: number;
}

/** Written and synced, but not there yet, and without a place in the order. */
export interface StagedRecord {
  readonly path: string;
  readonly bodyOffset: number;
}

/** Keys have 1,024 bytes at most and metadata 2,048: more than enough. */
const HEADER_BYTES_MAX = 16_384;
const LINE_FEED = 0x0a;
const STAGED = 'staged-';

export class RecordFiles {
  readonly #filesystem: FileSystem;
  readonly #directory = '/s3';
  #lastSequence = 0;
  #stagedCount = 0;

  constructor(filesystem: FileSystem) {
    this.#filesystem = filesystem;
  }

  /** What a life before left, ascending. Clears away what it had not finished. */
  async load(): Promise<readonly StoredRecord[]> {
    await this.#filesystem.makeDirectory(this.#directory);
    await this.#filesystem.sync('/');
    await this.#filesystem.sync(this.#directory);
    const records: StoredRecord[] = [];
    for (const name of await this.#filesystem.list(this.#directory)) {
      if (name.startsWith(STAGED)) await this.#filesystem.remove(`${this.#directory}/${name}`);
      else {
        this.#lastSequence = Number(name);
        const record = await this.#read(this.#lastSequence);
        if (record !== undefined) records.push(record);
      }
    }
    return records;
  }

  async stage(header: unknown, body: Uint8Array): Promise<StagedRecord> {
    this.#stagedCount += 1;
    const path = `${this.#directory}/${STAGED}${this.#stagedCount}`;
    const line = utf8ToBytes(`${JSON.stringify(header)}\n`);
    const bytes = new Uint8Array(line.length + body.length);
    bytes.set(line);
    bytes.set(body, line.length);
    await this.#filesystem.create(path, bytes);
    await this.#filesystem.sync(path);
    return { path, bodyOffset: line.length };
  }

  /** Where in the order the next commit goes. */
  nextSequence(): number {
    this.#lastSequence += 1;
    return this.#lastSequence;
  }

  /** Durable when it resolves, with all removals before it. */
  async commit({ path }: StagedRecord, sequence: number): Promise<void> {
    await this.#filesystem.rename(path, this.#path(sequence));
    await this.#filesystem.sync(this.#directory);
  }

  discard({ path }: StagedRecord): Promise<void> {
    return this.#filesystem.remove(path);
  }

  /** A crash may bring it back, until the next commit or sync. */
  async remove(sequence: number): Promise<void> {
    try {
      await this.#filesystem.remove(this.#path(sequence));
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.code !== 'ENOENT') throw error;
    }
  }

  sync(): Promise<void> {
    return this.#filesystem.sync(this.#directory);
  }

  /** Of a file, counted from its start. */
  readBytes(sequence: number, offset: number, length: number): Promise<Uint8Array> {
    return this.#filesystem.read(this.#path(sequence), offset, length);
  }

  /** Undefined if the disk has altered it beyond recognition: what it was is lost. */
  async #read(sequence: number): Promise<StoredRecord | undefined> {
    const start = await this.readBytes(sequence, 0, HEADER_BYTES_MAX);
    const end = start.indexOf(LINE_FEED);
    const text = end < 0 ? undefined : decodeUtf8(start.subarray(0, end));
    try {
      const header: unknown = JSON.parse(text ?? 'null');
      return isRecord(header) ? { sequence, header, bodyOffset: end + 1 } : undefined;
    } catch {
      return undefined;
    }
  }

  #path(sequence: number): string {
    return `${this.#directory}/${String(sequence).padStart(12, '0')}`;
  }
}

function isRecord(header: unknown): boolean {
  return typeof header === 'object' && header !== null && 'kind' in header;
}
