// Reads the bytes that a handle points to and verifies them against it. What is missing, short or
// altered is named by its path; a file system that fails for another reason says so itself.

import { crc32c } from '../core/crc32c.ts';
import { OnceproofError } from '../core/errors.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { readChecked } from './checked-read.ts';
import { isEncrypted } from './encryption-errors.ts';
import { isFileSystemError } from './file-system-outcome.ts';
import { checkMetadataContainer, readMetadataIdentity } from './metadata-format.ts';
import type { MetadataIdentity } from './metadata-identity.ts';
import { looksSealed } from './sealed-magic.ts';

const INLINE_PLACE = 'state inside the checkpoint metadata';
const RESTORE_OTHER =
  'Put the file back from a copy, or restore from another checkpoint or savepoint';

/** OP-E501 missing, OP-E502 truncated, OP-E503 checksum. */
export async function readArtefact(store: ArtefactStore, handle: StateHandle): Promise<Uint8Array> {
  if (handle.kind === 'inline') return verified(handle.bytes, handle, INLINE_PLACE);
  const place = store.describe(handle.path);
  return readFile(store, handle.path, (bytes) => verified(bytes, handle, place));
}

/**
 * A `_metadata` that is whole: OP-E501..504. `isMeant`: one that is another's is damage like any
 * other, so that a copy which is the right one is found.
 */
export async function readMetadataFile(
  store: ArtefactStore,
  path: string,
  isMeant: (identity: MetadataIdentity) => boolean = () => true,
): Promise<Uint8Array> {
  const place = store.describe(path);
  return readFile(store, path, (bytes) => {
    if (looksSealed(bytes)) throw isEncrypted(place);
    checkMetadataContainer(bytes, place);
    const identity = readMetadataIdentity(bytes, place);
    if (!isMeant(identity)) throw misplaced(identity, place);
    return bytes;
  });
}

/** OP-E501 if there is no such file. `check` throws for bytes that are not to be used. */
async function readFile(
  store: ArtefactStore,
  path: string,
  check: (bytes: Uint8Array) => Uint8Array,
): Promise<Uint8Array> {
  try {
    return await readChecked(store, path, check);
  } catch (error) {
    if (!isFileSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw error;
    throw new OnceproofError('OP-E501', 'Cannot read an artefact: it is missing', {
      place: store.describe(path),
      remedy: RESTORE_OTHER,
      cause: error,
    });
  }
}

function misplaced({ checkpoint, job }: MetadataIdentity, place: string): OnceproofError {
  const message = `It is the metadata of checkpoint ${checkpoint} of job "${job}"`;
  return new OnceproofError('OP-E503', message, { place, remedy: RESTORE_OTHER });
}

function verified(bytes: Uint8Array, handle: StateHandle, place: string): Uint8Array {
  const { sizeBytes, checksum } = handle;
  const isWhole = bytes.length === sizeBytes && crc32c(bytes) === checksum;
  if (isWhole) return bytes;
  if (looksSealed(bytes)) throw isEncrypted(place);
  if (bytes.length < sizeBytes) {
    const message = `Cannot use an artefact: ${bytes.length} of ${sizeBytes} bytes are left`;
    throw new OnceproofError('OP-E502', message, { place, remedy: RESTORE_OTHER });
  }
  const message = 'Cannot use an artefact: its bytes do not match their checksum';
  throw new OnceproofError('OP-E503', message, { place, remedy: RESTORE_OTHER });
}
