// Makes a directory together with the names that lead to it, so that neither a crash nor another
// subtask's crash takes away what is written below it.

import { FileSystemError, type FileSystem } from '../environment/filesystem.ts';

/**
 * Resolves once the directory survives a crash. Every ancestor is synced, also one that was there
 * before: another subtask may have made it a moment ago and not be that far. One that may not be
 * read cannot have been made by us.
 */
export async function makeDirectoryDurably(filesystem: FileSystem, path: string): Promise<void> {
  await filesystem.makeDirectory(path);
  for (const ancestor of ancestorsOf(path)) {
    try {
      await filesystem.sync(ancestor);
    } catch (error) {
      if (error instanceof FileSystemError && error.code === 'EACCES') continue;
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
    for (let at = path; at !== ancestor; at = at.slice(0, at.lastIndexOf('/')) || '/') {
      await filesystem.remove(at);
    }
  } catch (error) {
    // In use, so older than this attempt; or the disk is broken, and says so again.
    if (!(error instanceof FileSystemError)) throw error;
  }
}

/** '/', '/a', '/a/b' for '/a/b/c'. */
function ancestorsOf(path: string): string[] {
  const ancestors = ['/'];
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    ancestors.push(path.slice(0, slash));
  }
  return ancestors;
}
