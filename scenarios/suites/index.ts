// All scenarios of the package, in the order in which they are listed and run.

import type { Scenario } from '../scenario.ts';
import { checkpointingScenarios } from './checkpointing.ts';
import { contenderScenarios } from './contenders.ts';
import { corruptionScenarios } from './corruption.ts';
import { discoveryScenarios } from './discovery.ts';
import { equalityScenarios } from './equality.ts';
import { eventTimeScenarios } from './event-time.ts';
import { failoverScenarios } from './failover.ts';
import { flightsScenarios } from './flights.ts';
import { generatedScenarios } from './generated.ts';
import { movingStateScenarios } from './moving-state.ts';
import { inFlightScenarios } from './in-flight.ts';
import { narrowMoments } from './narrow-moments.ts';
import { newLeaderScenarios } from './new-leaders.ts';
import { operationScenarios } from './operations.ts';
import { pointerScenarios } from './pointers.ts';
import { rescalingScenarios } from './rescaling.ts';
import { runningSnapshotScenarios } from './running-snapshots.ts';
import { savepointScenarios } from './savepoints.ts';
import { sinkScenarios } from './sinks.ts';
import { sourceScenarios } from './sources.ts';
import { stateScenarios } from './state.ts';
import { storedTimerScenarios } from './stored-timers.ts';
import { timeToLiveScenarios } from './time-to-live.ts';
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
  ...storedTimerScenarios,
  ...flightsScenarios,
  ...equalityScenarios,
  ...operationScenarios,
  ...[
    inFlightScenarios,
    discoveryScenarios,
    sinkScenarios,
    eventTimeScenarios,
    newLeaderScenarios,
    contenderScenarios,
    timeToLiveScenarios,
    runningSnapshotScenarios,
    movingStateScenarios,
    savepointScenarios,
    generatedScenarios,
    pointerScenarios,
    narrowMoments,
  ].flatMap(withoutServices),
];

/** Their claims have nothing to do with who keeps the checkpoints: a service shows nothing new. */
function withoutServices(suite: readonly Scenario[]): readonly Scenario[] {
  return suite.map((scenario) => ({
    ...scenario,
    backendsOnRequest: scenario.backendsOnRequest.filter((name) => name === 'rocksdb'),
  }));
}
