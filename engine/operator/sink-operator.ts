// Drives a Sink through two-phase commit. At the barrier the writer seals what it wrote, and
// what can then be committed is kept in operator state; once the checkpoint is complete it is
// committed. A committable is forgotten only after it was committed, so a crash in between
// commits it again.
//
// Order of opening: (1) commit what the restored checkpoint had sealed, since restoring it
// confirms it; (2) let the sink abort what no checkpoint knows; (3) create the writer. Input is
// held back until then. Order at the end of the data: the last seal goes with the next
// checkpoint.

import { assert } from '../core/assert.ts';
import { type CheckpointId, checkpointId } from '../core/ids.ts';
import { sometimes } from '../core/sometimes.ts';
import type { PreparedCommit, Sink, SinkContext, SinkWriter } from '../connector/sink.ts';
import type { ListState } from '../state/keyed-state.ts';
import { CommitQueue, type PendingCommittable } from './commit-queue.ts';
import type { Output, StreamOperator, TaskContext } from './stream-operator.ts';
import { userCodeError } from './user-code.ts';

/** Of the last seal where there are no checkpoints. Flink's EOI. */
const END_OF_INPUT: CheckpointId = checkpointId(Number.MAX_SAFE_INTEGER);

/** Attempts after the first one. Flink's sink.committer.retries. */
export const DEFAULT_COMMITTER_RETRIES = 10;

interface Opened {
  readonly task: TaskContext;
  readonly context: SinkContext;
  readonly commits: CommitQueue;
  readonly committables: ListState<PendingCommittable>;
  readonly writerStates: ListState<unknown>;
}

export class SinkOperator implements StreamOperator {
  readonly #sink: Sink<unknown>;
  readonly #committerRetries: number;
  #opened: Opened | undefined;
  #writer: SinkWriter<unknown, unknown, unknown> | undefined;
  #isFinishing = false;
  /** The writer has handed out everything: no write follows, and no second last seal. */
  #isSealed = false;
  #isClosed = false;
  #name = '';

  constructor(sink: Sink<unknown>, committerRetries: number = DEFAULT_COMMITTER_RETRIES) {
    this.#sink = sink;
    this.#committerRetries = committerRetries;
  }

  get committedCount(): number {
    return this.#opened?.commits.committedCount ?? 0;
  }

  get pendingCount(): number {
    return this.#opened?.commits.pending.length ?? 0;
  }

  open(task: TaskContext, _output: Output<unknown>): void {
    this.#name = task.operatorName;
    const context = sinkContext(task);
    const committables = task.operatorState.listState<PendingCommittable>({
      kind: 'list',
      name: 'sink-committables',
    });
    const writerStates = task.operatorState.listState<unknown>({
      kind: 'list',
      name: 'sink-writer-state',
    });
    const commits = new CommitQueue({
      task,
      committer: this.#guard(() => this.#sink.createCommitter(context)),
      retries: this.#committerRetries,
      restored: committables.get(),
      onIdle: () => this.#onCommitted(),
    });
    this.#opened = { task, context, commits, committables, writerStates };
    sometimes(commits.pending.length > 0, 'a sink commits what a restored checkpoint had sealed');
    commits.commitAll();
    if (!commits.isBusy) this.#abortLingering();
  }

