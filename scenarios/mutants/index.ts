// The known-bad engines, most of them bugs that stream processors really had.

import { CONTENDER_MUTANTS } from './catalog/contenders.ts';
import { COORDINATION_MUTANTS } from './catalog/coordination.ts';
import { IN_FLIGHT_MUTANTS } from './catalog/in-flight-data.ts';
import { LEADERSHIP_MUTANTS } from './catalog/leadership.ts';
import { OPERATION_MUTANTS } from './catalog/operations.ts';
import { RESCALING_MUTANTS } from './catalog/rescaling.ts';
import { SHARED_STATE_MUTANTS } from './catalog/shared-state.ts';
import { SOURCE_MUTANTS } from './catalog/sources.ts';
import { STATE_MUTANTS } from './catalog/state.ts';
import { TIME_MUTANTS } from './catalog/time.ts';
import { SINK_MUTANTS } from './catalog/sinks.ts';
import type { Mutant } from './mutant.ts';

export { CANARY } from './catalog/sinks.ts';
export { NULL_MUTANT } from './null-mutant.ts';

export const MUTANTS: readonly Mutant[] = [
  ...SINK_MUTANTS,
  ...IN_FLIGHT_MUTANTS,
  ...SHARED_STATE_MUTANTS,
  ...COORDINATION_MUTANTS,
  ...SOURCE_MUTANTS,
  ...STATE_MUTANTS,
  ...TIME_MUTANTS,
  ...RESCALING_MUTANTS,
  ...LEADERSHIP_MUTANTS,
  ...OPERATION_MUTANTS,
  ...CONTENDER_MUTANTS,
];
