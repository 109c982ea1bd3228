// Checkpoints in Druid, as the JobManager publishes, finds and deletes them. What counts is what
// Druid's metadata store says is used, at once and durably; what can be queried follows later, and
// nothing here waits for that but the reading of `_metadata`.

import { OnceproofError } from '../../core/errors.ts';
import { type CheckpointId, checkpointId, type JobId } from '../../core/ids.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import { checkpointDirectory, savepointDirectory } from '../checkpoint-layout.ts';
import type { CheckpointCoordinatorStorage, StoredCheckpoint } from '../checkpoint-storage.ts';
import { checkMetadataContainer } from '../metadata-format.ts';
import { ArtefactReader } from './artefact-reader.ts';
import type { DruidClient } from './druid-client.ts';
import { unreachable } from './druid-options.ts';
import { locationIfAny } from './artefact-paths.ts';
import {
  type DruidPlace,
  jobDatasource,
  placeOfCheckpoint,
  placeOfDirectory,
  stagingOf,
} from './druid-places.ts';
import { DruidPublisher, publishPrefix } from './druid-publisher.ts';
import { ALL_CHUNKS, chunkOf, intervalOf } from './time-chunks.ts';

const METADATA_SUFFIX = '/_metadata';
/** A stopped task takes a moment to be over. */
const STOP_TIMEOUT_MS = 60_000;
/** Deleting for good takes a task, so it is done for many checkpoints at once. */
const DISCARDS_PER_KILL = 16;
/** Somebody who still publishes while the job is removed has to stop first. */
const REMOVALS_MAX = 5;

export class DruidCoordinatorStorage implements CheckpointCoordinatorStorage {
  readonly #client: DruidClient;
  readonly #description: string;
  readonly #publisher: DruidPublisher;
  readonly #reader: ArtefactReader;
  #discards = 0;

  /** `description`: what the places it names begin with, such as `druid://router:8888`. */
  constructor(client: DruidClient, description: string) {
    this.#client = client;
    this.#description = description;
    this.#publisher = new DruidPublisher(client);
    this.#reader = new ArtefactReader(client);
  }

  /** Datasources come into being with their first rows. */
  async initializeBase(): Promise<void> {}

  async initializeCheckpoint(): Promise<void> {}

