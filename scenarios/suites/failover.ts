// Failover: whoever dies, and whenever, every record is counted once.

import type { Scenario } from '../scenario.ts';
import { countByPage } from '../workloads/count-by-page.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS } from './variants.ts';

export const failoverScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned({
    id: 'failover/keyed-count',
    claim: 'A running count per key survives the loss of any host, at any time.',
    tags: ['failover'],
    ...countByPage({ records: 160 }),
    faults: CLUSTER_FAULTS,
  }),
  ...alignedAndUnaligned({
    id: 'failover/three-hosts',
    claim: 'A job spread over three hosts with one slot each survives the loss of any of them.',
    tags: ['failover'],
    ...countByPage({ records: 120 }),
    cluster: { taskManagers: 3, slots: 1, parallelism: 3 },
    faults: CLUSTER_FAULTS,
  }),
];
