// RocksDB's failures in the words of the seam.

import { FileSystemError, type FileSystemErrorCode } from '../filesystem.ts';
import { fileSystemErrorCode } from './error-code.ts';

/** The bindings give some statuses only as text. */
const TEXTS: readonly (readonly [RegExp, FileSystemErrorCode])[] = [
  [/no space left/i, 'ENOSPC'],
  [/not supported operation in read only mode/i, 'EROFS'],
  [/directory exists/i, 'EEXIST'],
  [/no such file|does not exist/i, 'ENOENT'],
  [/permission denied/i, 'EACCES'],
];

export function storeError(operation: string, path: string, error: unknown): FileSystemError {
  if (error instanceof FileSystemError) return error;
  const text = textOf(error);
  const [, code] = TEXTS.find(([pattern]) => pattern.test(text)) ?? [];
  return new FileSystemError(code ?? fileSystemErrorCode(error), operation, path, error);
}

export function closedError(operation: string, path: string): FileSystemError {
  return new FileSystemError('EINVAL', operation, path, new Error('The store is closed'));
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${textOf(error.cause)}`;
}
