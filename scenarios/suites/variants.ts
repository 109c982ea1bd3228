// One claim in several variants: the same scenario under aligned and under unaligned checkpoints.

import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import type { FaultKind } from '../../simulator/index.ts';

/** Everything that can befall processes, links and clocks, and what the engine may choose. */
export const CLUSTER_FAULTS: readonly FaultKind[] = [
  'crash',
  'kill',
  'pause',
  'slow-start',
  'partition',
  'loss',
  'duplicate',
  'reorder',
  'latency',
  'clog',
  'swizzle',
  'corruption',
  'half-open',
  'slow-reader',
  'memory-pressure',
  'clock-offset',
  'clock-step',
  'clock-leap',
  'clock-freeze',
  'clock-drift',
  'buggify',
];

/** Everything that can befall the shared volume. */
export const DISK_FAULTS: readonly FaultKind[] = [
  'sync-failure',
  'no-space',
  'io-error',
  'slow-disk',
];

/** What befalls stored checkpoints, and nobody is told. */
export const SILENT_DISK_FAULTS: readonly FaultKind[] = [
  'short-io',
  'stale-read',
  'lost-write',
  'misdirected-write',
  'bit-rot',
];

export function alignedAndUnaligned<IN, OUT>(
  definition: ScenarioDefinition<IN, OUT>,
): readonly Scenario[] {
  const { id, claim, checkpoints } = definition;
  return [
    defineScenario(definition),
    defineScenario({
      ...definition,
      id: `${id}-unaligned`,
      claim: `${claim} With unaligned checkpoints.`,
      checkpoints: { ...checkpoints, unaligned: true },
    }),
  ];
}
