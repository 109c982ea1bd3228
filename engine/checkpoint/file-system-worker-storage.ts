// What a task needs of a checkpoint directory, in whatever store: it writes artefacts into chk-<N>/
// or shared/, whose directories the JobManager has made, and reads them back verified.

import type { CheckpointId, JobId } from '../core/ids.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { checkpointDirectory, jobLayout } from './checkpoint-layout.ts';
import { artefactName } from './checkpoint-names.ts';
import type {
  CheckpointOutput,
  CheckpointStreamFactory,
  CheckpointWorkerStorage,
} from './checkpoint-storage.ts';
import { FileCheckpointOutput } from './file-checkpoint-output.ts';
import { readArtefact } from './read-artefact.ts';

/** Flink's maximum for the inline threshold. */
export const MAX_INLINE_BYTES = 1024 * 1024;

export interface FileSystemWorkerStorageOptions {
  readonly store: ArtefactStore;
  /** Absolute, without a slash at its end; the same for all hosts. */
  readonly baseDirectory: string;
  readonly job: JobId;
  /** Exclusive state smaller than this goes into `_metadata`. */
  readonly dataInlineThresholdBytes: number;
}

export class FileSystemWorkerStorage implements CheckpointWorkerStorage {
  readonly #store: ArtefactStore;
  readonly #base: string;
  readonly #job: JobId;
  readonly #inlineBelowBytes: number;
  #counter = 0;

  constructor(options: FileSystemWorkerStorageOptions) {
    this.#store = options.store;
    this.#base = options.baseDirectory;
    this.#job = options.job;
    this.#inlineBelowBytes = Math.min(options.dataInlineThresholdBytes, MAX_INLINE_BYTES);
  }

  /** Hints have to differ between attempts; the counter tells apart the artefacts of one. */
  streamsFor(checkpoint: CheckpointId, directory: string | undefined): CheckpointStreamFactory {
    const exclusive = directory ?? checkpointDirectory(this.#base, this.#job, checkpoint);
    // A savepoint shares nothing: it must work without the job's directory.
    const shared = directory ?? jobLayout(this.#base, this.#job).shared;
    return {
      isSavepoint: directory !== undefined,
      open: (requested, hint): CheckpointOutput => {
        const scope = directory === undefined ? requested : 'exclusive';
        const parent = scope === 'shared' ? shared : exclusive;
        return new FileCheckpointOutput({
          store: this.#store,
          scope,
          inlineBelowBytes: this.#inlineBelowBytes,
          nextPath: () => {
            this.#counter += 1;
            const name = artefactName({ scope, checkpoint, hint, counter: this.#counter });
            return `${parent}/${name}`;
          },
        });
      },
    };
  }

  read(handle: StateHandle): Promise<Uint8Array> {
    return readArtefact(this.#store, handle);
  }

  isOwn(handle: StateHandle): boolean {
    const { directory } = jobLayout(this.#base, this.#job);
    return handle.kind === 'file' && handle.path.startsWith(`${directory}/`);
  }
}
