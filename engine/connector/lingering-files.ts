// Removes what earlier attempts of a FileSink left unfinished and no checkpoint knows. Whatever
// might still be committed stays: a leftover costs disk space, a removed file costs the job its
// output.

import { sometimes } from '../core/sometimes.ts';
import { type FileSystem, FileSystemError } from '../environment/filesystem.ts';
import { compareTokens, parseUnfinished, type PartFile, partOwner } from './part-file-name.ts';
import type { SinkContext } from './sink.ts';

/** What of its context the clean-up uses. */
export type LingeringContext = Omit<SinkContext, 'clock' | 'wakeUp' | 'io'>;

/**
 * Which unfinished files may go, when an attempt starts from checkpoint R (0: from nothing)?
 *
 * 1. A file in progress is in no checkpoint: a file is sealed, which renames it, before the
 *    checkpoint that holds it is acknowledged. It may go (W1; and W2, W3 where sealing had begun).
 * 2. A pending file that was sealed after checkpoint k is in the first checkpoint the writer took
 *    after k, and in all that followed until it was committed.
 *    a. k >= R: every checkpoint that holds it came after R. None of them is complete, or the job
 *       would start from it. It may go (W2, W3).
 *    b. k < R: if its writer took part in R, then R holds it, or it is committed (W4 to W9). If
 *       not, its writer had been given up before R, and the file is waste that nobody can tell from
 *       the first case. It stays.
 * 3. A later attempt's files are not ours to judge: we are a zombie (W10). Tokens tell later from
 *    earlier. The same token with another uid is an earlier run of the job: see PartOwner.
 * 4. Several subtasks start at once, also at another parallelism (W13): files of subtask j are
 *    looked after by subtask j % parallelism. Where only one region restarts, all others are
 *    running and their own files are theirs.
 *
 * So a job that starts from nothing gives up what an earlier run sealed and did not commit, as it
 * does with Kafka transactions. Restore from that run's checkpoint, or use another directory.
 */
export async function abortLingeringFiles(
  context: LingeringContext,
  directory: string,
  prefix: string,
): Promise<void> {
  const { filesystem } = context;
  const own = partOwner(prefix, context);
  for (const name of await namesIn(filesystem, directory)) {
    const file = parseUnfinished(prefix, name);
    if (file === undefined || !isOurs(file, context)) continue;
    const order = compareTokens(file.token, own.token);
    if (order > 0 || (order === 0 && file.uid === own.uid)) continue;
    if (!isGivenUp(file, context.restoredCheckpoint ?? 0)) continue;
    sometimes(true, 'a lingering file is removed');
    await removeQuietly(filesystem, `${directory}/${name}`);
  }
}

/** A file that cannot be removed now is invisible, and found again at the next start. */
export async function removeQuietly(filesystem: FileSystem, path: string): Promise<void> {
  try {
    await filesystem.remove(path);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
  }
}

function isOurs(file: PartFile, { subtaskIndex, parallelism }: LingeringContext): boolean {
  return file.subtaskIndex % parallelism === subtaskIndex;
}

function isGivenUp({ sealedAfter }: PartFile, restored: number): boolean {
  return sealedAfter === undefined || sealedAfter >= restored;
}

/** None where the directory is not there, or cannot be read: then the writer says what is wrong. */
async function namesIn(filesystem: FileSystem, directory: string): Promise<readonly string[]> {
  try {
    return await filesystem.list(directory);
  } catch (error) {
    if (error instanceof FileSystemError) return [];
    throw error;
  }
}
