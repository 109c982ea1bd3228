// The conformance suite of keyed state backends, in the spirit of Flink's StateBackendTestBase.
// Each implementation's test calls it once; what passes it may serve any job.

import { stateKindsContract } from './state-kinds.contract.ts';
import { stateModelContract } from './state-model.contract.ts';
import { stateSnapshotsContract } from './state-snapshots.contract.ts';
import { stateTtlContract } from './state-ttl.contract.ts';
import type { CreateBackend } from './testing/state-world.ts';

/** `create` opens a backend with a working directory of its own each time it is called. */
export function keyedStateBackendContract(name: string, create: CreateBackend): void {
  stateKindsContract(name, create);
  stateSnapshotsContract(name, create);
  stateTtlContract(name, create);
  stateModelContract(name, create);
}
