// What a FileSource reads: pieces of files, found once when the source starts. A piece owns the
// records that start in it. Files are taken as they are then: one that grows is read to its present
// end.

import { OnceproofError } from '../core/errors.ts';
import { type FileSystem, FileSystemError } from '../environment/filesystem.ts';
import type { SourceSplit } from './source.ts';

export interface FileSplit extends SourceSplit {
  readonly path: string;
  /** Records that start at `start` or later, and before `end`. */
  readonly start: number;
  readonly end: number;
  /** Of the whole file. */
  readonly sizeBytes: number;
  /** Of the next unread record, once `isAligned`. */
  readonly offset: number;
  /** False until the first record that starts in this piece has been looked for. */
  readonly isAligned: boolean;
  /** How many records of this piece have been read, a header and empty lines included. */
  readonly recordsRead: number;
  readonly header: readonly string[] | undefined;
}

/**
 * Directories are read one level deep. Names that start with '.' or '_' are passed over: they are
 * what sinks have not finished, and marks they leave. Empty files have no splits.
 */
export async function findFileSplits(
  filesystem: FileSystem,
  paths: readonly string[],
  splitBytes: number,
): Promise<readonly FileSplit[]> {
  const splits: FileSplit[] = [];
  for (const path of paths) {
    const status = await explainMissing(path, () => filesystem.status(path));
    if (status === undefined) throw missing(path);
    if (status.kind === 'file') splits.push(...cut(path, status.sizeBytes, splitBytes));
    else splits.push(...(await splitsIn(filesystem, path, splitBytes)));
  }
  return splits;
}

/** Turns ENOENT into OP-E204, which no restart heals, and other failures into OP-E617. */
export async function explainMissing<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof FileSystemError) throw missing(path, error);
    throw error;
  }
}

async function splitsIn(
  filesystem: FileSystem,
  directory: string,
  splitBytes: number,
): Promise<FileSplit[]> {
  const splits: FileSplit[] = [];
  for (const name of await explainMissing(directory, () => filesystem.list(directory))) {
    if (name.startsWith('.') || name.startsWith('_')) continue;
    const path = `${directory}/${name}`;
    const status = await explainMissing(path, () => filesystem.status(path));
    if (status?.kind === 'file') splits.push(...cut(path, status.sizeBytes, splitBytes));
  }
  return splits;
}

/** A byte order mark must not fill the first piece: the first record is behind it. */
const SPLIT_BYTES_MIN = 4;

function cut(path: string, sizeBytes: number, splitBytes: number): FileSplit[] {
  const splits: FileSplit[] = [];
  const step = Math.max(SPLIT_BYTES_MIN, splitBytes);
  for (let start = 0; start < sizeBytes; start += step) {
    splits.push({
      splitId: `${path}@${start}`,
      path,
      start,
      end: Math.min(sizeBytes, start + step),
      sizeBytes,
      offset: start,
      isAligned: start === 0,
      recordsRead: 0,
      header: undefined,
    });
  }
  return splits;
}

function missing(path: string, cause?: FileSystemError): OnceproofError {
  const isMissing = cause === undefined || cause.code === 'ENOENT';
  const problem = isMissing ? 'it does not exist' : `the file system says ${cause.code}`;
  const remedy = isMissing
    ? 'Check the path; every host of the job must see the same files'
    : 'Check the disk, and that the job may read it on every host';
  const code = isMissing ? 'OP-E204' : 'OP-E617';
  return new OnceproofError(code, `Cannot read "${path}": ${problem}`, {
    place: path,
    remedy,
    cause,
  });
}
