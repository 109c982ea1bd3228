// What an implementation of one of the engine's interfaces must keep to, as checks that need no
// particular test runner:
//   for (const { name, run } of conformance.sink('mine', open)) test(name, run);
// The engine's own implementations pass the same ones.

import { sinkChecks } from '../connector/testing/sink-checks.ts';
import { sourceChecks } from '../connector/testing/source-checks.ts';
import { stateKindsContract } from '../state/state-kinds.contract.ts';
import { stateSnapshotsContract } from '../state/state-snapshots.contract.ts';
import { stateTimersContract } from '../state/state-timers.contract.ts';
import { stateTtlContract } from '../state/state-ttl.contract.ts';
import type { CreateBackend } from '../state/testing/state-world.ts';
import { type Check, collectChecks } from './checks.ts';

export const conformance = {
  /**
   * Of a StateBackend: `create` opens one keyed backend, with a working directory of its own each
   * time it is called. State kinds and null rules, namespaces and merging, isolation of snapshots,
   * rescaling, timers, TTL boundaries, schema evolution.
   */
  stateBackend(name: string, create: CreateBackend): readonly Check[] {
    return collectChecks((test) => {
      stateKindsContract(test, name, create);
      stateTimersContract(test, name, create);
      stateSnapshotsContract(test, name, create);
      stateTtlContract(test, name, create);
    });
  },
  /** Of a transactional sink. */
  sink: sinkChecks,
  /** Of a source that rewinds. */
  source: sourceChecks,
};

export type { SinkUnderTest } from '../connector/testing/sink-checks.ts';
export type { SourceUnderTest } from '../connector/testing/source-checks.ts';
export type { ContractCheck } from '../connector/testing/contract-check.ts';
export type { Check } from './checks.ts';
export type { CreateBackend };
