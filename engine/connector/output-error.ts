// What a file system's refusal means to the owner of the job, with code, place and remedy. Whatever
// happens to an output directory, the job falls back to its last checkpoint and writes again.

import { OnceproofError, type ErrorCode } from '../core/errors.ts';
import { FileSystemError, type FileSystemErrorCode } from '../environment/filesystem.ts';

interface Explanation {
  readonly code: ErrorCode;
  readonly problem: string;
  readonly remedy: string;
}

const READ_ONLY: Explanation = {
  code: 'OP-E611',
  problem: 'it may not be written to',
  remedy: 'Give the job a directory it may write to; nothing of the last checkpoint is lost',
};
const NOT_A_DIRECTORY: Explanation = {
  code: 'OP-E613',
  problem: 'there is something else where a file or directory should be',
  remedy: 'Remove or rename what is in the way, or choose another directory',
};
const BROKEN: Explanation = {
  code: 'OP-E614',
  problem: 'the file system failed',
  remedy: 'Check the disk; the job writes the data again, to new files, when it restarts',
};

const EXPLANATIONS: ReadonlyMap<FileSystemErrorCode, Explanation> = new Map([
  ['EROFS', READ_ONLY],
  ['EACCES', READ_ONLY],
  [
    'ENOSPC',
    {
      code: 'OP-E612',
      problem: 'the file system is full',
      remedy: 'Free space; the job continues from its last checkpoint and nothing is lost',
    },
  ],
  ['ENOTDIR', NOT_A_DIRECTORY],
  ['EISDIR', NOT_A_DIRECTORY],
  ['EEXIST', NOT_A_DIRECTORY],
  [
    'EINVAL',
    {
      code: 'OP-E615',
      problem: 'the path is not one a file system takes',
      remedy: 'Give an absolute path without "." and "..", and names of at most 255 bytes',
    },
  ],
  [
    'ENOENT',
    {
      code: 'OP-E616',
      problem: 'it was removed while the job was writing',
      remedy: 'Let nobody else change the output directory while the job runs',
    },
  ],
]);

/** Any other error stays what it is. */
export function outputError(error: unknown): unknown {
  if (!(error instanceof FileSystemError)) return error;
  const { code, problem, remedy } = EXPLANATIONS.get(error.code) ?? BROKEN;
  const message = `Cannot write output to "${error.path}": ${problem} (${error.code})`;
  return new OnceproofError(code, message, { place: error.path, remedy, cause: error });
}
