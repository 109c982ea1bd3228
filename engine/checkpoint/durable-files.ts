// The few sequences of file system calls that make something durable, or undo it. Each says what a
// crash in its middle leaves behind. No retries: a failed sync promises nothing about a second one.

import { areEqualBytes } from '../core/bytes.ts';
import { OnceproofError } from '../core/errors.ts';
import { FileSystemError, type FileSystem } from '../environment/filesystem.ts';
import { isFileSystemError, succeeds } from './file-system-outcome.ts';
import { parentOf } from './checkpoint-layout.ts';

/**
 * Creates the directory and its parents and makes all their names durable. Existing ones are synced
 * too: whoever made them may have been stopped before it could.
 */
export async function makeDurableDirectory(filesystem: FileSystem, path: string): Promise<void> {
  await filesystem.makeDirectory(path);
  const ancestors: string[] = [];
  for (let at = path; at !== '/'; at = parentOf(at)) ancestors.push(parentOf(at));
  for (const ancestor of ancestors.toReversed()) {
    try {
      await syncIfPermitted(filesystem, ancestor);
    } catch (error) {
      await takeBack(filesystem, ancestor, path);
      throw error;
    }
  }
}

/**
 * After a failed sync of `ancestor` no later one makes the names in it durable: what leads from
 * there to `path` goes as far as it is empty, so that the next attempt makes it anew.
 */
async function takeBack(filesystem: FileSystem, ancestor: string, path: string): Promise<void> {
  try {
    for (let at = path; at !== ancestor; at = parentOf(at)) await filesystem.remove(at);
  } catch (error) {
    // In use, so older than this attempt; or the disk is broken, and says so again.
    if (!(error instanceof FileSystemError)) throw error;
  }
}

/**
 * Publishes bytes under a name that is written once: a crash leaves no file of that name, or the
 * whole one. The same bytes again are fine. OP-E507 if these bytes are certainly not published;
 * any other error leaves that open.
 */
export async function publishOnce(options: {
  readonly filesystem: FileSystem;
  readonly path: string;
  readonly inProgress: string;
  readonly bytes: Uint8Array;
}): Promise<void> {
  const { filesystem, path, inProgress, bytes } = options;
  try {
    // A file of its own: of one whose sync failed before, nothing is certain any more.
    await removeIfThere(filesystem, inProgress);
    await filesystem.create(inProgress, bytes);
    await filesystem.sync(inProgress);
  } catch (error) {
    throw notPublished(path, error);
  }
  // A link, unlike a rename, does not replace what another JobManager may have published.
  const isNew = await succeeds(filesystem.link(inProgress, path), 'EEXIST');
  if (!isNew && !areEqualBytes(await filesystem.read(path), bytes)) {
    throw notPublished(path, new FileSystemError('EEXIST', 'publish', path));
  }
  // Our own from an attempt whose last sync failed: the name is made once more, to be synced.
  if (!isNew) await filesystem.rename(inProgress, path);
  await filesystem.sync(parentOf(path));
  if (isNew) await succeeds(filesystem.remove(inProgress), 'ENOENT', 'EIO', 'EACCES');
}

export async function removeIfThere(filesystem: FileSystem, path: string): Promise<boolean> {
  return succeeds(filesystem.remove(path), 'ENOENT');
}

/** Names in it; none if it does not exist. */
export async function namesIn(
  filesystem: FileSystem,
  directory: string,
): Promise<readonly string[]> {
  try {
    return await filesystem.list(directory);
  } catch (error) {
    if (isFileSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Everything below it and itself. Leaves what others add meanwhile. */
export async function removeTree(filesystem: FileSystem, path: string): Promise<void> {
  const status = await filesystem.status(path);
  if (status === undefined) return;
  if (status.kind === 'directory') {
    for (const name of await namesIn(filesystem, path)) {
      await removeTree(filesystem, `${path}/${name}`);
    }
  }
  await succeeds(filesystem.remove(path), 'ENOENT', 'ENOTEMPTY');
}

/** A directory that we may not even open is none that we can have made. */
async function syncIfPermitted(filesystem: FileSystem, directory: string): Promise<void> {
  await succeeds(filesystem.sync(directory), 'EACCES', 'EROFS');
}

function notPublished(path: string, cause: unknown): OnceproofError {
  return new OnceproofError('OP-E507', 'Cannot publish checkpoint metadata', {
    place: path,
    remedy: 'See that the directory can be written and that one JobManager alone uses it',
    cause,
  });
}
