// Publishes a checkpoint: one task, at whose end Druid shows all rows of the chunk or none. Tasks
// that publish the same checkpoint have numbered ids, and an id can be had once, so they are a
// chain in which every JobManager sees the same thing:  1. The last one is active or has published:
// with our digest it is ours, whoever asked for it;
//     with another one, another JobManager was here, and what we have is certainly not published.
//  2. It has ended and nothing of it is in use, because it failed or was discarded since: the next
//     number is free, and only one JobManager gets it. So a lost answer, a repeated call and a
// JobManager that does not know it was replaced are one case.

import { OnceproofError } from '../../core/errors.ts';
import { sometimes } from '../../core/sometimes.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { decodeCheckpointMetadata } from '../metadata-format.ts';
import type { CheckpointMetadata } from '../metadata.ts';
import {
  digestOf,
  linesOfCheckpoint,
  ownArtefacts,
  stagedFor,
  type StagedArtefacts,
} from './checkpoint-rows.ts';
import type { DruidClient } from './druid-client.ts';
import { unreachable } from './druid-options.ts';
import type { DruidPlace } from './druid-places.ts';
import { stage } from './staging.ts';
import { copyTask, replaceTask, type TaskSpec } from './task-specs.ts';
import { intervalOf } from './time-chunks.ts';
import { slotOf } from './time-slots.ts';

/** Failures of Druid's own: a worker that died, a lock that was taken away. */
const ATTEMPTS_MAX = 3;
/** More than that is not chance: somebody discards it as soon as it is there. */
const ROUNDS_MAX = 20;

interface Publication {
  readonly place: DruidPlace;
  readonly path: string;
  readonly metadata: CheckpointMetadata;
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly staged: StagedArtefacts;
  /** Rows that come from here, not from the tasks. */
  readonly lines: readonly string[];
}

type Verdict =
  | { readonly kind: 'published' | 'taken' | 'free' }
  | { readonly kind: 'failed'; readonly message: string };

/** The beginning of the ids of tasks that publish something to a datasource. */
export function publishPrefix(datasource: string): string {
  return `${datasource}_publish_`;
}

export class DruidPublisher {
  readonly #client: DruidClient;

  constructor(client: DruidClient) {
    this.#client = client;
  }

