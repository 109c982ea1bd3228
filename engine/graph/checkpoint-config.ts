// How checkpoints are taken, with Flink's names and defaults. Durations are integer milliseconds.

export type CheckpointingMode = 'EXACTLY_ONCE' | 'AT_LEAST_ONCE';

export type ExternalizedCheckpointRetention =
  | 'NO_EXTERNALIZED_CHECKPOINTS'
  | 'DELETE_ON_CANCELLATION'
  | 'RETAIN_ON_CANCELLATION';

export interface CheckpointConfig {
  readonly mode: CheckpointingMode;
  /** Between planned triggers, at least 10. Fixed rate: a late trigger does not move the next. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Between the completion of one and the trigger of the next; implies one at a time if > 0. */
  readonly minPauseMs: number;
  readonly maxConcurrentCheckpoints: number;
  /** Consecutive failures that are put up with before the job fails over. */
  readonly tolerableFailedCheckpoints: number;
  readonly retainedCheckpoints: number;
  readonly externalizedRetention: ExternalizedCheckpointRetention;
  readonly unaligned: boolean;
  /**
   * With unaligned: start aligned and switch once the barrier is this old. 0 = unaligned at once.
   */
  readonly alignedTimeoutMs: number;
  /** State smaller than this goes inline into `_metadata`. Bytes. */
  readonly dataInlineThresholdBytes: number;
}

export const DEFAULT_CHECKPOINT_CONFIG: CheckpointConfig = {
  mode: 'EXACTLY_ONCE',
  intervalMs: 60_000,
  timeoutMs: 600_000,
  minPauseMs: 0,
  maxConcurrentCheckpoints: 1,
  tolerableFailedCheckpoints: 0,
  retainedCheckpoints: 1,
  // Not Flink's NO_EXTERNALIZED_CHECKPOINTS: see docs/decisions/0009.
  externalizedRetention: 'DELETE_ON_CANCELLATION',
  unaligned: false,
  alignedTimeoutMs: 0,
  dataInlineThresholdBytes: 20 * 1024,
};
