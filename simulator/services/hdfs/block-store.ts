// The blocks of a DataNode, a file each, durable once written. The checksum of a file is computed
// as HDFS does: CRC-32C of every 512 bytes, MD5 of those of a block, MD5 of those of the file.

import { md5 } from '@noble/hashes/legacy.js';
import { crc32c } from '../../../engine/core/crc32c.ts';
import { type FileSystem, FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { HdfsException, jsonAnswer } from './hdfs-exception.ts';

const DIRECTORY = '/blocks';
const BYTES_PER_CRC = 512;
const CRC_BYTES = 4;
const CHECKSUM_BYTES = 28;

/** Id and how much of the copy counts. */
export type Located = readonly [block: number, length: number];

export class BlockStore {
  readonly #files: FileSystem;
  /** Blocks whose length has been settled: a writer that wakes up late must not add any more. */
  readonly #settled = new Set<number>();
  readonly #failed = new Set<number>();

  constructor(files: FileSystem) {
    this.#files = files;
  }

  async write(block: number, bytes: Uint8Array): Promise<void> {
    if (this.#settled.has(block)) {
      throw new HdfsException('IOException', `Block blk_${block} is in recovery`);
    }
    await this.#files.makeDirectory(DIRECTORY);
    await this.#files.sync('/');
    try {
      await this.#files.create(pathOf(block), bytes);
      await this.#files.sync(pathOf(block));
      await this.#files.sync(DIRECTORY);
    } catch (error) {
      // What can be read of it need not be on the disk: nobody shall take it for written.
      this.#failed.add(block);
      throw error;
    }
  }

  async read(blocks: readonly Located[]): Promise<Uint8Array> {
    const whole = new Uint8Array(blocks.reduce((sum, [, length]) => sum + length, 0));
    let at = 0;
    for (const [block, length] of blocks) {
      whole.set(await this.#readBlock(block, length), at);
      at += length;
    }
    return whole;
  }

  async checksum(blocks: readonly Located[]): Promise<HttpResponse> {
    const digests = new Uint8Array(bufferSizeOf(blocks.length * 16));
    for (const [index, [block, length]] of blocks.entries()) {
      digests.set(md5(crcsOf(await this.#readBlock(block, length))), index * 16);
    }
    const crcPerBlock = blocks.length > 1 ? Math.ceil((blocks[0]?.[1] ?? 0) / BYTES_PER_CRC) : 0;
    const algorithm = `MD5-of-${crcPerBlock}MD5-of-${BYTES_PER_CRC}CRC32C`;
    const digits = `${hex(BYTES_PER_CRC, 8)}${hex(crcPerBlock, 16)}${hexOf(md5(digests))}`;
    const bytes = digits.padEnd(bufferSizeOf(CHECKSUM_BYTES) * 2, '0');
    return jsonAnswer({ FileChecksum: { algorithm, bytes, length: CHECKSUM_BYTES } });
  }

  /** Ids and lengths of those that are there; of the others nothing will ever be. */
  async recover(blocks: readonly number[]): Promise<readonly Located[]> {
    const found: Located[] = [];
    for (const block of blocks) {
      this.#settled.add(block);
      if (this.#failed.has(block)) continue;
      const status = await this.#files.status(pathOf(block));
      if (status?.kind !== 'file') continue;
      // Its writer may have died before it could.
      await this.#files.sync(pathOf(block));
      await this.#files.sync(DIRECTORY);
      found.push([block, status.sizeBytes]);
    }
    return found;
  }

  async list(): Promise<readonly number[]> {
    const status = await this.#files.status(DIRECTORY);
    if (status === undefined) return [];
    const names = await this.#files.list(DIRECTORY);
    return names.map((name) => Number(name.slice('blk_'.length)));
  }

  async remove(blocks: readonly number[]): Promise<void> {
    for (const block of blocks) await this.#files.remove(pathOf(block));
  }

  async #readBlock(block: number, length: number): Promise<Uint8Array> {
    const bytes = await this.#readFile(block);
    if (bytes !== undefined && bytes.length >= length) return bytes.subarray(0, length);
    throw new HdfsException('IOException', `Could not obtain block: blk_${block}`);
  }

  async #readFile(block: number): Promise<Uint8Array | undefined> {
    try {
      return await this.#files.read(pathOf(block));
    } catch (error) {
      if (error instanceof FileSystemError && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

function pathOf(block: number): string {
  return `${DIRECTORY}/blk_${block}`;
}

/** The real one digests, and prints, its buffers with the zeros at their ends. */
function bufferSizeOf(sizeBytes: number): number {
  let capacity = 32;
  while (capacity < sizeBytes) capacity *= 2;
  return capacity;
}

function crcsOf(bytes: Uint8Array): Uint8Array {
  const crcs = new DataView(new ArrayBuffer(Math.ceil(bytes.length / BYTES_PER_CRC) * CRC_BYTES));
  for (let at = 0; at < bytes.length; at += BYTES_PER_CRC) {
    const crc = crc32c(bytes.subarray(at, at + BYTES_PER_CRC));
    crcs.setUint32((at / BYTES_PER_CRC) * CRC_BYTES, crc >>> 0);
  }
  return new Uint8Array(crcs.buffer);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => hex(byte, 2)).join('');
}
