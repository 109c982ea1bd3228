// A processing step inside a task, as the runtime drives it. All calls come from the task's one
// thread of control and are synchronous; nothing here awaits. Chained operators are plain calls.

import type { CheckpointId, OperatorId } from '../core/ids.ts';
import type { Timer } from '../environment/clock.ts';
import type { Environment } from '../environment/environment.ts';
import type { KeyedStateBackend, OperatorStateBackend } from '../state/state-backend.ts';

/** Where an operator's results go. `timestamp` is NO_TIMESTAMP where there is none. */
export interface Output<T> {
  emit(value: T, timestamp: number): void;
  emitSide(tag: string, value: unknown, timestamp: number): void;
  emitWatermark(timestamp: number): void;
  emitStatus(idle: boolean): void;
}

/** Processing time. Wall-clock milliseconds of this host; callbacks run as the task's own mails. */
export interface ProcessingTimeService {
  now(): number;
  /**
   * Runs `wake(now)` once, when now() >= timeMs; at once if that is past, but never re-entrantly.
   * While the chain takes no records it waits, because it may emit.
   */
  schedule(timeMs: number, wake: (nowMs: number) => void): Timer;
}

/** What an operator sees of its task. Flink's RuntimeContext and StreamTask, cut to the needed. */
export interface TaskContext {
  readonly operatorId: OperatorId;
  readonly operatorName: string;
  readonly jobName: string;
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly attemptNumber: number;
  /** Distinguishes leaders and attempts in names of files and transactions; never reused. */
  readonly fencingToken: string;
  /** The checkpoint this attempt was restored from. */
  readonly restoredCheckpoint: CheckpointId | undefined;
  /** Only where the operator was declared keyed. Restored before open(). */
  readonly keyed: KeyedStateBackend | undefined;
  readonly operatorState: OperatorStateBackend;
  readonly processingTime: ProcessingTimeService;
  readonly environment: Environment;
  /** True if the job takes checkpoints: without them, sinks commit at the end of the input. */
  readonly checkpointing: boolean;
  /**
   * Runs I/O apart from the records. `done` runs later as the task's own mail, unless the task has
   * ended by then; a rejection fails the task.
   */
  io<T>(label: string, operation: () => Promise<T>, done: (result: T) => void): void;
  /**
   * Runs `run` once `pending` has resolved. Nothing else happens to the task meanwhile; a rejection
   * fails it. For state that is fetched before it is used: keyed.prepare() and prepareTimers().
   */
  whenPrepared(pending: Promise<void>, run: () => void): void;
  /**
   * Runs `wake` as the task's own mail, `delayMs` of real time from now, however the wall clock is
   * set meanwhile. It must not emit.
   */
  after(delayMs: number, wake: () => void): Timer;
  /** Asks for another look at isAvailable() and pollNext(). Cheap; coalesced. */
  wakeUp(): void;
  /** Fails this attempt, as an exception out of a user function does. */
  fail(cause: unknown): void;
}

/** Lifecycle: open, elements, [snapshot...], finish at the end of all data, close. */
export interface StreamOperator {
  /** State is restored and usable. Nothing may be emitted yet. */
  open(context: TaskContext, output: Output<unknown>): void;
  /**
   * Fetches the state that these elements will need; they are processed once the promise, if there
   * is one, has resolved, and before anything else is. Keyed operators head their chain, so only
   * the first of a chain is asked.
   */
  prepare?(values: readonly unknown[], input: number): Promise<void> | undefined;
  /** The same before processWatermark(): the state of the timers that it will fire. */
  prepareWatermark?(timestamp: number): Promise<void> | undefined;
  /**
   * Once a promise of prepareWatermark() has resolved. It fetches a bounded number of timers: fires
   * those. False: there are more, and prepareWatermark() is asked again. Otherwise the watermark is
   * processed.
   */
  firePrepared?(timestamp: number): boolean;
  processElement(value: unknown, timestamp: number, input: number): void;
  /** The combined watermark of all channels and inputs of this operator; strictly increasing. */
  processWatermark(timestamp: number): void;
  processStatus?(idle: boolean): void;
  /** Before the barrier goes downstream: may still emit. */
  prepareSnapshotPreBarrier?(checkpoint: CheckpointId): void;
  /**
   * Brings the states of `context` up to date; they are snapshotted right after this returns. A
   * promise is external work that must be done before the checkpoint may be acknowledged.
   */
  snapshotState?(checkpoint: CheckpointId): Promise<void> | undefined;
  /** Best effort: may be skipped; ids increase; all checkpoints up to this one are complete. */
  notifyCheckpointComplete?(checkpoint: CheckpointId): void;
  notifyCheckpointAborted?(checkpoint: CheckpointId): void;
  /** False holds back input until wakeUp(): outstanding I/O has reached its limit. */
  isAvailable?(): boolean;
  /**
   * False keeps a task from ending until wakeUp(): commits outstanding after the last checkpoint. A
   * task that stops for a savepoint gives it: what belongs to later ones is not waited for.
   */
  isDone?(stoppedFor?: CheckpointId): boolean;
  /** All data has been seen: flush. Not called on stop-with-savepoint without drain. */
  finish?(): void;
  /** Releases resources, on success and failure alike. Must not emit. */
  close?(): void;
}

/** Creates one operator per attempt of each subtask, so attempts share nothing. */
export interface OperatorFactory {
  /** What shows in plans and reports: 'map', 'window(tumbling 1000 ms)'. */
  readonly kind: string;
  create(): StreamOperator;
}
