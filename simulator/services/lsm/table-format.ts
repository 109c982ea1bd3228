// The bytes of a sorted table: blocks of entries, an index of the blocks, a footer. Every part has
// a checksum, and the footer one of all that precedes it, by which a manifest knows the table
// again: a damaged table, or another one under its name, is never read as if it were right.

import { crc32c } from '../../../engine/core/crc32c.ts';
import { ByteParts } from './byte-parts.ts';
import { damaged, openChecked } from './damage.ts';
import { type Entry, keyBytes, keyText } from './entry.ts';

/** What a manifest knows of a table. */
export interface TableInfo {
  readonly number: number;
  readonly sizeBytes: number;
  /** Of everything but the footer. */
  readonly checksum: number;
  readonly smallest: string;
  readonly largest: string;
}

export interface BlockHandle {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly largest: string;
}

export interface EncodedTable {
  readonly info: TableInfo;
  readonly bytes: Uint8Array;
  readonly blocks: readonly BlockHandle[];
}

export interface Footer {
  readonly indexOffset: number;
  readonly checksum: number;
}

/** 'LSMT'. */
const MAGIC = 0x4c534d54;
export const FOOTER_BYTES = 16;
const DELETED = 0;
const PRESENT = 1;

/** `entries` ascending, at least one. Blocks end behind the entry that fills `blockBytes`. */
export function encodeTable(
  number: number,
  entries: readonly Entry[],
  blockBytes: number,
): EncodedTable {
  const file = new ByteParts();
  const blocks: BlockHandle[] = [];
  let block = new ByteParts();
  for (const [index, entry] of entries.entries()) {
    addEntry(block, entry);
    if (block.length < blockBytes && index < entries.length - 1) continue;
    const offset = file.length;
    file.addChecked(block);
    blocks.push({ offset, sizeBytes: file.length - offset, largest: entry.key });
    block = new ByteParts();
  }
  const indexOffset = file.length;
  file.addChecked(indexOf(blocks));
  const checksum = crc32c(file.take());
  const footer = new ByteParts();
  footer.addU32(MAGIC);
  footer.addU32(indexOffset);
  footer.addU32(checksum);
  file.addChecked(footer);
  const bytes = file.take();
  const [smallest, largest] = [entries[0]?.key ?? '', entries.at(-1)?.key ?? ''];
  return { info: { number, sizeBytes: bytes.length, checksum, smallest, largest }, bytes, blocks };
}

export function decodeFooter(bytes: Uint8Array, path: string): Footer {
  const fields = openChecked(bytes, path);
  if (fields.u32() !== MAGIC) throw damaged(path, 'it is not a sorted table');
  return { indexOffset: fields.u32(), checksum: fields.u32() };
}

export function decodeIndex(bytes: Uint8Array, path: string): readonly BlockHandle[] {
  const fields = openChecked(bytes, path);
  const blocks: BlockHandle[] = [];
  while (!fields.isAtEnd) {
    const offset = fields.u32();
    const sizeBytes = fields.u32();
    blocks.push({ offset, sizeBytes, largest: keyText(fields.bytes()) });
  }
  return blocks;
}

export function decodeBlock(bytes: Uint8Array, path: string): readonly Entry[] {
  const fields = openChecked(bytes, path);
  const entries: Entry[] = [];
  while (!fields.isAtEnd) {
    const kind = fields.u32();
    const key = keyText(fields.bytes());
    entries.push({ key, value: kind === PRESENT ? fields.bytes() : undefined });
  }
  return entries;
}

function addEntry(block: ByteParts, { key, value }: Entry): void {
  block.addU32(value === undefined ? DELETED : PRESENT);
  block.addBytes(keyBytes(key));
  if (value !== undefined) block.addBytes(value);
}

function indexOf(blocks: readonly BlockHandle[]): ByteParts {
  const index = new ByteParts();
  for (const { offset, sizeBytes, largest } of blocks) {
    index.addU32(offset);
    index.addU32(sizeBytes);
    index.addBytes(keyBytes(largest));
  }
  return index;
}
