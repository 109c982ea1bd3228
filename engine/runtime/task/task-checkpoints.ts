// The task's side of checkpoints: feeds barriers to the barrier handler, carries out what it
// decides, and reports to the JobManager. Between barrier and snapshot nothing else of the task
// runs.

import { createBarrierHandler } from '../../checkpoint/barrier/create-barrier-handler.ts';
import type {
  BarrierEffects,
  BarrierHandler,
  SnapshotMode,
} from '../../checkpoint/barrier/barrier-handler.ts';
import { SubtaskCheckpointDecider } from '../../checkpoint/barrier/subtask-checkpoint-decider.ts';
import type {
  CheckpointStreamFactory,
  CheckpointWorkerStorage,
} from '../../checkpoint/checkpoint-storage.ts';
import { assert, present } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import { describeError, OnceproofError } from '../../core/errors.ts';
import type { CheckpointId, OperatorId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { CheckpointConfig } from '../../graph/checkpoint-config.ts';
import type { OperatorChain } from '../../operator/chain/operator-chain.ts';
import type { TaskSnapshot } from '../../state/state-handle.ts';
import type { ChannelElement, CheckpointBarrier } from '../../stream/elements.ts';
import type { TaskCheckpointsStatus } from '../status.ts';
import { fencedStreams } from './fenced-streams.ts';
import type { InputGate } from './input-gate.ts';
import type { ChannelObserver } from './observe-channels.ts';
import { SnapshotProgress } from './snapshot-progress.ts';
import { type InFlightChannel, takeSnapshot } from './subtask-snapshot.ts';
import type { OperatorStates } from './task-context.ts';
import { edgeOf, type TaskOutputs } from './task-outputs.ts';
import { UnalignedRecorder } from './unaligned-recorder.ts';

export interface TaskCheckpointsOptions {
  readonly config: CheckpointConfig;
  readonly gate: InputGate | undefined;
  readonly outputs: TaskOutputs;
  readonly chain: OperatorChain;
  readonly states: ReadonlyMap<OperatorId, OperatorStates>;
  readonly storage: CheckpointWorkerStorage;
  readonly subtask: number;
  /** Tells the files of attempts apart. */
  readonly fencingToken: string;
  readonly wallTime: () => number;
  readonly now: () => number;
  readonly schedule: (delayMs: number, run: () => void) => void;
  readonly isFinished: () => boolean;
  /** Just before the operators' states are taken: what else has to be in them. */
  readonly beforeSnapshot: (barrier: CheckpointBarrier) => void;
  readonly io: <T>(
    operation: Promise<T>,
    done: (value: T) => void,
    failed: (cause: unknown) => void,
  ) => void;
  readonly acknowledge: (checkpoint: CheckpointId, snapshot: TaskSnapshot) => void;
  readonly decline: (checkpoint: CheckpointId, reason: string) => void;
  /** Ends the attempt. */
  readonly fail: (cause: unknown) => void;
  /** A snapshot that the operators themselves failed to take fails the task. */
  readonly snapshotted: (barrier: CheckpointBarrier) => void;
  readonly channels: ChannelObserver;
}

/** Late enough for the checkpoint to be complete. */
const ACKNOWLEDGED_AGAIN_MS = 50;

export class TaskCheckpoints implements BarrierEffects {
  readonly #options: TaskCheckpointsOptions;
  readonly #handler: BarrierHandler | undefined;
  readonly #decider = new SubtaskCheckpointDecider();
  #recorder: UnalignedRecorder | undefined;
  /** Triggers from the JobManager that wait for the inputs to end. Ascending. */
  #held: CheckpointBarrier[] = [];
  /** Work of operators for snapshots taken so far that is not done. */
  #external: Promise<void> | undefined;
  readonly #progress: SnapshotProgress;
  #writing = 0;
  /** The task has stopped for this savepoint. */
  #stoppedFor: CheckpointId | undefined;
  #isClosed = false;

  constructor(options: TaskCheckpointsOptions) {
    this.#options = options;
    this.#progress = new SnapshotProgress(options.now);
    const channels = options.gate?.channels.length ?? 0;
    this.#handler =
      channels === 0
        ? undefined
        : createBarrierHandler(options.config, {
            channels,
            effects: this,
            now: options.wallTime,
          });
  }

  /** Snapshots are being written: a task that ended now would leave files to nobody. */
  get isWriting(): boolean {
    return this.#writing > 0;
  }

  status(): TaskCheckpointsStatus {
    return {
      ...this.#progress.status(),
      alignment: this.#handler?.alignment(),
      held: this.#held.map(({ checkpoint }) => checkpoint),
    };
  }

  /**
   * From the JobManager: this task gets no barrier from upstream, because all upstream has ended.
   * What upstream has left in the channels is in no other snapshot, so it is processed first.
   */
  triggerFromJobManager(barrier: CheckpointBarrier): void {
    const { gate } = this.#options;
    if (gate !== undefined && !gate.hasEnded) {
      sometimes(true, 'a trigger waits for what ended tasks have left in the channels');
      this.#held.push(barrier);
      return;
    }
    const { alignment } = barrier.options;
    this.trigger(
      barrier,
      alignment === 'unaligned'
        ? { kind: 'unaligned', persist: [] }
        : { kind: 'aligned', alignmentMs: 0 },
    );
    if (alignment === 'unaligned') this.allBarriersIn(barrier.checkpoint);
  }

  /** An element has arrived and is queued. */
  arrived(channel: number, element: ChannelElement): void {
    if (element.kind === 'barrier') this.#handler?.onBarrierArrived(channel, element);
    else this.#recorder?.arrived(channel, element);
  }

  /** A barrier was polled. */
  onBarrier(channel: number, barrier: CheckpointBarrier): void {
    this.#handler?.onBarrier(channel, barrier);
  }

  onCancel(channel: number, checkpoint: CheckpointId): void {
    this.#handler?.onCancel(channel, checkpoint);
  }

  onEndOfPartition(channel: number): void {
    this.#handler?.onEndOfPartition(channel);
    if (this.#options.gate?.hasEnded !== true) return;
    for (const barrier of this.#held.splice(0)) this.triggerFromJobManager(barrier);
  }

  /** The task has ended: whatever waits for barriers waits no longer. */
  close(): void {
    this.#isClosed = true;
    this.#held = [];
    this.#abortRecording(undefined, 'the task has ended');
  }

  /**
   * The JobManager gave it up. A task that has stopped for it cannot go on, nor end: it would be
   * taken for one that has read everything. As in Flink it fails, and begins anew. That other tasks
   * have failed, which is why it was given up, need not restart this one.
   */
  aborted(checkpoint: CheckpointId): void {
    this.#decider.aborted(checkpoint);
    this.#handler?.abort(checkpoint);
    this.#abortRecording(checkpoint, 'aborted by the JobManager');
    if (checkpoint !== this.#stoppedFor) return;
    sometimes(true, 'a task has stopped for a savepoint that is given up');
    this.#options.fail(stopFailed(checkpoint));
  }

  wasAborted(checkpoint: CheckpointId): boolean {
    return this.#decider.wasAborted(checkpoint);
  }

  block(channel: number): void {
    this.#channel(channel).blocked = true;
  }

  resume(channel: number): void {
    this.#channel(channel).blocked = false;
  }

  trigger(barrier: CheckpointBarrier, mode: SnapshotMode): void {
    const { checkpoint } = barrier;
    const decision = this.#decider.decide(checkpoint);
    if (decision === 'ignore') return;
    if (decision === 'cancel-downstream') {
      this.#options.outputs.emitEvent({ kind: 'cancel-checkpoint', checkpoint });
      return;
    }
    if (buggify('a task declines a checkpoint')) {
      return this.abort(checkpoint, 'checkpoint-declined-task-not-ready');
    }
    if (barrier.options.stop !== 'no') this.#stoppedFor = checkpoint;
    const { chain, states, isFinished, snapshotted } = this.#options;
    this.#confirm(barrier.latestCompleted);
    chain.prepareSnapshotPreBarrier(checkpoint);
    const overtaken = this.#forward(barrier, mode);
    this.#options.channels.atBarrier(checkpoint, mode.kind, overtaken);
    this.#options.beforeSnapshot(barrier);
    const external = this.#externalWith(chain.snapshotState(checkpoint));
    const missing = this.#progress.begun(checkpoint);
    const snapshot = takeSnapshot({
      checkpoint,
      streams: this.#streamsFor(barrier),
      states,
      missing,
      external,
      channels: this.#recorder?.checkpoint === checkpoint ? this.#recorder.completed : undefined,
      // At least once, the end of an input may have come behind a barrier that is counted already:
      // this task is ahead of its producer, which will send the rest again.
      finished: mode.kind !== 'at-least-once' && isFinished(),
    });
    snapshotted(barrier);
    this.#writing++;
    const written = (tell: () => void): void => {
      this.#writing--;
      this.#progress.stored(checkpoint);
      tell();
    };
    this.#options.io(
      snapshot,
      (taken) => written(() => this.#acknowledge(checkpoint, taken)),
      (cause) => written(() => this.#snapshotFailed(checkpoint, cause)),
    );
  }

  #acknowledge(checkpoint: CheckpointId, snapshot: TaskSnapshot): void {
    this.#progress.answered(checkpoint, 'acknowledged');
    this.#options.acknowledge(checkpoint, snapshot);
    if (!buggify('a task acknowledges twice')) return;
    this.#options.schedule(ACKNOWLEDGED_AGAIN_MS, () => {
      this.#options.acknowledge(checkpoint, snapshot);
    });
  }

  #decline(checkpoint: CheckpointId, reason: string): void {
    this.#progress.answered(checkpoint, 'declined');
    this.#options.decline(checkpoint, reason);
  }

  // The notification may be on its way still. What the states keep of older checkpoints may be
  // gone.
  #confirm(latestCompleted: CheckpointId | undefined): void {
    if (latestCompleted === undefined) return;
    for (const { keyed } of this.#options.states.values()) {
      keyed?.notifyCheckpointComplete(latestCompleted);
    }
  }

  // A storage that fails may work for the next checkpoint; state that cannot be written never will,
  // and a local store that has failed never does again.
  #snapshotFailed(checkpoint: CheckpointId, cause: unknown): void {
    const isFinal = cause instanceof OnceproofError && /^OP-E(4|619)/.test(cause.code);
    if (isFinal) return this.#options.fail(cause);
    this.#decline(checkpoint, describeError(cause));
  }

  channelFinished(channel: number, checkpoint: CheckpointId): void {
    if (this.#recorder?.checkpoint === checkpoint) this.#recorder.barrierArrived(channel);
  }

  allBarriersIn(checkpoint: CheckpointId): void {
    if (this.#recorder?.checkpoint !== checkpoint) return;
    this.#options.channels.recorded(checkpoint, this.#recorder.inputs);
    this.#recorder.allBarriersIn();
    this.#recorder = undefined;
  }

  abort(checkpoint: CheckpointId, reason: string): void {
    this.#decider.aborted(checkpoint);
    this.#abortRecording(checkpoint, reason);
    this.#decline(checkpoint, reason);
    this.#options.outputs.emitEvent({ kind: 'cancel-checkpoint', checkpoint });
  }

  scheduleAlignmentTimeout(checkpoint: CheckpointId, delayMs: number): void {
    this.#options.schedule(delayMs, () => this.#handler?.onAlignmentTimeout(checkpoint));
  }

  // A sink hands over again what it sealed for earlier checkpoints, so their work counts as well.
  // If it fails, no later checkpoint may hand that over: the task fails, not only the checkpoint.
  #externalWith(work: Promise<void> | undefined): Promise<void> | undefined {
    if (work === undefined) return this.#external;
    const earlier = this.#external;
    const all = earlier === undefined ? work : Promise.all([earlier, work]).then(() => undefined);
    const over = (): void => {
      if (this.#external === all) this.#external = undefined;
    };
    this.#external = all;
    this.#options.io(all, over, (cause) => this.#options.fail(cause));
    return all;
  }

  #streamsFor({ checkpoint, options }: CheckpointBarrier): CheckpointStreamFactory {
    const { storage, fencingToken } = this.#options;
    const streams = storage.streamsFor(checkpoint, options.targetDirectory);
    return fencedStreams(streams, { fencingToken, isOver: () => this.#isClosed });
  }

  // The barrier goes downstream before the snapshot is taken: the next task need not wait for ours.
  #forward(barrier: CheckpointBarrier, mode: SnapshotMode): readonly InFlightChannel[] {
    const { outputs } = this.#options;
    if (mode.kind !== 'unaligned') {
      outputs.emitEvent(barrier);
      return [];
    }
    const unaligned: CheckpointBarrier = {
      ...barrier,
      options: { ...barrier.options, alignment: 'unaligned' },
    };
    const overtaken = outputs.overtake(unaligned).map(({ edge, consumer, elements }) => ({
      kind: 'result-subpartition' as const,
      edge,
      from: this.#options.subtask,
      to: consumer,
      elements,
    }));
    sometimes(
      overtaken.some(({ elements }) => elements.length > 0),
      'a barrier overtakes records in an output',
    );
    this.#abortRecording(undefined, 'a newer checkpoint begins');
    this.#recorder = new UnalignedRecorder(barrier.checkpoint, overtaken);
    for (const channel of mode.persist) this.#record(this.#recorder, channel);
    return overtaken;
  }

  #record(recorder: UnalignedRecorder, index: number): void {
    const channel = this.#channel(index);
    const { edge, producer, consumer } = channel.identity;
    const elements = channel.inFlightBefore(recorder.checkpoint);
    sometimes(elements.length > 0, 'a barrier overtakes records in an input');
    const gate = present(this.#options.gate, 'Cannot record inputs: the task has none');
    recorder.record(
      index,
      { kind: 'input-channel', edge: edgeOf(gate.graph, edge), from: producer, to: consumer },
      elements,
    );
  }

  #abortRecording(checkpoint: CheckpointId | undefined, reason: string): void {
    if (this.#recorder === undefined) return;
    if (checkpoint !== undefined && this.#recorder.checkpoint !== checkpoint) return;
    this.#recorder.abort(reason);
    this.#recorder = undefined;
  }

  #channel(index: number): InputGate['channels'][number] {
    const channel = this.#options.gate?.channels[index];
    assert(channel !== undefined, `Cannot find input channel ${index}`);
    return channel;
  }
}

function stopFailed(checkpoint: CheckpointId): OnceproofError {
  const what = `Cannot stop with savepoint ${checkpoint}: it was given up`;
  return new OnceproofError('OP-E621', what, {
    remedy: 'The job goes on from its last checkpoint; see why the savepoint failed, and ask again',
  });
}
