// Checkpoints in Apache Druid, where they can be queried with SQL: a datasource for each job, a
// time chunk for each checkpoint, a row for each entry of keyed state.

import type {
  CheckpointStorage,
  CheckpointStorageAccess,
  CheckpointStorageContext,
} from '../checkpoint-storage.ts';
import { DruidClient } from './druid-client.ts';
import { DruidCoordinatorStorage } from './druid-coordinator-storage.ts';
import { type DruidOptions, type DruidSettings, druidSettings } from './druid-options.ts';
import { DruidWorkerStorage } from './druid-worker-storage.ts';

export class DruidCheckpointStorage implements CheckpointStorage {
  readonly description: string;
  readonly savepointDirectory = '/savepoints';
  readonly #settings: DruidSettings;

  constructor(options: DruidOptions) {
    this.#settings = druidSettings(options);
    this.description = this.#settings.url.replace(/^https?:/, 'druid:');
  }

  open(context: CheckpointStorageContext): CheckpointStorageAccess {
    const { environment, job, dataInlineThresholdBytes } = context;
    const client = new DruidClient(environment, this.#settings);
    return {
      coordinator: new DruidCoordinatorStorage(client, this.description),
      worker: new DruidWorkerStorage({ client, job, dataInlineThresholdBytes }),
    };
  }
}

/** `url`: of the router. */
export function druidCheckpointStorage(options: DruidOptions): DruidCheckpointStorage {
  return new DruidCheckpointStorage(options);
}
