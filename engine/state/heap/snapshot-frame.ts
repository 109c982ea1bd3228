// The frame of a heap snapshot while it is written, in chunks: header, blocks, ends of sections,
// index. Between chunks the task goes on, so a chunk is the longest pause. It does not know what
// is in a block.

import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointOutput } from '../../checkpoint/checkpoint-storage.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import type { StateHandle } from '../state-handle.ts';
import type { SnapshotHeader } from './snapshot-format.ts';
import { HEAP_SNAPSHOT_MAGIC, writeHeader } from './snapshot-format.ts';
import type { RawBlock } from './snapshot-reader.ts';

/** About a millisecond of serialization. */
const CHUNK_BYTES = 256 * 1024;

export interface SnapshotTarget {
  readonly operatorName: string;
  readonly output: CheckpointOutput;
  /** Checked between chunks; gives the reason to stop, if there is one. */
  readonly stopReason: () => string | undefined;
}

export class SnapshotFrame {
  readonly writer = new ByteWriter(CHUNK_BYTES + CHUNK_BYTES / 4);
  readonly #target: SnapshotTarget;
  readonly #sectionLengths: number[] = [];
  #flushedBytes = 0;
  #sectionStart = 0;

  constructor(target: SnapshotTarget, header: SnapshotHeader) {
    this.#target = target;
    writeHeader(header, this.writer);
    this.#sectionStart = this.#position;
  }

  get isFull(): boolean {
    return this.writer.length >= CHUNK_BYTES;
  }

  /** Returns the offset of the count, for closeBlock(). */
  openBlock(meta: number): number {
    this.writer.writeVarint(meta + 1);
    const offset = this.writer.reserveU32();
    this.writer.reserveU32();
    return offset;
  }

  closeBlock(offset: number, count: number): void {
    this.writer.patchU32(offset, count);
    this.writer.patchU32(offset + 4, this.writer.length - offset - 8);
  }

  writeBlock(meta: number, block: Pick<RawBlock, 'count' | 'bytes'>): void {
    const offset = this.openBlock(meta);
    this.writer.writeRaw(block.bytes);
    this.closeBlock(offset, block.count);
  }

  endSection(): void {
    this.writer.writeU8(0);
    this.#sectionLengths.push(this.#position - this.#sectionStart);
    this.#sectionStart = this.#position;
  }

  /** Not while a block is open. */
  async flush(): Promise<void> {
    const bytes = this.writer.take();
    this.#flushedBytes += bytes.length;
    await this.#target.output.write(bytes);
    stopIfAsked(this.#target);
  }

  async finish(): Promise<StateHandle> {
    const start = this.writer.length;
    for (const length of this.#sectionLengths) this.writer.writeVarint(length);
    this.writer.writeU32(this.writer.length - start);
    this.writer.writeU32(HEAP_SNAPSHOT_MAGIC);
    await this.flush();
    return this.#target.output.close();
  }

  get #position(): number {
    return this.#flushedBytes + this.writer.length;
  }
}

/** OP-E508 if there is a reason to stop. */
export function stopIfAsked(target: Omit<SnapshotTarget, 'output'>): void {
  const reason = target.stopReason();
  if (reason === undefined) return;
  throw new OnceproofError('OP-E508', `Cannot finish the snapshot: ${reason}`, {
    place: `operator "${target.operatorName}"`,
  });
}
