// What follows from the kind of a checkpoint: how its barriers align, who may delete it and when.
// Pure rules, Flink's, each in one place.

import type { CheckpointConfig } from '../graph/checkpoint-config.ts';
import type { CheckpointOptions } from '../stream/elements.ts';
import type { CheckpointProperties } from './metadata.ts';

export function isSavepoint(properties: CheckpointProperties): boolean {
  return properties.type === 'savepoint';
}

/** A stop-with-savepoint: its tasks block until it is complete, then commit. */
export function isSynchronous(properties: CheckpointProperties): boolean {
  return properties.stop !== 'no';
}

/** A plain savepoint belongs to the user: it is neither kept nor announced, and commits nothing. */
export function isPlainSavepoint(properties: CheckpointProperties): boolean {
  return isSavepoint(properties) && !isSynchronous(properties);
}

export function checkpointOptions(
  config: CheckpointConfig,
  properties: CheckpointProperties,
  targetDirectory: string | undefined,
): CheckpointOptions {
  const { type, stop } = properties;
  const base = { type, stop, targetDirectory, alignedTimeoutMs: undefined };
  if (config.mode === 'AT_LEAST_ONCE') return { ...base, alignment: 'at-least-once' };
  if (type === 'savepoint' || !config.unaligned) return { ...base, alignment: 'aligned' };
  if (config.alignedTimeoutMs === 0) return { ...base, alignment: 'unaligned' };
  return { ...base, alignment: 'aligned', alignedTimeoutMs: config.alignedTimeoutMs };
}

/** One at a time where a pause is asked for, and where barriers may overtake data. */
export function effectiveMaxConcurrent(config: CheckpointConfig): number {
  return config.minPauseMs > 0 || config.unaligned ? 1 : config.maxConcurrentCheckpoints;
}
