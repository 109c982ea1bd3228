// When snapshots of a store begin, stop and end. The synchronous part gives the store all writes so
// far and asks for a checkpoint of it: calls take effect in order, so what is written afterwards
// does not show. The files of a checkpoint are removed in the end, whatever became of it.

import type { CheckpointStreamFactory } from '../../checkpoint/checkpoint-storage.ts';
import { assert } from '../../core/assert.ts';
import { describeError, OnceproofError } from '../../core/errors.ts';
import type { CheckpointId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { KeyValueCheckpoint } from '../../environment/key-value-store.ts';
import { stopIfAsked } from '../heap/snapshot-frame.ts';
import type { KeyedStateHandle } from '../state-handle.ts';
import type { RocksDBBackendParts } from './backend-parts.ts';
import { removeQuietly } from './local-directory.ts';
import type { CapturedStore } from './store-snapshot.ts';
import { writeCanonical, writeIncremental } from './store-snapshot.ts';

/**
 * A store that has failed once takes nothing more, even when its disk works again: unlike a failed
 * upload, this fails the task, and the next attempt begins with a store of its own.
 */
function storeFailed(operatorName: string, cause: unknown): OnceproofError {
  return new OnceproofError(
    'OP-E619',
    `Cannot keep state on the local disk: ${describeError(cause)}`,
    {
      place: `operator "${operatorName}"`,
      remedy: 'See that the local directory of the TaskManager can be written and has room',
      cause,
    },
  );
}

const FIRST_KEY = new Uint8Array(0);

interface RunningSnapshot {
  readonly checkpoint: CheckpointId;
  readonly streams: CheckpointStreamFactory;
  readonly directory: string;
  stopReason: string | undefined;
}

/** What the store was asked for, in this order. */
interface StoreAnswers {
  readonly isEmpty: boolean;
  readonly files: KeyValueCheckpoint;
}

export class SnapshotStrategy {
  readonly #parts: RocksDBBackendParts;
  readonly #running = new Set<RunningSnapshot>();
  /** Two snapshots may bear the same checkpoint id. */
  #count = 0;

  constructor(parts: RocksDBBackendParts) {
    this.#parts = parts;
  }

  /** The synchronous part is over when this returns. */
  take(
    checkpoint: CheckpointId,
    streams: CheckpointStreamFactory,
    captured: CapturedStore,
  ): Promise<KeyedStateHandle | undefined> {
    const { working, directory: parent } = this.#parts;
    const { operatorName } = this.#parts;
    if (working.failure !== undefined) {
      return Promise.reject(storeFailed(operatorName, working.failure));
    }
    const isUnused = captured.states.length === 0 && captured.metas.length === 0;
    if (isUnused) return Promise.resolve(undefined);
    const directory = `${parent}/snapshot-${this.#count++}`;
    const running: RunningSnapshot = { checkpoint, streams, directory, stopReason: undefined };
    sometimes(this.#running.size > 0, 'a RocksDB snapshot starts while another one is running');
    this.#running.add(running);
    return this.#run(running, captured, this.#ask(directory));
  }

  /** All running ones where no checkpoint is named. */
  stop(checkpoint: CheckpointId | undefined, reason: string): void {
    for (const running of this.#running) {
      if (checkpoint === undefined || running.checkpoint === checkpoint)
        running.stopReason = reason;
    }
  }

  async #ask(directory: string): Promise<StoreAnswers> {
    const { working } = this.#parts;
    const written = working.flush();
    const first = working.store.scan({ from: FIRST_KEY, to: undefined, limit: 1 });
    const made = working.store.checkpoint(directory);
    // All three are over before anything of the directory is removed.
    const [write, scan, checkpoint] = await Promise.allSettled([written, first, made]);
    for (const call of [write, scan, checkpoint]) {
      if (call.status === 'rejected') throw storeFailed(this.#parts.operatorName, call.reason);
    }
    assert(scan.status === 'fulfilled' && checkpoint.status === 'fulfilled', 'All calls succeeded');
    return { isEmpty: scan.value.length === 0, files: checkpoint.value };
  }

  async #run(
    running: RunningSnapshot,
    captured: CapturedStore,
    asked: Promise<StoreAnswers>,
  ): Promise<KeyedStateHandle | undefined> {
    const stopReason = () => running.stopReason;
    const { operatorName, local } = this.#parts;
    try {
      const answers = await asked;
      stopIfAsked({ operatorName, stopReason });
      if (answers.isEmpty && captured.metas.length === 0) return this.#nothing(running);
      return await this.#write(running, captured, answers.files);
    } catch (error) {
      // Whatever went wrong after it was to stop went wrong for that reason.
      stopIfAsked({ operatorName, stopReason });
      throw error;
    } finally {
      this.#running.delete(running);
      await removeQuietly(local, running.directory);
    }
  }

  /** Once it is complete, files of older checkpoints are kept for nobody. */
  #nothing({ checkpoint, streams }: RunningSnapshot): undefined {
    if (streams.isSavepoint !== true) this.#parts.uploaded.add(checkpoint, []);
  }

  async #write(
    running: RunningSnapshot,
    captured: CapturedStore,
    files: KeyValueCheckpoint,
  ): Promise<KeyedStateHandle> {
    const { local, isIncremental, uploaded, operatorName, openForReading, working } = this.#parts;
    const { checkpoint, streams, directory } = running;
    const { filesystem } = local;
    const { driver } = working.store;
    const stopReason = () => running.stopReason;
    const around = { driver, filesystem, openForReading, streams, stopReason, directory, files };
    if (!isIncremental || streams.isSavepoint === true) return writeCanonical(captured, around);
    const handle = await writeIncremental(captured, around);
    // Aborted by now, it would never be forgotten.
    stopIfAsked({ operatorName, stopReason });
    uploaded.add(checkpoint, handle.shared);
    return handle;
  }
}