  /** OP-E507 if these bytes are certainly not published; any other error leaves that open. */
  async publish(place: DruidPlace, bytes: Uint8Array): Promise<void> {
    const publication = publicationOf(place, bytes);
    const { path } = publication;
    let failures = 0;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const next = await this.#firstFree(place);
      const verdict = await this.#verdictOn(next - 1, publication);
      if (verdict.kind === 'published') return this.#clearStaging(place);
      if (verdict.kind === 'taken') throw notPublished(path, 'another JobManager has done it');
      if (verdict.kind === 'failed') {
        failures += 1;
        sometimes(true, 'a task that publishes a checkpoint fails');
        if (failures >= ATTEMPTS_MAX) throw notPublished(path, verdict.message);
      }
      await this.#submit(next, publication);
    }
    throw unreachable('publish', path, 'it is discarded again and again');
  }

  /** Doubling, then halving: a job that ran a thousand times under one name has used as many. */
  async #firstFree(place: DruidPlace): Promise<number> {
    let free = 1;
    while (await this.#isUsed(place, free - 1)) free *= 2;
    let used = Math.floor(free / 2);
    while (used < free - 1) {
      const middle = Math.floor((used + free) / 2);
      if (await this.#isUsed(place, middle - 1)) used = middle;
      else free = middle;
    }
    return free - 1;
  }

  async #isUsed(place: DruidPlace, attempt: number): Promise<boolean> {
    return (await this.#client.statusOf(taskId(place, attempt))).kind !== 'unknown';
  }

  async #verdictOn(attempt: number, publication: Publication): Promise<Verdict> {
    const { place, digest } = publication;
    const isUsed = async (): Promise<boolean> =>
      (await this.#client.usedSegments(place.datasource, intervalOf(place.chunk))).length > 0;
    // Druid may be set up to forget old tasks, and what they have published stays.
    if (attempt < 0) return { kind: (await isUsed()) ? 'taken' : 'free' };
    const id = taskId(place, attempt);
    const isOurs = (await this.#client.digestOf(id)) === digest;
    const status = isOurs
      ? await this.#client.ended(id, this.#client.settings.taskTimeoutMs)
      : await this.#client.statusOf(id);
    if (status.kind === 'active') return { kind: 'taken' };
    if (isOurs && status.kind === 'success') await this.#checkRows(id, publication);
    if (!(await isUsed())) return isOurs && status.kind === 'failed' ? status : { kind: 'free' };
    // A task may die after it has published and before it has said so.
    sometimes(status.kind === 'failed', 'a task has published a checkpoint and failed');
    return { kind: isOurs ? 'published' : 'taken' };
  }

  /**
   * Takes back what lacks rows, so that nobody restores it: a task that finds nothing staged, say
   * because it was cleared, ends well.
   */
  async #checkRows(id: string, { place, path, staged, lines }: Publication): Promise<void> {
    const taken = await this.#client.rowsTakenBy(id);
    const expected = lines.length + staged.rows;
    if (taken === undefined || taken === expected) return;
    await this.#client.markUnused(place.datasource, intervalOf(place.chunk));
    throw notPublished(path, `${taken} of ${expected} staged rows were found`);
  }

  async #submit(attempt: number, publication: Publication): Promise<void> {
    try {
      // Whether it is accepted or exists by now: the next look at the chain tells what it is.
      await this.#client.submit(await this.#taskFor(attempt, publication));
    } catch (error) {
      if (error instanceof FileSystemError) throw error;
      throw notPublished(publication.path, error);
    }
  }

  /** Where nothing is staged, the task brings all rows itself. */
  async #taskFor(attempt: number, publication: Publication): Promise<TaskSpec> {
    const { place, metadata, digest, staged, lines } = publication;
    const common = { ...place, id: taskId(place, attempt), digest };
    const joined = lines.join('\n');
    if (staged.names.length === 0 && joined.length <= this.#client.settings.taskBytes) {
      return replaceTask({ ...common, lines: joined });
    }
    const mark = await this.#stageOwn(publication);
    const artefacts = [...staged.names, ...ownArtefacts(metadata, mark)];
    return copyTask({ ...common, from: place.staging, artefacts });
  }

  /**
   * Under the same marks as an earlier call with these bytes, so that nothing is staged twice;
   * after a failure under another one, because nobody knows what the failed task has left.
   */
  async #stageOwn({ place, metadata, bytes, digest }: Publication): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const mark = markOf(digest, attempt);
      const lines = linesOfCheckpoint(metadata, bytes, { place, mark });
      try {
        await stage(this.#client, { place, name: mark, slot: slotOf(mark), lines });
        return mark;
      } catch (error) {
        if (!(error instanceof OnceproofError) || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  /** Of this checkpoint and all before it. What stays goes with a later one. */
  async #clearStaging({ staging, chunk }: DruidPlace): Promise<void> {
    try {
      await this.#client.markUnused(staging, intervalOf(0, chunk + 1));
    } catch (error) {
      if (!(error instanceof FileSystemError || error instanceof OnceproofError)) throw error;
    }
  }
}

function publicationOf(place: DruidPlace, bytes: Uint8Array): Publication {
  const path = `${place.directory}/_metadata`;
  const metadata = decodeCheckpointMetadata(bytes, path, place.directory);
  const digest = digestOf(bytes);
  const lines = [...linesOfCheckpoint(metadata, bytes, { place, mark: markOf(digest, 1) })];
  const staged = stagedFor(metadata, place);
  return { place, path, metadata, bytes, digest, staged, lines };
}

function markOf(digest: string, attempt: number): string {
  return `${digest}-${attempt}`;
}

function taskId(place: DruidPlace, attempt: number): string {
  return `${publishPrefix(place.datasource)}${place.chunk}_${attempt}`;
}

function notPublished(place: string, cause: unknown): OnceproofError {
  return new OnceproofError('OP-E507', 'Cannot publish checkpoint metadata', {
    place,
    remedy: 'See that Druid runs the task, and that one JobManager alone uses this datasource',
    cause,
  });
}
