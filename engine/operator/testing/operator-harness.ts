// One operator under test, with real state backends, manual processing time, and I/O that runs
// when the test says so. Snapshots can be restored by any number of harnesses, as after a
// rescale. There is no network, no coordinator and no chain.

import { assert } from '../../core/assert.ts';
import { checkpointId } from '../../core/ids.ts';
import { MemoryStreams } from '../../state/testing/memory-streams.ts';
import { NO_TIMESTAMP } from '../../stream/elements.ts';
import type { StreamOperator, TaskContext } from '../stream-operator.ts';
import { CollectedOutput } from './collected-output.ts';
import { type HarnessOptions, type HarnessSnapshot, openTaskContext } from './harness-context.ts';
import { ManualProcessingTime } from './manual-processing-time.ts';

export type { HarnessOptions, HarnessSnapshot } from './harness-context.ts';

interface PendingIo {
  readonly label: string;
  readonly run: () => Promise<() => void>;
}

export class OperatorHarness {
  readonly operator: StreamOperator;
  readonly output = new CollectedOutput();
  readonly time = new ManualProcessingTime();
  /** What the operator failed its task with. */
  failure: unknown;
  wakeUps = 0;
  readonly #streams = new MemoryStreams();
  readonly #io: PendingIo[] = [];
  #context: TaskContext | undefined;
  #isClosed = false;

  private constructor(operator: StreamOperator) {
    this.operator = operator;
  }

  static async open(
    operator: StreamOperator,
    options: HarnessOptions = {},
  ): Promise<OperatorHarness> {
    const harness = new OperatorHarness(operator);
    harness.time.advanceTo(options.nowMs ?? 0);
    const context = await openTaskContext(options, {
      time: harness.time,
      io: (label, run) => harness.#io.push({ label, run }),
      wakeUp: () => {
        harness.wakeUps += 1;
      },
      fail: (cause) => {
        harness.failure ??= cause;
      },
    });
    harness.#context = context;
    operator.open(context, harness.output);
    return harness;
  }

  processElement(value: unknown, timestamp: number = NO_TIMESTAMP, input = 0): void {
    this.operator.processElement(value, timestamp, input);
  }

  processWatermark(timestamp: number): void {
    this.operator.processWatermark(timestamp);
  }

  /** As a task does it: the state of the whole batch first. False if it was at hand. */
  async processBatch(values: readonly unknown[], timestamp: number, input = 0): Promise<boolean> {
    const pending = this.operator.prepare?.(values, input);
    await pending;
    for (const value of values) this.operator.processElement(value, timestamp, input);
    return pending !== undefined;
  }

  /** The same, for the state of the timers that fire. */
  async advanceWatermark(timestamp: number): Promise<boolean> {
    let isAtHand = true;
    let pending = this.operator.prepareWatermark?.(timestamp);
    while (pending !== undefined) {
      isAtHand = false;
      await pending;
      const isDone = this.operator.firePrepared?.(timestamp) ?? true;
      pending = isDone ? undefined : this.operator.prepareWatermark?.(timestamp);
    }
    this.operator.processWatermark(timestamp);
    return !isAtHand;
  }

  /** Values emitted to the main output since the last call; the rest is forgotten. */
  takeValues(): readonly unknown[] {
    return this.output.take().flatMap((one) => (one.kind === 'record' ? [one.value] : []));
  }

  get pendingIo(): readonly string[] {
    return this.#io.map(({ label }) => label);
  }

  /** Runs the oldest outstanding I/O, and its `done` unless the operator is closed by then. */
  async runOneIo(): Promise<void> {
    const next = this.#io.shift();
    assert(next !== undefined, 'Cannot run I/O: none is outstanding');
    const done = await next.run();
    if (!this.#isClosed) done();
  }

  async settle(): Promise<void> {
    while (this.#io.length > 0) await this.runOneIo();
  }

  /** The barrier: brings states up to date, then writes them. External work is awaited. */
  async snapshot(id: number): Promise<HarnessSnapshot> {
    const checkpoint = checkpointId(id);
    this.operator.prepareSnapshotPreBarrier?.(checkpoint);
    const external = this.operator.snapshotState?.(checkpoint);
    const keyed = this.#context?.keyed?.snapshot(checkpoint, this.#streams);
    const operatorState = this.#context?.operatorState.snapshot(checkpoint, this.#streams);
    await external;
    return { checkpoint, keyed: await keyed, operatorState: await operatorState };
  }

  notifyCheckpointComplete(id: number): void {
    this.operator.notifyCheckpointComplete?.(checkpointId(id));
  }

  /** As the end of a task: outstanding I/O finishes unseen. */
  close(): void {
    this.#isClosed = true;
    this.operator.close?.();
  }

  /** As a crash: nothing of the operator runs any more. */
  crash(): void {
    this.#isClosed = true;
    this.#io.length = 0;
  }
}
