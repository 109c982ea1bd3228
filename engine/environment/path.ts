// The one form of path every FileSystem accepts: absolute, '/' between names, no '.', '..' or empty
// names, no NUL, well-formed Unicode. Both worlds refuse the same paths, before touching anything.

import { FileSystemError } from './filesystem.ts';

/** What ext4, XFS, APFS and NTFS all hold: 255 bytes of UTF-8. */
const NAME_BYTES_MAX = 255;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The names from the root down to `path`; none for the root itself. EINVAL. */
export function pathNames(operation: string, path: string): readonly string[] {
  if (path === '/') return [];
  const names = path.split('/');
  if (names.shift() !== '' || names.length === 0 || !names.every(isName)) {
    throw new FileSystemError('EINVAL', operation, path);
  }
  return names;
}

function isName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) return false;
  return !LONE_SURROGATE.test(name) && utf8Bytes(name) <= NAME_BYTES_MAX;
}

function utf8Bytes(text: string): number {
  let count = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    count += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return count;
}
