// Drives a SourceReader inside a task: polls it in portions, keeps its splits in operator state,
// and passes on what the enumerator sends. Reading goes on until the end of input or a stop.

import type { ReaderOutput, Source, SourceReader, SourceSplit } from '../../connector/source.ts';
import { buggify } from '../../core/buggify.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { Clock } from '../../environment/clock.ts';
import type { Output } from '../../operator/stream-operator.ts';
import type { ListState } from '../../state/keyed-state.ts';
import type { OperatorStateBackend } from '../../state/state-backend.ts';
import type { SourceStatus } from '../status.ts';
import type { TaskServices } from './task-context.ts';

/** Records per step: a step is the unit between which barriers and other mails are handled. */
const RECORDS_PER_STEP = 512;
const SPLITS_STATE = 'source-reader-splits';

export interface SourceDriverOptions {
  readonly source: Source<unknown>;
  readonly services: TaskServices;
  readonly state: OperatorStateBackend;
  readonly output: Output<unknown>;
  readonly clock: Clock;
  readonly sendSplitRequest: () => void;
}

export class SourceDriver {
  readonly #reader: SourceReader<unknown, SourceSplit>;
  readonly #splits: ListState<SourceSplit>;
  readonly #output: CountingOutput;
  hasEnded = false;
  #lastPoll: SourceStatus['lastPoll'];
  #splitCount = 0;
  #isDismissed = false;

  constructor(options: SourceDriverOptions) {
    const { source, services, state, output, clock, sendSplitRequest } = options;
    this.#output = new CountingOutput(output);
    this.#splits = state.listState<SourceSplit>({ kind: 'list', name: SPLITS_STATE });
    const { environment, deployment } = services;
    this.#reader = source.createReader({
      subtaskIndex: deployment.subtask,
      parallelism: deployment.parallelism,
      clock,
      filesystem: environment.filesystem,
      random: environment.random.fork(`reader/${deployment.vertex}/${deployment.subtask}`),
      sendSplitRequest,
      io: services.io,
      wakeUp: services.wakeUp,
      schedule: (delayMs, wake) => {
        environment.clock.schedule(delayMs, () => services.post(wake));
      },
    });
  }

  get recordsEmitted(): number {
    return this.#output.count;
  }

  status(): SourceStatus {
    const { hasEnded } = this;
    const [lastPoll, splits, isDismissed] = [this.#lastPoll, this.#splitCount, this.#isDismissed];
    return { hasEnded, lastPoll, splits, isDismissed };
  }

  start(): void {
    this.#reader.start();
    const restored = this.#splits.get();
    if (restored.length > 0) this.addSplits(restored);
  }

  /** True if there may be more at once. */
  step(): boolean {
    if (this.hasEnded) return false;
    const records = buggify('a source emits one record at a time') ? 1 : RECORDS_PER_STEP;
    const status = this.#reader.pollNext(this.#output, records);
    this.#lastPoll = status;
    if (status === 'end-of-input') this.hasEnded = true;
    return status === 'more-available';
  }

  addSplits(splits: readonly SourceSplit[]): void {
    this.#splitCount += splits.length;
    this.#reader.addSplits(splits);
  }

  noMoreSplits(): void {
    this.#isDismissed = true;
    this.#reader.notifyNoMoreSplits();
  }

  /** Before the operator state is snapshotted. */
  storeSplits(): void {
    this.#splits.update([...this.#reader.snapshotState()]);
  }

  notifyCheckpointComplete(checkpoint: number): void {
    this.#reader.notifyCheckpointComplete?.(checkpoint);
  }

  close(): void {
    this.#reader.close();
  }
}

class CountingOutput implements ReaderOutput<unknown> {
  readonly #output: Output<unknown>;
  count = 0;

  constructor(output: Output<unknown>) {
    this.#output = output;
  }

  collect(value: unknown, timestamp: number): void {
    this.count++;
    if (value === undefined) {
      throw new OnceproofError('OP-E205', 'Cannot emit undefined from a source', {
        remedy: 'Skip records that have no value',
      });
    }
    this.#output.emit(value, timestamp);
  }
}
