// What a task needs of a checkpoint directory: it writes artefacts into chk-<N>/ or shared/, whose
// directories the JobManager has made, and reads them back verified.

import type { CheckpointId, JobId } from '../core/ids.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { StateHandle } from '../state/state-handle.ts';
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
  readonly filesystem: FileSystem;
  /** Absolute, without a slash at its end; the same for all hosts. */
  readonly baseDirectory: string;
  readonly job: JobId;
  /** Exclusive state smaller than this goes into `_metadata`. */
  readonly dataInlineThresholdBytes: number;
}

export class FileSystemWorkerStorage implements CheckpointWorkerStorage {
  readonly #filesystem: FileSystem;
  readonly #base: string;
  readonly #job: JobId;
  readonly #inlineBelowBytes: number;
  #counter = 0;

  constructor(options: FileSystemWorkerStorageOptions) {
    this.#filesystem = options.filesystem;
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
      open: (requested, hint): CheckpointOutput => {
        const scope = directory === undefined ? requested : 'exclusive';
        const parent = scope === 'shared' ? shared : exclusive;
        return new FileCheckpointOutput({
          filesystem: this.#filesystem,
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
    return readArtefact(this.#filesystem, handle);
  }
}
