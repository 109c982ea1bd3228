// Rescaling: a job that is restored with another parallelism moves whole key groups and goes on
// where it was.

import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import type { Visit } from '../workloads/visits.ts';
import { CLUSTER_FAULTS } from './variants.ts';

interface Variant {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly via: 'savepoint' | 'failover';
  readonly unaligned: boolean;
}

const VARIANTS: readonly Variant[] = [
  { name: 'up-by-savepoint', from: 2, to: 3, via: 'savepoint', unaligned: false },
  { name: 'down-by-savepoint', from: 3, to: 2, via: 'savepoint', unaligned: false },
  { name: 'up-by-savepoint-unaligned', from: 2, to: 4, via: 'savepoint', unaligned: true },
  { name: 'down-by-savepoint-unaligned', from: 3, to: 1, via: 'savepoint', unaligned: true },
  // In-flight data is bound to its parallelism, so a failover can only rescale aligned checkpoints.
  { name: 'up-by-failover', from: 2, to: 3, via: 'failover', unaligned: false },
  { name: 'down-by-failover', from: 4, to: 3, via: 'failover', unaligned: false },
];

function rescaling(variant: Variant): ScenarioDefinition<Visit, PageCount> {
  const { name, from, to, via, unaligned } = variant;
  return {
    id: `rescaling/${name}`,
    claim: `A job rescaled from ${from} to ${to} subtasks by ${via} counts every record once.`,
    tags: ['rescaling'],
    ...countByPage({ records: 160, pages: 23, recordsPerSecond: 40 }),
    cluster: { taskManagers: 2, slots: 2, parallelism: from },
    checkpoints: { unaligned },
    rescale: { afterCheckpoint: 2, parallelism: to, via },
    faults: CLUSTER_FAULTS,
  };
}

export const rescalingScenarios: readonly Scenario[] = VARIANTS.map((variant) =>
  defineScenario(rescaling(variant)),
);