  async initializeSavepoint(job: JobId, target: string, random: string): Promise<string> {
    const directory = savepointDirectory(this.pathOf(target).replace(/\/+$/, ''), job, random);
    const { datasource } = this.#placeOf(directory);
    if ((await this.#client.usedSegments(datasource)).length === 0) return directory;
    throw new OnceproofError('OP-E506', 'Cannot make a savepoint: its datasource is taken', {
      place: datasource,
      remedy: 'Choose another target directory for savepoints',
    });
  }

  async storeMetadata(options: {
    readonly job: JobId;
    readonly checkpoint: CheckpointId;
    readonly directory: string | undefined;
    readonly bytes: Uint8Array;
  }): Promise<string> {
    const { job, checkpoint, bytes } = options;
    const place =
      options.directory === undefined
        ? this.#placeFor(job, checkpoint)
        : this.#placeOf(options.directory);
    await this.#publisher.publish(place, bytes);
    const isSavepoint = options.directory !== undefined;
    return isSavepoint ? `${this.#description}${place.directory}` : place.directory;
  }

  pathOf(place: string): string {
    const path = place.startsWith(`${this.#description}/`)
      ? place.slice(this.#description.length)
      : place;
    if (path.startsWith('/')) return path;
    throw new OnceproofError('OP-E509', 'Cannot use a checkpoint that lies in another storage', {
      place,
      remedy: `Name one that begins with ${this.#description}/`,
    });
  }

  metadataPlace(job: JobId, checkpoint: CheckpointId): string {
    return `${this.#description}${checkpointDirectory('', job, checkpoint)}${METADATA_SUFFIX}`;
  }

  /** Waits for what an earlier JobManager may still publish: nobody may miss the newest. */
  async listCheckpoints(job: JobId): Promise<readonly StoredCheckpoint[]> {
    const datasource = this.#datasourceOf(job);
    await this.#settle(datasource, publishPrefix(datasource), 'wait');
    const chunks = await this.#chunksOf(datasource);
    return chunks.map((chunk) => {
      const checkpoint = checkpointId(chunk);
      return { checkpoint, pointer: checkpointDirectory('', job, checkpoint) };
    });
  }

  /** What is published is durable. */
  async confirm(job: JobId, checkpoint: CheckpointId): Promise<void> {
    const { datasource, chunk, directory } = this.#placeFor(job, checkpoint);
    if ((await this.#client.usedSegments(datasource, intervalOf(chunk))).length > 0) return;
    throw new OnceproofError('OP-E501', 'Cannot confirm a checkpoint: it is missing', {
      place: directory,
      remedy: 'Mark its segments used, or restore from another checkpoint or savepoint',
    });
  }

  async readMetadata(pointer: string): Promise<Uint8Array> {
    const path = this.pathOf(pointer);
    const isFile = path.endsWith(METADATA_SUFFIX);
    const place = this.#placeOf(isFile ? path.slice(0, -METADATA_SUFFIX.length) : path);
    const file = `${this.#description}${place.directory}${METADATA_SUFFIX}`;
    const wanted = { place, artefact: undefined, rows: undefined, path: file };
    return this.#reader.read(wanted, (bytes) => {
      checkMetadataContainer(bytes, file);
      return bytes;
    });
  }

  async discardCheckpoint(job: JobId, checkpoint: CheckpointId): Promise<void> {
    const { datasource, staging, chunk } = this.#placeFor(job, checkpoint);
    await this.#client.markUnused(datasource, intervalOf(chunk));
    await this.#client.markUnused(staging, intervalOf(chunk));
    this.#discards += 1;
    if (this.#discards % DISCARDS_PER_KILL === 0)
      await this.#kill(datasource, intervalOf(0, chunk));
  }

  /**
   * Published artefacts go with their checkpoint and staged ones once a later one is published.
   * Those of a savepoint that was given up are staged where nothing is ever published.
   */
  async discard(handles: readonly StateHandle[]): Promise<void> {
    const stagings = new Set<string>();
    for (const handle of handles) {
      if (handle.kind !== 'file') continue;
      const location = locationIfAny(this.#client.settings.datasourcePrefix, handle.path);
      if (location?.place.chunk === 0) stagings.add(location.place.staging);
    }
    for (const staging of stagings) await this.#client.markUnused(staging);
  }

  async sweep(
    job: JobId,
    retained: readonly CheckpointId[],
    _shared: ReadonlySet<string>,
    begun: CheckpointId,
  ): Promise<void> {
    const datasource = this.#datasourceOf(job);
    for (const chunk of await this.#chunksOf(datasource)) {
      const isOrphan = chunk > 0 && chunk <= begun && !retained.includes(checkpointId(chunk));
      if (isOrphan) await this.#client.markUnused(datasource, intervalOf(chunk));
    }
    await this.#client.markUnused(stagingOf(datasource), intervalOf(0, begun + 1));
    await this.#kill(datasource, intervalOf(0, begun + 1));
  }

  async removeJob(job: JobId): Promise<void> {
    const datasource = this.#datasourceOf(job);
    await this.#remove(datasource);
    await this.#remove(stagingOf(datasource));
    await this.#kill(datasource, ALL_CHUNKS);
  }

  async #remove(datasource: string): Promise<void> {
    await this.#settle(datasource, datasource, 'stop');
    for (let attempt = 0; attempt < REMOVALS_MAX; attempt++) {
      const used = await this.#client.usedSegments(datasource);
      if (used.length === 0) return;
      await this.#client.markUnused(datasource);
    }
    throw unreachable('remove', datasource, 'its segments stay in use');
  }

  /** Resolves when none of the tasks whose ids begin so can publish any more. */
  async #settle(datasource: string, prefix: string, how: 'wait' | 'stop'): Promise<void> {
    const { taskTimeoutMs } = this.#client.settings;
    for (const id of await this.#client.activeTasks(datasource)) {
      if (!id.startsWith(prefix)) continue;
      if (how === 'wait' && (await this.#hasEnded(id, taskTimeoutMs))) continue;
      await this.#client.shutDown(id);
      await this.#client.ended(id, STOP_TIMEOUT_MS);
    }
  }

  async #hasEnded(id: string, timeoutMs: number): Promise<boolean> {
    try {
      await this.#client.ended(id, timeoutMs);
      return true;
    } catch (error) {
      if (error instanceof FileSystemError) return false;
      throw error;
    }
  }

  /** Ascending. */
  async #chunksOf(datasource: string): Promise<readonly number[]> {
    const chunks = new Set<number>();
    for (const { interval } of await this.#client.usedSegments(datasource)) {
      const chunk = chunkOf(interval);
      if (chunk === undefined) throw merged(datasource, interval);
      chunks.add(chunk);
    }
    return [...chunks].toSorted((left, right) => left - right);
  }

  /** Of what is unused. Best effort: it is out of view already. */
  async #kill(datasource: string, interval: string): Promise<void> {
    if (!this.#client.settings.deleteUnused) return;
    try {
      await this.#client.kill(datasource, interval);
      await this.#client.kill(stagingOf(datasource), interval);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
    }
  }

  #datasourceOf(job: JobId): string {
    return jobDatasource(this.#client.settings.datasourcePrefix, job);
  }

  #placeFor(job: JobId, checkpoint: CheckpointId): DruidPlace {
    return placeOfCheckpoint(this.#client.settings.datasourcePrefix, job, checkpoint);
  }

  #placeOf(directory: string): DruidPlace {
    return placeOfDirectory(this.#client.settings.datasourcePrefix, directory);
  }
}

function merged(datasource: string, interval: string): OnceproofError {
  const message = `Cannot tell checkpoints in Druid apart: a segment covers ${interval}`;
  return new OnceproofError('OP-E563', message, {
    place: datasource,
    remedy: 'Do not compact it to another granularity, and add no rows of other programs to it',
  });
}
