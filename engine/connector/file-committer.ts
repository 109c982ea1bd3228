// Makes sealed files visible, one rename each, as often as it is asked. A committable that is given
// out once can be committed by any subtask after any crash, by several at a time, and shows once.

import { describeError } from '../core/errors.ts';
import { sometimes } from '../core/sometimes.ts';
import { type FileSystem, FileSystemError } from '../environment/filesystem.ts';
import { outputError } from './output-error.ts';
import type { Committer, CommitResult } from './sink.ts';

/** Plain data; stands in checkpoints. Absolute paths, so that a job may change its directory. */
export interface FileCommittable {
  readonly pendingPath: string;
  readonly finishedPath: string;
  readonly sizeBytes: number;
}

const COMMITTED: CommitResult = { kind: 'committed' };

export class FileCommitter implements Committer<FileCommittable> {
  readonly #filesystem: FileSystem;
  /** Renamed, but the directory's sync failed: no later sync makes such a rename durable. */
  readonly #unsettled = new Set<string>();

  constructor(filesystem: FileSystem) {
    this.#filesystem = filesystem;
  }

  /**
   * 1. Pending is there: rename it. A crash leaves it pending or finished, never both or neither.
   * 2. Pending is gone, finished is there with the right size: it was committed. Sync again, for
   *    the one who renamed it may have died before that.
   * 3. Both are gone, or shorter than they were: the data is lost, and saying so is all there is.
   */
  async commit(committable: FileCommittable): Promise<CommitResult> {
    try {
      await this.#takeBack(committable);
      const pending = await this.#filesystem.status(committable.pendingPath);
      if (pending === undefined) return await this.#confirm(committable);
      if (pending.kind !== 'file' || pending.sizeBytes < committable.sizeBytes) {
        const size = pending.kind === 'file' ? `${pending.sizeBytes} bytes` : 'a directory';
        return lost(committable, `"${committable.pendingPath}" is ${size}`);
      }
      await this.#cut(committable, pending.sizeBytes);
      await this.#filesystem.rename(committable.pendingPath, committable.finishedPath);
      return await this.#settle(committable);
    } catch (error) {
      return resultOf(error);
    }
  }

  async #confirm(committable: FileCommittable): Promise<CommitResult> {
    const finished = await this.#filesystem.status(committable.finishedPath);
    if (finished === undefined) return lost(committable, 'neither of its names exists');
    if (finished.kind !== 'file' || finished.sizeBytes !== committable.sizeBytes) {
      const size = finished.kind === 'file' ? `${finished.sizeBytes} bytes` : 'a directory';
      return lost(committable, `"${committable.finishedPath}" is ${size}`);
    }
    sometimes(true, 'a file is committed again');
    return this.#settle(committable);
  }

  /**
   * Nobody of ours appends to a sealed file; what is behind its recorded end is not its data. One
   * that has the right size is synced as well: it may have been cut a moment ago by somebody who
   * was killed, or whose sync failed, before the cut was durable.
   */
  async #cut({ pendingPath, sizeBytes }: FileCommittable, actualBytes: number): Promise<void> {
    if (actualBytes > sizeBytes) await this.#filesystem.truncate(pendingPath, sizeBytes);
    await this.#filesystem.sync(pendingPath);
  }

  /** A committable is forgotten once it is committed, so the rename must be durable before that. */
  async #settle({ finishedPath }: FileCommittable): Promise<CommitResult> {
    const directory = finishedPath.slice(0, finishedPath.lastIndexOf('/')) || '/';
    try {
      await this.#filesystem.sync(directory);
      return COMMITTED;
    } catch (error) {
      this.#unsettled.add(finishedPath);
      return resultOf(error);
    }
  }

  /** After a failed sync only a new rename can become durable, so the old one is undone first. */
  async #takeBack({ pendingPath, finishedPath }: FileCommittable): Promise<void> {
    if (!this.#unsettled.has(finishedPath)) return;
    sometimes(true, 'a rename is repeated because its directory could not be synced');
    if ((await this.#filesystem.status(pendingPath)) === undefined) {
      await this.#filesystem.rename(finishedPath, pendingPath);
    }
    this.#unsettled.delete(finishedPath);
  }
}

function lost({ finishedPath, sizeBytes }: FileCommittable, state: string): CommitResult {
  const cause = `Cannot commit "${finishedPath}" (${sizeBytes} bytes): ${state}`;
  return { kind: 'failed', cause };
}

/** A full or failing disk may recover. ENOENT: another committer renamed it a moment ago. */
function resultOf(error: unknown): CommitResult {
  if (!(error instanceof FileSystemError)) throw error;
  const isPassing = error.code === 'EIO' || error.code === 'ENOSPC' || error.code === 'ENOENT';
  return { kind: isPassing ? 'retry' : 'failed', cause: describeError(outputError(error)) };
}
