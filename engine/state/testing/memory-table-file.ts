// The two kinds of file of a store for tests: a table with entries, and a manifest that names the
// tables of a store, oldest first. Both end in a checksum, so that damage is an error.

import { crc32c } from '../../core/crc32c.ts';
import { OnceproofError } from '../../core/errors.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';

/** Keys as text of one byte a code unit: they sort as the bytes do. Undefined: deleted. */
export type TableEntries = ReadonlyMap<string, Uint8Array | undefined>;

export interface Manifest {
  readonly nextNumber: number;
  readonly tables: readonly string[];
}

export function encodeTable(entries: TableEntries): Uint8Array {
  const output = new ByteWriter();
  output.writeVarint(entries.size);
  for (const [key, value] of entries) {
    output.writeString(key);
    output.writeU8(value === undefined ? 0 : 1);
    if (value !== undefined) output.writeBytes(value);
  }
  return sealed(output);
}

export function decodeTable(bytes: Uint8Array, path: string): TableEntries {
  return opened(bytes, path, (input) => {
    const entries = new Map<string, Uint8Array | undefined>();
    for (let left = input.readVarint(); left > 0; left--) {
      const key = input.readString();
      entries.set(key, input.readU8() === 0 ? undefined : input.readBytes());
    }
    return entries;
  });
}

export function encodeManifest({ nextNumber, tables }: Manifest): Uint8Array {
  const output = new ByteWriter();
  output.writeVarint(nextNumber);
  output.writeVarint(tables.length);
  for (const name of tables) output.writeString(name);
  return sealed(output);
}

export function decodeManifest(bytes: Uint8Array, path: string): Manifest {
  return opened(bytes, path, (input) => {
    const nextNumber = input.readVarint();
    const tables: string[] = [];
    for (let left = input.readVarint(); left > 0; left--) tables.push(input.readString());
    return { nextNumber, tables };
  });
}

function sealed(output: ByteWriter): Uint8Array {
  output.writeU32(crc32c(output.written()));
  return output.take();
}

function opened<T>(bytes: Uint8Array, path: string, read: (input: ByteReader) => T): T {
  const end = bytes.length - 4;
  if (end < 0) throw new FileSystemError('EIO', 'open', path);
  const trailer = new ByteReader(bytes.subarray(end), path);
  if (trailer.readU32() !== crc32c(bytes.subarray(0, end))) {
    throw new FileSystemError('EIO', 'open', path);
  }
  try {
    return read(new ByteReader(bytes.subarray(0, end), path));
  } catch (error) {
    if (error instanceof OnceproofError) throw new FileSystemError('EIO', 'open', path, error);
    throw error;
  }
}
