// How damage of a store's files is told: the failure of a read, which names the file.

import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import { ByteFields } from './byte-parts.ts';

/** The fields of what ByteParts.addChecked() wrote. */
export function openChecked(bytes: Uint8Array, path: string): ByteFields {
  const fields = ByteFields.checked(bytes);
  if (fields === undefined) throw damaged(path, 'its checksum is wrong');
  return fields;
}

export function damaged(path: string, problem: string): FileSystemError {
  const cause = new Error(`The file is damaged: ${problem}`);
  return new FileSystemError('EIO', 'read', path, cause);
}
