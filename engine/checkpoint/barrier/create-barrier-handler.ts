// Chooses how a task handles barriers: by the mode of the job, for its whole life. Which alignment
// a single checkpoint uses is in its barriers.

import type { CheckpointConfig } from '../../graph/checkpoint-config.ts';
import type { BarrierHandler, BarrierHandlerOptions } from './barrier-handler.ts';
import { CheckpointBarrierTracker } from './checkpoint-barrier-tracker.ts';
import { SingleCheckpointBarrierHandler } from './single-checkpoint-barrier-handler.ts';

export function createBarrierHandler(
  { mode }: Pick<CheckpointConfig, 'mode'>,
  options: BarrierHandlerOptions,
): BarrierHandler {
  return mode === 'EXACTLY_ONCE'
    ? new SingleCheckpointBarrierHandler(options)
    : new CheckpointBarrierTracker(options);
}
