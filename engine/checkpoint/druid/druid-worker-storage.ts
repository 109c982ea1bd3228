// What a task needs of Druid: it stages artefacts for the checkpoint that the JobManager is going
// to publish, and reads published ones back, verified. Every checkpoint stands on its own: nothing
// is shared, so that one time chunk holds all of it.

import { crc32c } from '../../core/crc32c.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointId, JobId } from '../../core/ids.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import { artefactName } from '../checkpoint-names.ts';
import type {
  CheckpointOutput,
  CheckpointStreamFactory,
  CheckpointWorkerStorage,
} from '../checkpoint-storage.ts';
import { MAX_INLINE_BYTES } from '../file-system-worker-storage.ts';
import { ArtefactReader } from './artefact-reader.ts';
import { DruidCheckpointOutput } from './druid-checkpoint-output.ts';
import type { DruidClient } from './druid-client.ts';
import { locationOf } from './artefact-paths.ts';
import { placeOfCheckpoint, placeOfDirectory } from './druid-places.ts';

export interface DruidWorkerStorageOptions {
  readonly client: DruidClient;
  readonly job: JobId;
  /** Exclusive state smaller than this goes into `_metadata`. */
  readonly dataInlineThresholdBytes: number;
}

/** As task-context.ts makes it: vertex, subtask, leader epoch, attempt; then what it is. */
const SUBTASK_IN_HINT = /-(\d+)-\d+-\d+-(?:keyed|operator|channel)/;

export class DruidWorkerStorage implements CheckpointWorkerStorage {
  readonly #client: DruidClient;
  readonly #job: JobId;
  readonly #inlineBelowBytes: number;
  readonly #reader: ArtefactReader;
  /** Drawn for this life of this host: counters begin anew in the next. */
  readonly #token: string;
  #counter = 0;

  constructor({ client, job, dataInlineThresholdBytes }: DruidWorkerStorageOptions) {
    this.#client = client;
    this.#job = job;
    this.#inlineBelowBytes = Math.min(dataInlineThresholdBytes, MAX_INLINE_BYTES);
    this.#reader = new ArtefactReader(client);
    this.#token = client.http.token();
  }

  streamsFor(checkpoint: CheckpointId, directory: string | undefined): CheckpointStreamFactory {
    return this.#streams(checkpoint, directory, undefined);
  }

  isOwn(): boolean {
    return false;
  }

  async read(handle: StateHandle): Promise<Uint8Array> {
    if (handle.kind === 'inline') {
      return verified(handle.bytes, handle, 'state inside the checkpoint metadata');
    }
    const { path } = handle;
    const location = locationOf(this.#client.settings.datasourcePrefix, path);
    return this.#reader.read({ ...location, path }, (bytes) => verified(bytes, handle, path));
  }

  #streams(
    checkpoint: CheckpointId,
    directory: string | undefined,
    operator: string | undefined,
  ): CheckpointStreamFactory {
    const prefix = this.#client.settings.datasourcePrefix;
    const place =
      directory === undefined
        ? placeOfCheckpoint(prefix, this.#job, checkpoint)
        : placeOfDirectory(prefix, directory);
    return {
      isSavepoint: true,
      ofOperator: (id) => this.#streams(checkpoint, directory, id),
      open: (_scope, hint): CheckpointOutput => {
        this.#counter += 1;
        const counter = this.#counter;
        const name = artefactName({ scope: 'exclusive', checkpoint, hint, counter });
        const subtask = SUBTASK_IN_HINT.exec(hint)?.[1];
        return new DruidCheckpointOutput({
          client: this.#client,
          place,
          checkpoint,
          artefact: `${name}-${this.#token}`,
          operator,
          subtask: subtask === undefined ? undefined : Number(subtask),
          inlineBelowBytes: this.#inlineBelowBytes,
        });
      },
    };
  }
}

function verified(bytes: Uint8Array, handle: StateHandle, place: string): Uint8Array {
  const { sizeBytes, checksum } = handle;
  const remedy = 'Restore from another checkpoint or savepoint';
  if (bytes.length < sizeBytes) {
    const message = `Cannot use an artefact: ${bytes.length} of ${sizeBytes} bytes are left`;
    throw new OnceproofError('OP-E502', message, { place, remedy });
  }
  if (bytes.length === sizeBytes && crc32c(bytes) === checksum) return bytes;
  const message = 'Cannot use an artefact: its bytes do not match their checksum';
  throw new OnceproofError('OP-E503', message, { place, remedy });
}
