// All scenarios of the package, in the order in which they are listed and run.

import type { Scenario } from '../scenario.ts';
import { checkpointingScenarios } from './checkpointing.ts';
import { corruptionScenarios } from './corruption.ts';
import { equalityScenarios } from './equality.ts';
import { failoverScenarios } from './failover.ts';
import { flightsScenarios } from './flights.ts';
import { rescalingScenarios } from './rescaling.ts';
import { sourceScenarios } from './sources.ts';
import { stateScenarios } from './state.ts';
import { twoPhaseCommitScenarios } from './two-phase-commit.ts';
import { windowScenarios } from './windows.ts';

export const scenarios: readonly Scenario[] = [
  ...checkpointingScenarios,
  ...failoverScenarios,
  ...windowScenarios,
  ...rescalingScenarios,
  ...corruptionScenarios,
  ...twoPhaseCommitScenarios,
  ...sourceScenarios,
  ...stateScenarios,
  ...flightsScenarios,
  ...equalityScenarios,
];
