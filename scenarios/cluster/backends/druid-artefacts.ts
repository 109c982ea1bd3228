// Artefacts that are rows in Druid: read over the network as a restore reads them, and changed by
// altering what queries see of their rows. Of rows that wait for their publication only it is told
// that they are there.

import type { CheckpointStorage } from '../../../engine/checkpoint/checkpoint-storage.ts';
import { DruidClient } from '../../../engine/checkpoint/druid/druid-client.ts';
import {
  type DruidOptions,
  druidSettings,
} from '../../../engine/checkpoint/druid/druid-options.ts';
import { jobDatasource, stagingOf } from '../../../engine/checkpoint/druid/druid-places.ts';
import { base64Of } from '../../../engine/stream/text-bytes.ts';
import { handlesOf } from '../../../engine/checkpoint/metadata.ts';
import { decodeCheckpointMetadata } from '../../../engine/checkpoint/metadata-format.ts';
import { OnceproofError } from '../../../engine/core/errors.ts';
import type { JobId } from '../../../engine/core/ids.ts';
import type { Environment } from '../../../engine/environment/environment.ts';
import type { World } from '../../../simulator/index.ts';
import type { Row } from '../../../simulator/services/druid/records.ts';
import type { RowDamage } from '../../../simulator/services/druid/row-damage.ts';
import { Administrator } from './administrator.ts';
import type { ArtefactKeeper, Artefacts } from './backend-profile.ts';

export interface DruidArtefactsOptions {
  readonly world: World;
  readonly job: () => JobId;
  readonly storage: CheckpointStorage;
  readonly client: DruidOptions;
  /** Of the simulated Druid. */
  readonly damage: RowDamage;
}

const METADATA = '_metadata';
const ARTEFACT = /\/chk-([0-9]+)\/([^/]+?)(?:~[0-9]+)?$/;

export function druidArtefacts(options: DruidArtefactsOptions): ArtefactKeeper {
  const administrator = new Administrator(options.world);
  return {
    readAll: (then) => administrator.perform((environment) => readAll(environment, options), then),
    change(changes, then) {
      for (const [path, bytes] of changes) options.damage.begin(alteration(path, bytes));
      then(true);
    },
  };
}

async function readAll(
  environment: Environment,
  { job, storage, client: from }: DruidArtefactsOptions,
): Promise<Artefacts> {
  const id = job();
  const { coordinator, worker } = storage.open({
    environment,
    job: id,
    storeDirectory: undefined,
    dataInlineThresholdBytes: 0,
  });
  const artefacts = new Map<string, Uint8Array>();
  const read = async (path: string, operation: () => Promise<Uint8Array>): Promise<void> => {
    const bytes = await unlessDamaged(operation);
    if (bytes !== undefined) artefacts.set(path, bytes);
  };
  for (const { pointer } of await coordinator.listCheckpoints(id)) {
    const path = `${pointer}/${METADATA}`;
    await read(path, () => coordinator.readMetadata(pointer));
    const metadata = artefacts.get(path);
    const handles = metadata === undefined ? [] : decodedHandles(metadata, path);
    for (const handle of handles) {
      if (handle.kind === 'file') await read(handle.path, () => worker.read(handle));
    }
  }
  const settings = druidSettings(from);
  const staging = stagingOf(jobDatasource(settings.datasourcePrefix, id));
  for (const { interval } of await new DruidClient(environment, settings).usedSegments(staging)) {
    artefacts.set(`/${staging}/${interval}`, new Uint8Array());
  }
  return new Map([...artefacts].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function decodedHandles(metadata: Uint8Array, path: string) {
  return handlesOf(decodeCheckpointMetadata(metadata, path));
}

/** What is damaged, or was removed meanwhile, is none to be damaged. */
async function unlessDamaged(
  operation: () => Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof OnceproofError) return undefined;
    throw error;
  }
}

/** The first row has all bytes, the others none: there are as many rows as there were. */
function alteration(path: string, bytes: Uint8Array | undefined) {
  const [, checkpoint = '', name = ''] = ARTEFACT.exec(path) ?? [];
  return (_datasource: string, row: Row): readonly Row[] | undefined => {
    if (row.get('checkpoint') !== Number(checkpoint)) return undefined;
    const isMeant =
      name === METADATA ? row.get('kind') === 'metadata' : row.get('artefact') === name;
    if (!isMeant) return undefined;
    if (bytes === undefined) return [];
    const content = row.get('part') === 0 ? base64Of(bytes) : '';
    return [new Map([...row, ['bytes', content]])];
  };
}
