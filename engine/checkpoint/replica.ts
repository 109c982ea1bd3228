// One of several stores that hold the same files, each below a base directory of its own.

import type { ArtefactStore } from './artefact-store.ts';
import { parentOf } from './checkpoint-layout.ts';
import { isFileSystemError } from './file-system-outcome.ts';

export interface Replica {
  readonly store: ArtefactStore;
  /** Absolute within the store, without a slash at its end. */
  readonly base: string;
}

export interface ReplicaCopy {
  readonly replica: Replica;
  readonly path: string;
}

/** From a path of `first` to the one of the same file in `other`; undefined outside of its base. */
export function replicaPath(path: string, first: Replica, other: Replica): string | undefined {
  if (path === first.base) return other.base;
  return path.startsWith(`${first.base}/`)
    ? `${other.base}${path.slice(first.base.length)}`
    : undefined;
}

export async function readIfThere({ replica, path }: ReplicaCopy): Promise<Uint8Array | undefined> {
  try {
    return await replica.store.read(path);
  } catch (error) {
    if (isFileSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** A crash leaves the old copy, none, or the new one. That another host was faster is fine. */
export async function replaceIn(copy: ReplicaCopy, bytes: Uint8Array): Promise<void> {
  await copy.replica.store.unpublish(copy.path);
  await copyTo(copy, bytes);
}

/** With its directories: the whole place may have been lost. */
export async function copyTo({ replica, path }: ReplicaCopy, bytes: Uint8Array): Promise<void> {
  await replica.store.makeDirectory(parentOf(path));
  try {
    const writer = await replica.store.create(path);
    try {
      await writer.write(bytes);
      await writer.close();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } catch (error) {
    if (!isFileSystemError(error, 'EEXIST')) throw error;
  }
}
