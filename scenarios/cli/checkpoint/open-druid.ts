// Checkpoints in Druid, opened for reading: `druid://router:8888/<job>`, one of its checkpoints
// below that, or a savepoint by its path. Only asks; starts no task and ends none.

import { checkpointStorageAt } from '../../../engine/checkpoint/storage-at.ts';
import { DruidClient } from '../../../engine/checkpoint/druid/druid-client.ts';
import { druidSettings } from '../../../engine/checkpoint/druid/druid-options.ts';
import { jobDatasource, placeOfDirectory } from '../../../engine/checkpoint/druid/druid-places.ts';
import { chunkOf, intervalOf } from '../../../engine/checkpoint/druid/time-chunks.ts';
import type { Encryption } from '../../../engine/checkpoint/encryption-keys.ts';
import type { CheckpointReader } from '../../../engine/checkpoint/examine-checkpoint.ts';
import type { Located, LocatedCheckpoint } from '../../../engine/checkpoint/locate-checkpoints.ts';
import { checkpointId, jobId } from '../../../engine/core/ids.ts';
import type { Environment } from '../../../engine/environment/environment.ts';

export interface OpenedDruid {
  readonly reader: CheckpointReader;
  readonly located: Located;
}

/** Somebody waits at the terminal. */
const PATIENCE = { retryForMs: 10_000, visibilityTimeoutMs: 30_000 } as const;
const PLACE = /^(druid:\/\/[^/?#]+)(\/[^?#]*)?$/;
const CHECKPOINT = /\/chk-[1-9][0-9]*$/;

/** FileSystemError where Druid does not answer. */
export async function openDruid(
  place: string,
  environment: Environment,
  encryption: Encryption | undefined,
): Promise<OpenedDruid> {
  const [, url = place, path = ''] = PLACE.exec(place) ?? [];
  const directory = path.replace(/\/_metadata$/, '').replace(/\/+$/, '');
  const client = new DruidClient(environment, druidSettings({ ...PATIENCE, url }));
  return {
    reader: readerAt(url, environment, encryption),
    located: await locate(client, directory),
  };
}

function readerAt(
  url: string,
  environment: Environment,
  encryption: Encryption | undefined,
): CheckpointReader {
  const protection = encryption === undefined ? {} : { encryption };
  const place = { place: url, druid: PATIENCE, ...protection };
  const { coordinator, worker } = checkpointStorageAt(place, (path) => path).open({
    environment,
    // Reading is by path: whose job it is makes no difference.
    job: jobId('none'),
    storeDirectory: undefined,
    dataInlineThresholdBytes: 0,
  });
  return {
    describe: (path) => `${url}${path}`,
    readMetadata: (directory) => coordinator.readMetadata(directory),
    read: (handle) => worker.read(handle),
  };
}

async function locate(client: DruidClient, directory: string): Promise<Located> {
  const { datasourcePrefix } = client.settings;
  const isOne = CHECKPOINT.test(directory) || directory.split('/').length > 2;
  if (isOne) {
    const { datasource, chunk } = placeOfDirectory(datasourcePrefix, directory);
    const used = await client.usedSegments(datasource, intervalOf(chunk));
    if (used.length === 0) return { kind: 'missing' };
    const number = CHECKPOINT.test(directory) ? chunk : undefined;
    const parent = directory.replace(/\/[^/]*$/, '');
    return found(parent, [checkpointAt(directory, number, used.length)]);
  }
  const job = directory.slice(1);
  if (job === '') return { kind: 'no-checkpoint' };
  const segments = new Map<number, number>();
  for (const { interval } of await client.usedSegments(jobDatasource(datasourcePrefix, job))) {
    const chunk = chunkOf(interval);
    if (chunk !== undefined) segments.set(chunk, (segments.get(chunk) ?? 0) + 1);
  }
  if (segments.size === 0) return { kind: 'missing' };
  const chunks = [...segments].toSorted(([left], [right]) => left - right);
  return found(
    directory,
    chunks.map(([chunk, count]) => checkpointAt(`${directory}/chk-${chunk}`, chunk, count)),
  );
}

function found(directory: string, checkpoints: readonly LocatedCheckpoint[]): Located {
  return { kind: 'found', groups: [{ directory, checkpoints }] };
}

/** What is published is complete: half of a checkpoint is never in view. */
function checkpointAt(
  directory: string,
  number: number | undefined,
  fileCount: number,
): LocatedCheckpoint {
  return {
    directory,
    name: directory.slice(directory.lastIndexOf('/') + 1),
    number: number === undefined ? undefined : checkpointId(number),
    isComplete: true,
    fileCount,
  };
}
