// Which faults a run has: drawn for its scenario and its cluster, not before there is something to
// strike.

import type { Random } from '../../engine/environment/random.ts';
import {
  drawPlan,
  faultKindsOf,
  type FaultMix,
  type FaultPlan,
  type OperationMix,
} from '../../simulator/index.ts';
import { DECLARED_SITES } from '../declared-marks.ts';
import type { Scenario } from '../scenario.ts';
import { LOCAL_DIRECTORY } from './backends/local-disk.ts';
import { CHECKPOINT_DIRECTORY } from './places.ts';
import { postponed } from './postponed.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/** Jobs whose checkpoints take longer live longer: so much more of faults for each factor. */
const LONGER_MS = 500;
/** A corruption strikes after one of the first so many. */
const CHECKPOINTS_MAX = 4;
/** Where there is a service, these may strike it besides whatever else a scenario draws. */
const SERVICE_FAULTS = faultKindsOf('service');

/** `root` is the chance of the whole run. */
export function planOf(scenario: Scenario, root: Random, cluster: SimulatedCluster): FaultPlan {
  const drawn = drawPlan(root.fork('plan'), faultMixOf(scenario, cluster));
  const { healAtMs, faults } = postponed(drawn, cluster.profile.readyAfterMs);
  return { healAtMs, faults: [...faults, ...scenario.staged] };
}

/** At which an operation meets something that is under way. */
const MOMENTS: readonly string[] = [
  'checkpoint-triggered',
  'keyed-state-snapshotted',
  'checkpoint-completed',
  'committed',
  'job-failing',
  'job-restoring',
  'leader-elected',
];

function operationsOf({ cluster, checkpoints, stateBackends }: Scenario): OperationMix {
  return {
    parallelismMax: cluster.taskManagers * cluster.slots,
    // In-flight data is bound to its parallelism.
    rescaleVia: checkpoints.unaligned ? ['savepoint'] : ['savepoint', 'failover'],
    stateBackends,
    marks: MOMENTS,
  };
}

function faultMixOf(scenario: Scenario, { hosts, profile }: SimulatedCluster): FaultMix {
  const services = profile.services.map(({ address }) => address);
  const isHarmed = scenario.faults.length > 0 && services.length > 0;
  return {
    kinds: isHarmed ? [...scenario.faults, ...SERVICE_FAULTS] : scenario.faults,
    hosts: [...hosts, ...services],
    ...(services.length === 0 ? {} : { services }),
    healAtMs: scenario.safetyMs + (profile.checkpointTimeFactor - 1) * LONGER_MS,
    pathPrefixes: profile.hasLocalDisks ? ['/shared/', `${LOCAL_DIRECTORY}/`] : ['/shared/'],
    silentPrefixes: [CHECKPOINT_DIRECTORY],
    // Where they take long a job does not live to see many.
    checkpointsMax: Math.max(1, Math.round(CHECKPOINTS_MAX / profile.checkpointTimeFactor)),
    operations: operationsOf(scenario),
    sites: DECLARED_SITES,
    ...(scenario.corruptions === undefined ? {} : { corruptions: scenario.corruptions }),
  };
}
