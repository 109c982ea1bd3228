// The Source contract, in the shape of FLIP-27: a SplitEnumerator on the JobManager hands splits to
// SourceReaders on the subtasks. A split lives in exactly one place: unassigned in the enumerator,
// or in a reader. Offsets are rewound from checkpoints, never from the outside system.

import type { Clock } from '../environment/clock.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { Random } from '../environment/random.ts';

/** Plain serializable data, including how far it has been read. `splitId` is unique per source. */
export interface SourceSplit {
  readonly splitId: string;
}

export interface SplitEnumeratorContext<S extends SourceSplit> {
  readonly parallelism: number;
  readonly clock: Clock;
  readonly filesystem: FileSystem;
  readonly random: Random;
  /** Subtasks with a registered reader. */
  registeredReaders(): readonly number[];
  assignSplit(split: S, subtask: number): void;
  /** The reader ends once it has read what it was assigned. */
  /** It may end now, whatever it asks for: to assign it another split is OP-E206. */
  signalNoMoreSplits(subtask: number): void;
  /** I/O apart from decisions; `done` runs later, on the JobManager; a rejection fails the job. */
  io<T>(label: string, operation: () => Promise<T>, done: (result: T) => void): void;
}

/** Synchronous; lives on the JobManager; one per source and leader. */
export interface SplitEnumerator<S extends SourceSplit, C> {
  start(): void;
  /** A reader of this subtask (re)registered; it has only what its restored state gave it. */
  addReader(subtask: number): void;
  handleSplitRequest(subtask: number): void;
  /** Splits that were assigned to a failed subtask after the checkpoint it goes back to. */
  addSplitsBack(splits: readonly S[], subtask: number): void;
  /** Plain serializable data: everything not assigned. Must not be changed later. */
  snapshotState(): C;
  close(): void;
}

export interface SourceReaderContext {
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly clock: Clock;
  readonly filesystem: FileSystem;
  readonly random: Random;
  sendSplitRequest(): void;
  io<T>(label: string, operation: () => Promise<T>, done: (result: T) => void): void;
  /** More may be available now. */
  wakeUp(): void;
  /** Runs `wake` after `delayMs`, as the task's own mail. */
  schedule(delayMs: number, wake: () => void): void;
}

export interface ReaderOutput<T> {
  /** `timestamp`: event time of the record at its origin, or NO_TIMESTAMP. */
  collect(value: T, timestamp: number): void;
}

export type ReaderStatus = 'more-available' | 'nothing-available' | 'end-of-input';

/** Synchronous; one per subtask attempt. Reading from files and services goes through `io`. */
export interface SourceReader<T, S extends SourceSplit> {
  start(): void;
  /** Emits at most `limit` records, then returns. */
  pollNext(output: ReaderOutput<T>, limit: number): ReaderStatus;
  addSplits(splits: readonly S[]): void;
  notifyNoMoreSplits(): void;
  /** All splits not fully read, with their offsets: what was emitted is before them. */
  snapshotState(): readonly S[];
  notifyCheckpointComplete?(checkpoint: number): void;
  close(): void;
}

export interface Source<T, S extends SourceSplit = SourceSplit, C = unknown> {
  readonly name: string;
  readonly boundedness: 'bounded' | 'continuous-unbounded';
  /** `restored`: what snapshotState() of an earlier enumerator gave. */
  createEnumerator(
    context: SplitEnumeratorContext<S>,
    restored: C | undefined,
  ): SplitEnumerator<S, C>;
  createReader(context: SourceReaderContext): SourceReader<T, S>;
}