  processElement(value: unknown, timestamp: number): void {
    assert(!this.#isFinishing, `Cannot write to "${this.#name}": it is finished`);
    const writer = this.#writer;
    assert(writer !== undefined, `Cannot write to "${this.#name}": it is not available`);
    try {
      writer.write(value, timestamp);
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  /** Nothing is downstream of a sink. */
  processWatermark(): void {}

  processStatus(): void {}

  snapshotState(checkpoint: CheckpointId): Promise<void> | undefined {
    const opened = this.#open();
    const prepared = this.#isSealed ? undefined : this.#seal(checkpoint);
    // Without a writer the state it will start from is still the state.
    if (prepared !== undefined) opened.writerStates.update(prepared.writerState);
    // A copy: the queue goes on while the checkpoint is written.
    opened.committables.update([...opened.commits.pending]);
    return prepared?.durable;
  }

  notifyCheckpointComplete(checkpoint: CheckpointId): void {
    this.#opened?.commits.commitUntil(checkpoint);
  }

  /** What an aborted checkpoint sealed is committed with the next one that completes. */
  notifyCheckpointAborted(): void {
    sometimes(this.pendingCount > 0, 'a checkpoint with committables is aborted');
  }

  isAvailable(): boolean {
    return this.#writer?.isAvailable() ?? false;
  }

  /** Nobody commits what was sealed for a savepoint after the one that stops the job. */
  isDone(stoppedFor: CheckpointId = END_OF_INPUT): boolean {
    const opened = this.#opened;
    if (opened === undefined) return true;
    // Without a writer what lingers is still being aborted.
    if (this.#writer === undefined || (this.#isFinishing && !this.#isSealed)) return false;
    const { pending, isBusy } = opened.commits;
    return !isBusy && pending.every(({ checkpoint }) => checkpoint > stoppedFor);
  }

  finish(): void {
    this.#isFinishing = true;
    if (!this.#open().task.checkpointing) this.#commitWithoutCheckpoint();
  }

  close(): void {
    this.#isClosed = true;
    this.#opened?.commits.close();
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer !== undefined) this.#guard(() => writer.close());
  }

  #seal(checkpoint: CheckpointId): PreparedCommit<unknown, unknown> | undefined {
    const writer = this.#writer;
    if (writer === undefined) return undefined;
    const endOfInput = this.#isFinishing;
    const prepared = this.#guard(() => writer.prepareCommit(checkpoint, endOfInput));
    this.#isSealed = endOfInput;
    this.#open().commits.add(checkpoint, prepared.committables);
    return prepared;
  }

  /** The end of the data is the only moment at which output may become visible. */
  #commitWithoutCheckpoint(): void {
    const { context, commits, task } = this.#open();
    const prepared = this.#seal(END_OF_INPUT);
    if (prepared === undefined) return;
    const commit = (): void => {
      commits.commitAll();
      if (this.isDone()) task.wakeUp();
    };
    const { durable } = prepared;
    if (durable === undefined) commit();
    else context.io(`seal "${this.#name}"`, () => durable, commit);
  }

  #onCommitted(): void {
    if (this.#isClosed) return;
    if (this.#writer === undefined) this.#abortLingering();
    else this.#open().task.wakeUp();
  }

  #abortLingering(): void {
    const { context } = this.#open();
    if (this.#sink.abortLingering === undefined) {
      this.#createWriter();
      return;
    }
    context.io(
      `abort what lingers of "${this.#name}"`,
      async () => this.#sink.abortLingering?.(context),
      () => this.#createWriter(),
    );
  }

  #createWriter(): void {
    if (this.#isClosed) return;
    const { context, task, writerStates } = this.#open();
    const restored = writerStates.get();
    this.#writer = this.#guard(() => this.#sink.createWriter(context, restored));
    // The data may have ended while the input was held back.
    if (this.#isFinishing && !task.checkpointing) this.#commitWithoutCheckpoint();
    task.wakeUp();
  }

  #guard<R>(call: () => R): R {
    try {
      return call();
    } catch (error) {
      throw userCodeError(this.#name, error);
    }
  }

  #open(): Opened {
    assert(this.#opened !== undefined, `Cannot use "${this.#name}": not open`);
    return this.#opened;
  }
}

function sinkContext(task: TaskContext): SinkContext {
  const { environment, operatorId, fencingToken } = task;
  return {
    subtaskIndex: task.subtaskIndex,
    parallelism: task.parallelism,
    clock: environment.clock,
    filesystem: environment.filesystem,
    random: environment.random.fork(`sink/${operatorId}/${task.subtaskIndex}/${fencingToken}`),
    fencingToken,
    restoredCheckpoint: task.restoredCheckpoint,
    wakeUp: () => task.wakeUp(),
    io: (label, operation, done) => task.io(label, operation, done),
  };
}
