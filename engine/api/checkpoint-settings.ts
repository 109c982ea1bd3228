// The checkpoint configuration of a program under construction: Flink's CheckpointConfig, with its
// setter names. Every setter checks its value at once.

import {
  type CheckpointConfig,
  type CheckpointingMode,
  DEFAULT_CHECKPOINT_CONFIG,
  type ExternalizedCheckpointRetention,
} from '../graph/checkpoint-config.ts';
import { checkInteger, checkOneOf } from '../graph/config-check.ts';

const PREFIX = 'execution.checkpointing';
/** Flink's MINIMAL_CHECKPOINT_TIME. */
const INTERVAL_MS_MIN = 10;

export class CheckpointSettings {
  #config: CheckpointConfig = DEFAULT_CHECKPOINT_CONFIG;
  #isEnabled = false;

  /** Undefined while checkpointing is not enabled. */
  get config(): CheckpointConfig | undefined {
    return this.#isEnabled ? this.#config : undefined;
  }

  setCheckpointInterval(intervalMs: number): this {
    const key = `${PREFIX}.interval`;
    checkInteger({ key, value: intervalMs, min: INTERVAL_MS_MIN });
    this.#isEnabled = true;
    return this.#set({ intervalMs });
  }

  setCheckpointingMode(mode: CheckpointingMode): this {
    return this.#set({
      mode: checkOneOf(`${PREFIX}.mode`, mode, ['EXACTLY_ONCE', 'AT_LEAST_ONCE']),
    });
  }

  setCheckpointTimeout(timeoutMs: number): this {
    const key = `${PREFIX}.timeout`;
    return this.#set({ timeoutMs: checkInteger({ key, value: timeoutMs, min: INTERVAL_MS_MIN }) });
  }

  setMinPauseBetweenCheckpoints(minPauseMs: number): this {
    const key = `${PREFIX}.min-pause`;
    return this.#set({ minPauseMs: checkInteger({ key, value: minPauseMs, min: 0 }) });
  }

  setMaxConcurrentCheckpoints(count: number): this {
    const key = `${PREFIX}.max-concurrent-checkpoints`;
    return this.#set({ maxConcurrentCheckpoints: checkInteger({ key, value: count, min: 1 }) });
  }

  setTolerableCheckpointFailureNumber(count: number): this {
    const key = `${PREFIX}.tolerable-failed-checkpoints`;
    return this.#set({ tolerableFailedCheckpoints: checkInteger({ key, value: count, min: 0 }) });
  }

  setRetainedCheckpoints(count: number): this {
    const key = `${PREFIX}.num-retained`;
    return this.#set({ retainedCheckpoints: checkInteger({ key, value: count, min: 1 }) });
  }

  setExternalizedCheckpointRetention(retention: ExternalizedCheckpointRetention): this {
    const allowed = [
      'NO_EXTERNALIZED_CHECKPOINTS',
      'DELETE_ON_CANCELLATION',
      'RETAIN_ON_CANCELLATION',
    ] as const;
    const key = `${PREFIX}.externalized-checkpoint-retention`;
    return this.#set({ externalizedRetention: checkOneOf(key, retention, allowed) });
  }

  enableUnalignedCheckpoints(enabled = true): this {
    return this.#set({ unaligned: enabled });
  }

  setAlignedCheckpointTimeout(timeoutMs: number): this {
    const key = `${PREFIX}.aligned-checkpoint-timeout`;
    return this.#set({ alignedTimeoutMs: checkInteger({ key, value: timeoutMs, min: 0 }) });
  }

  setDataInlineThreshold(bytes: number): this {
    const key = `${PREFIX}.data-inline-threshold`;
    const max = 1024 * 1024; // Flink's MAX_FILE_STATE_THRESHOLD: `_metadata` must stay small.
    return this.#set({
      dataInlineThresholdBytes: checkInteger({ key, value: bytes, min: 0, max }),
    });
  }

  #set(changes: Partial<CheckpointConfig>): this {
    this.#config = { ...this.#config, ...changes };
    return this;
  }
}
