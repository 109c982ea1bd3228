// Which tables a store consists of: a manifest lists them, and CURRENT names the manifest that
// counts. Each is written once, whole; only CURRENT is replaced, by a rename.

import { ByteParts } from './byte-parts.ts';
import { keyBytes, keyText } from './entry.ts';
import { damaged, openChecked } from './damage.ts';
import type { TableInfo } from './table-format.ts';

export interface Manifest {
  /**
   * For the next file, table or manifest. Never given twice, also where writing the file failed.
   */
  readonly nextNumber: number;
  /** As flushed, newest first; their ranges overlap. */
  readonly flushed: readonly TableInfo[];
  /** Merged, ascending; their ranges do not overlap. Older than all flushed ones. */
  readonly merged: readonly TableInfo[];
}

export const EMPTY_MANIFEST: Manifest = { nextNumber: 1, flushed: [], merged: [] };

/** 'LSMM'. */
const MAGIC = 0x4c534d4d;
export function encodeManifest({ nextNumber, flushed, merged }: Manifest): Uint8Array {
  const parts = new ByteParts();
  parts.addU32(MAGIC);
  parts.addU32(nextNumber);
  for (const tables of [flushed, merged]) {
    parts.addU32(tables.length);
    for (const table of tables) addTable(parts, table);
  }
  return checked(parts);
}

export function decodeManifest(bytes: Uint8Array, path: string): Manifest {
  const fields = openChecked(bytes, path);
  if (fields.u32() !== MAGIC) throw damaged(path, 'it is not a manifest');
  const nextNumber = fields.u32();
  const tables = (): TableInfo[] =>
    Array.from({ length: fields.u32() }, () => ({
      number: fields.u32(),
      sizeBytes: fields.u32(),
      checksum: fields.u32(),
      smallest: keyText(fields.bytes()),
      largest: keyText(fields.bytes()),
    }));
  return { nextNumber, flushed: tables(), merged: tables() };
}

export function encodeCurrent(manifest: string): Uint8Array {
  const parts = new ByteParts();
  parts.addBytes(keyBytes(manifest));
  return checked(parts);
}

/** The name of a manifest. */
export function decodeCurrent(bytes: Uint8Array, path: string): string {
  return keyText(openChecked(bytes, path).bytes());
}

function addTable(parts: ByteParts, table: TableInfo): void {
  parts.addU32(table.number);
  parts.addU32(table.sizeBytes);
  parts.addU32(table.checksum);
  parts.addBytes(keyBytes(table.smallest));
  parts.addBytes(keyBytes(table.largest));
}

function checked(parts: ByteParts): Uint8Array {
  const file = new ByteParts();
  file.addChecked(parts);
  return file.take();
}
