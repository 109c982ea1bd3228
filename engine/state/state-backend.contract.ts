// The conformance suite of keyed state backends as ava tests, in the spirit of Flink's
// StateBackendTestBase. Each implementation's test calls it once; what passes it may serve any job.
// Users take conformance.stateBackend() itself, which needs no particular test runner.

import test from 'ava';
import type { DeclareCheck } from '../conformance/checks.ts';
import { stateKindsContract } from './state-kinds.contract.ts';
import { stateModelContract } from './state-model.contract.ts';
import { stateSnapshotsContract } from './state-snapshots.contract.ts';
import { stateTimersContract } from './state-timers.contract.ts';
import { stateTtlContract } from './state-ttl.contract.ts';
import type { CreateBackend } from './testing/state-world.ts';

/** `create` opens a backend with a working directory of its own each time it is called. */
export function keyedStateBackendContract(name: string, create: CreateBackend): void {
  // Ava's `t` has all that a judge has.
  const declare: DeclareCheck = (title, body) => test(title, (t) => body(t));
  stateKindsContract(declare, name, create);
  stateTimersContract(declare, name, create);
  stateSnapshotsContract(declare, name, create);
  stateTtlContract(declare, name, create);
  stateModelContract(name, create);
}
