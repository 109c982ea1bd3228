// The preset whose checkpoints go to Apache Druid, where SQL can look into them. Working state is
// on the heap: nothing is read from Druid but a checkpoint that is restored.

import type { CheckpointPlace, StorageClientOptions } from '../checkpoint/checkpoint-place.ts';
import { HashMapStateBackend } from './hash-map-state-backend.ts';
import type { KeyedStateBackend, KeyedStateBackendOptions, StateBackend } from './state-backend.ts';

export interface DruidStateBackendOptions {
  /** The router: `druid://router:8888`. Default: that of the job. */
  readonly url?: string;
  readonly druid?: StorageClientOptions['druid'];
}

/** Checkpoints go to Druid. */
export class DruidStateBackend implements StateBackend {
  readonly name = 'druid';
  readonly checkpointStorage?: CheckpointPlace;
  readonly #workingState = new HashMapStateBackend('druid');

  constructor({ url, druid }: DruidStateBackendOptions = {}) {
    if (url === undefined) return;
    this.checkpointStorage = druid === undefined ? url : { place: url, druid };
  }

  createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    return this.#workingState.createKeyedStateBackend(options);
  }
}
