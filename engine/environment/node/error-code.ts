// What Node's error codes mean in the seam's vocabulary. Everything it has no word for is EIO.

import type { FileSystemErrorCode } from '../filesystem.ts';

const CODES: ReadonlyMap<string, FileSystemErrorCode> = new Map<string, FileSystemErrorCode>([
  ['ENOENT', 'ENOENT'],
  ['EEXIST', 'EEXIST'],
  ['EISDIR', 'EISDIR'],
  ['ENOTDIR', 'ENOTDIR'],
  ['ENOTEMPTY', 'ENOTEMPTY'],
  ['ENOSPC', 'ENOSPC'],
  ['EDQUOT', 'ENOSPC'],
  ['EFBIG', 'ENOSPC'],
  ['EROFS', 'EROFS'],
  ['EACCES', 'EACCES'],
  ['EPERM', 'EACCES'],
  ['EINVAL', 'EINVAL'],
  ['ENAMETOOLONG', 'EINVAL'],
  ['EIO', 'EIO'],
]);

export function fileSystemErrorCode(error: unknown): FileSystemErrorCode {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (typeof code === 'string' ? CODES.get(code) : undefined) ?? 'EIO';
}
