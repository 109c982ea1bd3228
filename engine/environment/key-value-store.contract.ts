// What every KeyValueStore must do while its host does not crash and its disk does not fail.

import { checkpointContract } from './key-value-checkpoint.contract.ts';
import { contentContract } from './key-value-content.contract.ts';
import { modelContract } from './key-value-model.contract.ts';
import type { OpenStores } from './key-value-bench.contract.ts';

export type { OpenStores, StoresUnderTest } from './key-value-bench.contract.ts';

/** `modelRuns`: how many random sequences of calls; real stores take some 20 ms for one. */
export function keyValueStoreContract(name: string, open: OpenStores, modelRuns = 100): void {
  contentContract(name, open);
  checkpointContract(name, open);
  modelContract(name, open, modelRuns);
}
