// Reading what has to be verified. Only the reader knows how long an artefact is and what its
// checksum is; a store with several copies needs to know too, to go on to the next one.

import { OnceproofError } from '../core/errors.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { isFileSystemError } from './file-system-outcome.ts';

/**
 * What `check` makes of the whole file; it throws for bytes that are not to be used. Of several
 * copies the first one counts that it does not throw for.
 */
export async function readChecked<T>(
  store: ArtefactStore,
  path: string,
  check: (bytes: Uint8Array) => T | Promise<T>,
): Promise<T> {
  if (store.readChecked !== undefined) return store.readChecked(path, check);
  return check(await store.read(path));
}

/** The artefact itself is at fault: another copy of it may be whole. */
export function isDamage(error: unknown): boolean {
  if (error instanceof OnceproofError) return DAMAGE.has(error.code);
  return isFileSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR');
}

/** Missing, truncated, altered; something that is not encrypted where it should be. */
const DAMAGE = new Set(['OP-E501', 'OP-E502', 'OP-E503', 'OP-E573']);
