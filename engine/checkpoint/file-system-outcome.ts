// Failures of the file system that a caller expects, turned into values; all others are thrown on.

import { FileSystemError } from '../environment/filesystem.ts';

export function isFileSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof FileSystemError && codes.includes(error.code);
}

/** False if it failed in one of these ways; any other failure is thrown. */
export async function succeeds(
  operation: Promise<void>,
  ...codes: readonly string[]
): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (isFileSystemError(error, ...codes)) return false;
    throw error;
  }
}
