// What may persist of one write alone: devices write sectors, and file systems allocate blocks.

import type { WriteOperation } from './operation.ts';

/** The unit a device writes atomically, aligned to the offset in the file. */
export const SECTOR_BYTES = 512;
/** The unit a file system allocates. */
export const BLOCK_BYTES = 4_096;

/** First and last sector a write touches. */
export function sectorRange(write: WriteOperation): { first: number; last: number } {
  return {
    first: Math.floor(write.offset / SECTOR_BYTES),
    last: Math.floor((write.offset + write.bytes.length - 1) / SECTOR_BYTES),
  };
}

/** The part of a write that lies in one sector. */
export function sectorPart(write: WriteOperation, sector: number): WriteOperation {
  const start = Math.max(write.offset, sector * SECTOR_BYTES);
  const end = Math.min(write.offset + write.bytes.length, (sector + 1) * SECTOR_BYTES);
  return partOf(write, start, end);
}

/** The part of a write that lies in blocks of its own; undefined if none does. */
export function partInNewBlocks(write: WriteOperation): WriteOperation | undefined {
  const start = Math.max(write.offset, write.newBlocksFrom);
  const end = write.offset + write.bytes.length;
  return start < end ? partOf(write, start, end) : undefined;
}

function partOf(write: WriteOperation, start: number, end: number): WriteOperation {
  const bytes = write.bytes.subarray(start - write.offset, end - write.offset);
  return { ...write, offset: start, bytes };
}
