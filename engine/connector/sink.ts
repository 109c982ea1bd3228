// The Sink contract, in the shape of FLIP-143: a writer collects, seals at the barrier and hands
// out committables; the committer makes them visible once the checkpoint is complete, as often as
// asked.

import type { CheckpointId } from '../core/ids.ts';
import type { Clock } from '../environment/clock.ts';
import type { FileSystem } from '../environment/filesystem.ts';
import type { Random } from '../environment/random.ts';

export interface SinkContext {
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly clock: Clock;
  readonly filesystem: FileSystem;
  readonly random: Random;
  /**
   * Differs for every attempt under every leader: safe inside names of files and transactions. That
   * of a later attempt is greater, where runs of digits compare as numbers: 'e1a9' before 'e1a10'.
   */
  readonly fencingToken: string;
  readonly restoredCheckpoint: CheckpointId | undefined;
  /** More input can be taken, or a promise given earlier has been kept. */
  wakeUp(): void;
  io<T>(label: string, operation: () => Promise<T>, done: (result: T) => void): void;
}

/** What prepareCommit() hands out. Committables are plain serializable data. */
export interface PreparedCommit<C, WS> {
  readonly committables: readonly C[];
  /** The writer's own state for this checkpoint. */
  readonly writerState: readonly WS[];
  /** Resolves once the committables can be committed after any crash. Rejection fails the task. */
  readonly durable: Promise<void> | undefined;
}

export interface SinkWriter<IN, C, WS> {
  write(value: IN, timestamp: number): void;
  /** False holds back input until context.wakeUp(). */
  isAvailable(): boolean;
  /** Seals what was written since the last call. `endOfInput`: no write follows. */
  prepareCommit(checkpoint: CheckpointId, endOfInput: boolean): PreparedCommit<C, WS>;
  /** Gives up what no prepareCommit() sealed, as far as that is possible. */
  close(): void;
}

export type CommitResult =
  /** Committed now, or found committed already. */
  | { readonly kind: 'committed' }
  | { readonly kind: 'retry'; readonly cause: string }
  /** Can never be committed: the job fails with this cause, rather than losing data in silence. */
  | { readonly kind: 'failed'; readonly cause: string };

export interface Committer<C> {
  /** Idempotent: the same committable may come again after a crash, from another subtask. */
  commit(committable: C): Promise<CommitResult>;
}

export interface Sink<IN, C = unknown, WS = unknown> {
  readonly name: string;
  /** `restored`: the writer states of the restored checkpoint that fell to this subtask. */
  createWriter(context: SinkContext, restored: readonly WS[]): SinkWriter<IN, C, WS>;
  createCommitter(context: SinkContext): Committer<C>;
  /** Aborts what attempts before this one left open and no checkpoint knows (windows W2, W3). */
  abortLingering?(context: SinkContext): Promise<void>;
}
