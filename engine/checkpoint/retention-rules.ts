// Who may delete a checkpoint, and when: Flink's rules, each in one place.

import type { CheckpointConfig } from '../graph/checkpoint-config.ts';
import { isSavepoint } from './checkpoint-properties.ts';
import type { CheckpointProperties } from './metadata.ts';

/** Why a job is over. `suspended`: another JobManager will go on with it. */
export type JobOutcome = 'finished' | 'canceled' | 'failed' | 'suspended';

export function isDiscardedWhenJobIs(
  outcome: JobOutcome,
  properties: CheckpointProperties,
  config: CheckpointConfig,
): boolean {
  if (outcome === 'suspended' || isSavepoint(properties)) return false;
  if (outcome === 'finished') return true;
  switch (config.externalizedRetention) {
    case 'NO_EXTERNALIZED_CHECKPOINTS':
      return true;
    case 'DELETE_ON_CANCELLATION':
      return outcome === 'canceled';
    case 'RETAIN_ON_CANCELLATION':
      return false;
  }
}
