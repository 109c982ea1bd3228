// Takes rows into a staging datasource, in as many tasks as they need. Rows count only once all
// tasks have ended well; until a checkpoint is published nobody reads them.

import { assert } from '../../core/assert.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import type { DruidClient } from './druid-client.ts';
import { refused, unreachable } from './druid-options.ts';
import type { DruidPlace } from './druid-places.ts';
import { appendTask, type TaskSpec } from './task-specs.ts';

/** Lines of about `taskBytes` each, and how many rows that is. */
interface Batch {
  readonly lines: string;
  readonly rows: number;
}

export interface StagingRequest {
  readonly place: DruidPlace;
  /** Begins the ids of the tasks: unlike that of anything else that was ever staged. */
  readonly name: string;
  /** Which the times of the rows lie in. */
  readonly slot: number;
  readonly lines: Iterable<string>;
}

interface StagingTask {
  readonly id: string;
  readonly rows: number;
}

/** Making lines takes its time; after so many characters, about a millisecond, others may go on. */
const PAUSE_LENGTH = 128 * 1024;

/**
 * Resolves with their number once all rows are in. Rejects where they may not be: then stage under
 * another name.
 */
export async function stage(client: DruidClient, request: StagingRequest): Promise<number> {
  const tasks = await submitAll(client, request);
  for (const { id, rows } of tasks) {
    const end = await client.ended(id, client.settings.taskTimeoutMs);
    if (end.kind === 'failed') throw refused('take in rows', id, end.message);
    if (end.kind === 'unknown') {
      throw unreachable('take in rows', id, 'the Overlord does not know the task any more');
    }
    await checkRows(client, id, rows);
  }
  return tasks.reduce((sum, { rows }) => sum + rows, 0);
}

/** All are asked for before the first is waited for: Druid runs as many at once as it can. */
async function submitAll(
  client: DruidClient,
  request: StagingRequest,
): Promise<readonly StagingTask[]> {
  const tasks: StagingTask[] = [];
  const submit = async (batch: Batch): Promise<void> => {
    const spec = specOf(request, batch, tasks.length);
    tasks.push({ id: spec.id, rows: batch.rows });
    await submitOnce(client, spec);
  };
  const gathering = new Gathering(client.settings.taskBytes);
  let length = 0;
  for (const line of request.lines) {
    const full = gathering.add(line);
    if (full !== undefined) await submit(full);
    length += line.length;
    if (length < PAUSE_LENGTH) continue;
    await client.http.pause(0);
    length = 0;
  }
  const last = gathering.take();
  if (last !== undefined) await submit(last);
  return tasks;
}

class Gathering {
  readonly #taskBytes: number;
  #lines: string[] = [];
  #length = 0;

  constructor(taskBytes: number) {
    this.#taskBytes = taskBytes;
  }

  /** What was gathered before, if this line is one too many. */
  add(line: string): Batch | undefined {
    const isTooMany = this.#length > 0 && this.#length + line.length > this.#taskBytes;
    const full = isTooMany ? this.take() : undefined;
    this.#lines.push(line);
    this.#length += line.length + 1;
    return full;
  }

  take(): Batch | undefined {
    if (this.#length === 0) return undefined;
    const batch = { lines: this.#lines.join('\n'), rows: this.#lines.length };
    this.#lines = [];
    this.#length = 0;
    return batch;
  }
}

/** That Druid counts as many rows as it was given, where it counts. */
async function checkRows(client: DruidClient, id: string, rows: number): Promise<void> {
  const taken = await client.rowsTakenBy(id);
  if (taken === undefined || taken === rows) return;
  throw refused('take in rows', id, `${taken} of ${rows} rows were taken in`);
}

/** The ids are ours alone, so one that exists is ours from an attempt whose answer was lost. */
async function submitOnce(client: DruidClient, spec: TaskSpec): Promise<void> {
  if ((await client.submit(spec)) === 'accepted') return;
  if ((await client.digestOf(spec.id)) === spec.digest) return;
  throw new FileSystemError('EEXIST', 'stage rows as', spec.id);
}

function specOf(request: StagingRequest, { lines }: Batch, index: number): TaskSpec {
  assert(lines.length > 0, 'Cannot stage no rows');
  const { place, name, slot } = request;
  const { staging, chunk } = place;
  const id = `${staging}_${chunk}_${name}_${index}`;
  return appendTask({ id, datasource: staging, chunk, slot, digest: name, lines });
}
