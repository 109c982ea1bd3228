// The work of one attempt once its state is restored: takes input step by step, passes it through
// the chain, and knows when all is done. A task ends in three strides: its data ends; a checkpoint
// that began after that completes, so that side effects are committed; then its channels end.

import { present } from '../../core/assert.ts';
import type { CheckpointWorkerStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { SourceSplit } from '../../connector/source.ts';
import type { CheckpointId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { Clock } from '../../environment/clock.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { OperatorChain } from '../../operator/chain/operator-chain.ts';
import { WatermarkValve } from '../../operator/watermark/watermark-valve.ts';
import type { TaskSnapshot } from '../../state/state-handle.ts';
import {
  type ChannelElement,
  type CheckpointBarrier,
  MAX_WATERMARK,
  type RecordBatch,
} from '../../stream/elements.ts';
import { failureCauseOf } from '../failure-cause.ts';
import type { FailureCause, TaskDeployment, ToJobManager } from '../messages.ts';
import type { Observer } from '../observer.ts';
import type { RunningTaskStatus } from '../status.ts';
import { DeferredCalls } from './deferred-calls.ts';
import type { InputGate, Polled } from './input-gate.ts';
import { ChannelObserver } from './observe-channels.ts';
import { observeOperatorStates, observeStates } from './observe-states.ts';
import { RecordReport } from './record-report.ts';
import { SourceDriver } from './source-driver.ts';
import { TaskCheckpoints } from './task-checkpoints.ts';
import { buildTaskChain } from './task-chain.ts';
import { fileTokenOf, type TaskServices } from './task-context.ts';
import type { TaskOutputs } from './task-outputs.ts';
import { restoreChannels } from './restore-channels.ts';
import type { RestoredTask } from './task-restore.ts';
import { WatermarkProgress } from './watermark-progress.ts';

export interface RunningTaskOptions {
  readonly vertex: JobVertex;
  readonly graph: JobGraph;
  readonly deployment: TaskDeployment;
  readonly storage: CheckpointWorkerStorage;
  readonly observer: Observer;
  readonly restored: RestoredTask;
  readonly services: TaskServices;
  readonly gate: InputGate | undefined;
  readonly outputs: TaskOutputs;
  readonly clock: Clock;
  readonly tell: (message: ToJobManager) => void;
  readonly end: () => void;
  readonly acknowledge: (checkpoint: CheckpointId, snapshot: TaskSnapshot) => void;
  readonly decline: (checkpoint: CheckpointId, reason: string) => void;
  readonly await: <T>(
    operation: Promise<T>,
    done: (value: T) => void,
    failed: (cause: unknown) => void,
  ) => void;
}

export class RunningTask {
  readonly #options: RunningTaskOptions;
  readonly #chain: OperatorChain;
  readonly #source: SourceDriver | undefined;
  readonly #valve: WatermarkValve | undefined;
  readonly #watermarks: WatermarkProgress;
  readonly #checkpoints: TaskCheckpoints | undefined;
  /** All data has gone through the chain. */
  #finished = false;
  /**
   * The first checkpoint whose snapshot was taken after that, or that stops the job. If it is
   * aborted, any later one that completes will do.
   */
  #lastCheckpoint: CheckpointId | undefined;
  /** Whatever the task did is committed, or will be by whoever restores. */
  #mayEnd: boolean;
  #suspended = false;
  #partitionEnded = false;
  #channelsEnded = 0;
  #flushTimer = false;
  /** Timers that came due while the chain took no records. */
  readonly #deferred: DeferredCalls;
  #recordsIn = 0;
  readonly #records: RecordReport;

  constructor(options: RunningTaskOptions) {
    this.#options = options;
    const { graph, restored, gate } = options;
    this.#chain = buildTaskChain(options);
    this.#watermarks = new WatermarkProgress({
      chain: this.#chain,
      whenPrepared: options.services.whenPrepared,
      passed: (timestamp) => {
        const { attempt } = options.deployment;
        options.observer.observe({ kind: 'watermark', attempt, timestamp });
      },
    });
    this.#source = this.#createSource();
    this.#records = new RecordReport({
      attempt: options.deployment.attempt,
      observer: options.observer,
      clock: options.clock,
      taken: () => this.#recordsIn + (this.#source?.recordsEmitted ?? 0),
      emitted: () => options.outputs.recordsSent,
    });
    this.#deferred = new DeferredCalls(
      () => !options.services.isPreparing() && this.#chain.isAvailable(),
    );
    this.#valve = gate === undefined ? undefined : new WatermarkValve(gate.channels.length);
    this.#checkpoints = this.#createCheckpoints();
    this.#mayEnd = graph.checkpoints === undefined || restored.finished;
    restoreChannels(options);
  }

  open(): void {
    const { restored, services } = this.#options;
    const from = services.restoredCheckpoint;
    if (from !== undefined) observeOperatorStates(this.#options, from, 'operator-state-restored');
    this.#chain.open();
    // States are typed once their operators have asked for them, and nothing has changed them yet.
    if (from !== undefined) observeStates(this.#options, from, 'keyed-state-restored');
    this.#source?.start();
    const { attempt } = this.#options.deployment;
    if (restored.finished) this.#dataEnded();
    else if (this.#source !== undefined) {
      this.#options.tell({ kind: 'reader-registered', attempt });
    }
  }

  status(): RunningTaskStatus {
    return {
      source: this.#source?.status(),
      unavailable: this.#chain.unavailable(),
      undone: this.#chain.undone(this.#stoppedFor),
      isFinished: this.#finished,
      isSuspended: this.#suspended,
      mayEnd: this.#mayEnd,
      lastCheckpoint: this.#lastCheckpoint,
      checkpoints: this.#checkpoints?.status(),
    };
  }

  /** One batch or one event; asks for another step if there may be more. */
  step(): void {
    const { outputs, services } = this.#options;
    const isAvailable = outputs.isAvailable && this.#chain.isAvailable();
    if (isAvailable && !this.#suspended) this.#deferred.resume();
    if (services.isPreparing()) return;
    const progressed = isAvailable && this.#takeInput();
    if (progressed) {
      services.wakeUp();
      this.#flushLater();
    } else {
      outputs.flush();
    }
    this.#records.tick();
    if (!services.isPreparing()) this.#endIfDone();
  }

  /**
   * What may emit waits, as input does, while the chain takes no records. Once the task has stopped
   * for a savepoint it never runs: nothing that it emitted would count.
   */
  whenAvailable(run: () => void): void {
    if (!this.#suspended) this.#deferred.run(run);
  }

  arrived({ channel, element }: Polled): void {
    this.#checkpoints?.arrived(channel, element);
  }

  addSplits(splits: readonly SourceSplit[]): void {
    this.#source?.addSplits(splits);
    this.#options.services.wakeUp();
  }

  noMoreSplits(): void {
    this.#source?.noMoreSplits();
    this.#options.services.wakeUp();
  }

  triggerCheckpoint(barrier: CheckpointBarrier): void {
    // Nothing may follow the end of the channels; the JobManager will count this task as finished.
    if (this.#partitionEnded) return;
    const mayDrain = this.#source !== undefined && !this.#suspended;
    const drains = barrier.options.stop === 'drain' && mayDrain;
    if (drains && !this.#chain.isAvailable()) {
      return this.whenAvailable(() => this.triggerCheckpoint(barrier));
    }
    if (drains && !this.#checkpoints?.wasAborted(barrier.checkpoint)) this.#dataEnded();
    this.#checkpoints?.triggerFromJobManager(barrier);
    this.#options.services.wakeUp();
  }

  checkpointComplete(checkpoint: CheckpointId): void {
    this.#source?.notifyCheckpointComplete(checkpoint);
    this.#chain.notifyCheckpointComplete(checkpoint);
    for (const { keyed } of this.#options.restored.states.values()) {
      keyed?.notifyCheckpointComplete(checkpoint);
    }
    if (this.#lastCheckpoint !== undefined && checkpoint >= this.#lastCheckpoint) {
      this.#mayEnd = true;
    }
    this.#options.services.wakeUp();
  }

  checkpointAborted(checkpoint: CheckpointId): void {
    this.#checkpoints?.aborted(checkpoint);
    this.#chain.notifyCheckpointAborted(checkpoint);
    for (const { keyed } of this.#options.restored.states.values()) {
      keyed?.notifyCheckpointAborted(checkpoint);
    }
    this.#options.services.wakeUp();
  }

  /** What went wrong while closing, if anything. */
  close(): FailureCause | undefined {
    this.#records.tell();
    this.#checkpoints?.close();
    let failure: FailureCause | undefined;
    for (const part of [this.#source, this.#chain]) {
      try {
        part?.close();
      } catch (error) {
        failure ??= failureCauseOf(error);
      }
    }
    return failure;
  }

  #takeInput(): boolean {
    if (this.#source !== undefined) return this.#takeFromSource(this.#source);
    const polled = this.#options.gate?.poll();
    if (polled === undefined) return false;
    this.#process(polled);
    return true;
  }

  #takeFromSource(source: SourceDriver): boolean {
    if (this.#finished || this.#suspended) return false;
    const more = source.step();
    if (source.hasEnded) this.#dataEnded();
    return more;
  }

  #process({ channel, element }: Polled): void {
    switch (element.kind) {
      case 'records':
        return this.#processBatch(element, this.#inputOf(channel));
      case 'watermark':
        return this.#watermarks.advance(this.#valve?.onWatermark(channel, element.timestamp));
      case 'watermark-status':
        return this.#watermarks.advance(this.#valve?.onStatus(channel, element.idle));
      case 'barrier':
        this.#checkpoints?.onBarrier(channel, element);
        return;
      case 'cancel-checkpoint':
        this.#checkpoints?.onCancel(channel, element.checkpoint);
        return;
      default:
        return this.#ended(channel, element);
    }
  }

  #ended(
    channel: number,
    element: Extract<ChannelElement, { kind: 'end-of-data' | 'end-of-partition' }>,
  ): void {
    const gate = present(this.#options.gate, 'Cannot end an input: the task has none');
    if (element.kind === 'end-of-data') {
      this.#channelsEnded++;
      if (this.#channelsEnded === gate.channels.length) this.#dataEnded();
      return;
    }
    present(gate.channels[channel], `Cannot end channel ${channel}`).ended = true;
    this.#checkpoints?.onEndOfPartition(channel);
  }

  #processBatch(batch: RecordBatch, input: number): void {
    this.#recordsIn += batch.values.length;
    const { values, timestamps } = batch;
    const pending = this.#chain.prepare(values, input);
    if (pending === undefined) return this.#chain.processBatch(values, timestamps, input);
    this.#options.services.whenPrepared(pending, () =>
      this.#chain.processBatch(values, timestamps, input),
    );
  }

  // Flushes the chain, unless the restored checkpoint had it flushed already.
  #dataEnded(): void {
    if (this.#finished) return;
    this.#finished = true;
    const { restored, outputs, tell, deployment } = this.#options;
    sometimes(restored.finished, 'a finished task is restored');
    if (restored.finished) {
      // Watermarks are not restored, and the consumers must not wait for this task's.
      outputs.emitEvent({ kind: 'watermark', timestamp: MAX_WATERMARK });
    } else {
      if (this.#source !== undefined) this.#chain.sourceOutput.emitWatermark(MAX_WATERMARK);
      this.#chain.finish();
    }
    outputs.emitEvent({ kind: 'end-of-data', drain: true });
    this.#records.tell();
    tell({ kind: 'end-of-data', attempt: deployment.attempt });
  }

  get #stoppedFor(): CheckpointId | undefined {
    return this.#suspended ? this.#lastCheckpoint : undefined;
  }

  #endIfDone(): void {
    const { outputs, gate, end } = this.#options;
    if (!this.#mayEnd || !(this.#finished || this.#suspended)) return;
    if (!this.#chain.isDone(this.#stoppedFor)) return;
    if (gate !== undefined && !gate.hasEnded) return;
    if (!this.#partitionEnded) {
      this.#partitionEnded = true;
      outputs.emitEvent({ kind: 'end-of-partition' });
    }
    if (outputs.isDrained && this.#checkpoints?.isWriting !== true) end();
  }

  #snapshotted(barrier: CheckpointBarrier): void {
    observeOperatorStates(this.#options, barrier.checkpoint, 'operator-state-snapshotted');
    const stops = barrier.options.stop !== 'no';
    if (stops) this.#suspended = true;
    if ((stops || this.#finished) && this.#lastCheckpoint === undefined) {
      this.#lastCheckpoint = barrier.checkpoint;
    }
  }

  #flushLater(): void {
    if (this.#flushTimer || !this.#options.outputs.hasOpenBatch) return;
    this.#flushTimer = true;
    const { services, graph, clock, outputs } = this.#options;
    clock.schedule(graph.bufferTimeoutMs, () =>
      services.post(() => {
        this.#flushTimer = false;
        outputs.flush();
      }),
    );
  }

  #inputOf(channel: number): number {
    return this.#options.gate?.channels[channel]?.identity.input ?? 0;
  }

  #createSource(): SourceDriver | undefined {
    const { vertex, restored, services, clock, tell, deployment } = this.#options;
    if (vertex.source === undefined || vertex.sourceOperator === undefined) return undefined;
    return new SourceDriver({
      source: vertex.source,
      services,
      state: present(restored.states.get(vertex.sourceOperator), 'No source state').operatorState,
      output: this.#chain.sourceOutput,
      clock,
      sendSplitRequest: () => tell({ kind: 'split-request', attempt: deployment.attempt }),
    });
  }

  #createCheckpoints(): TaskCheckpoints | undefined {
    const { graph, gate, outputs, restored, storage, deployment, services, clock } = this.#options;
    if (graph.checkpoints === undefined) return undefined;
    return new TaskCheckpoints({
      config: graph.checkpoints,
      gate,
      outputs,
      chain: this.#chain,
      states: restored.states,
      storage,
      subtask: deployment.subtask,
      fencingToken: fileTokenOf(deployment),
      wallTime: () => clock.wallTime(),
      now: () => clock.now(),
      schedule: (delayMs, run) => {
        clock.schedule(delayMs, () => services.post(run));
      },
      isFinished: () => this.#finished,
      beforeSnapshot: (barrier) => {
        this.#source?.storeSplits();
        observeStates(this.#options, barrier.checkpoint, 'keyed-state-snapshotted');
        this.#records.tell();
      },
      io: this.#options.await,
      acknowledge: (checkpoint, snapshot) => {
        this.#options.acknowledge(checkpoint, snapshot);
        services.wakeUp();
      },
      decline: (checkpoint, reason) => {
        this.#options.decline(checkpoint, reason);
        services.wakeUp();
      },
      fail: services.fail,
      snapshotted: (barrier) => this.#snapshotted(barrier),
      channels: new ChannelObserver(this.#options),
    });
  }
}
