// Reads the bytes that a handle points to and verifies them against it. What is missing, short or
// altered is named by its path; a file system that fails for another reason says so itself.

import { crc32c } from '../core/crc32c.ts';
import { OnceproofError } from '../core/errors.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { isFileSystemError } from './file-system-outcome.ts';

const INLINE_PLACE = 'state inside the checkpoint metadata';
const RESTORE_OTHER =
  'Put the file back from a copy, or restore from another checkpoint or savepoint';

/** OP-E501 missing, OP-E502 truncated, OP-E503 checksum. */
export async function readArtefact(
  filesystem: FileSystem,
  handle: StateHandle,
): Promise<Uint8Array> {
  if (handle.kind === 'inline') return verified(handle.bytes, handle, INLINE_PLACE);
  return verified(await readFile(filesystem, handle.path), handle, handle.path);
}

/** OP-E501 if there is no such file. */
export async function readFile(filesystem: FileSystem, path: string): Promise<Uint8Array> {
  try {
    return await filesystem.read(path);
  } catch (error) {
    if (!isFileSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw error;
    throw new OnceproofError('OP-E501', 'Cannot read an artefact: it is missing', {
      place: path,
      remedy: RESTORE_OTHER,
      cause: error,
    });
  }
}

function verified(bytes: Uint8Array, handle: StateHandle, place: string): Uint8Array {
  const { sizeBytes, checksum } = handle;
  if (bytes.length < sizeBytes) {
    const message = `Cannot use an artefact: ${bytes.length} of ${sizeBytes} bytes are left`;
    throw new OnceproofError('OP-E502', message, { place, remedy: RESTORE_OTHER });
  }
  const isWhole = bytes.length === sizeBytes && crc32c(bytes) === checksum;
  if (isWhole) return bytes;
  const message = 'Cannot use an artefact: its bytes do not match their checksum';
  throw new OnceproofError('OP-E503', message, { place, remedy: RESTORE_OTHER });
}
