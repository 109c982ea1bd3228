// Plays barrier sequences in Flink's notation against a handler, as an input gate would, and writes
// down what it does. `C1/0` barrier of 1 on channel 0, `X1/0` cancel marker, `E0` end of channel 0,
// `B0` data, `A1/0` arrival of a barrier that is queued, `T1` alignment timeout, `+5` five ms pass.

import { assert } from '../../core/assert.ts';
import { type CheckpointId, checkpointId } from '../../core/ids.ts';
import type { CheckpointBarrier, CheckpointOptions } from '../../stream/elements.ts';
import type { CheckpointFailureReason } from '../checkpoint-failure-reason.ts';
import type {
  BarrierEffects,
  BarrierHandler,
  BarrierHandlerOptions,
  SnapshotMode,
} from '../barrier/barrier-handler.ts';

export const ALIGNED: CheckpointOptions = {
  alignment: 'aligned',
  alignedTimeoutMs: undefined,
  type: 'checkpoint',
  stop: 'no',
  targetDirectory: undefined,
};

const STEP = /^([A-Z])(\d+)?(?:\/(\d+))?$/;

export class BarrierScript implements BarrierEffects {
  readonly handler: BarrierHandler;
  /** Checkpoints triggered; aborted ones negative, as in Flink's tests. */
  readonly results: number[] = [];
  readonly triggers: { barrier: CheckpointBarrier; mode: SnapshotMode }[] = [];
  readonly reasons: CheckpointFailureReason[] = [];
  readonly blocked = new Set<number>();
  readonly complete: number[] = [];
  /** `checkpoint/channel` whose in-flight data is all there. */
  readonly finished: string[] = [];
  readonly timeouts: { id: number; delayMs: number }[] = [];
  options: CheckpointOptions = ALIGNED;
  /** Barriers carry the time at which their checkpoint was first heard of. */
  readonly #barriers = new Map<number, CheckpointBarrier>();
  #nowMs = 0;

  constructor(
    create: (options: BarrierHandlerOptions) => BarrierHandler,
    options: { readonly channels: number; readonly checkpointsAfterTasksFinish?: boolean },
  ) {
    this.handler = create({ ...options, effects: this, now: () => this.#nowMs });
  }

  /** Steps separated by spaces; channel 0 where none is named. */
  play(script: string): this {
    for (const step of script.split(' ')) {
      if (step.startsWith('+')) this.#nowMs += Number(step.slice(1));
      else this.#step(step);
    }
    return this;
  }

  get blockedChannels(): number[] {
    return [...this.blocked].toSorted((left, right) => left - right);
  }

  block(channel: number): void {
    this.blocked.add(channel);
  }

  resume(channel: number): void {
    this.blocked.delete(channel);
  }

  trigger(barrier: CheckpointBarrier, mode: SnapshotMode): void {
    this.results.push(barrier.checkpoint);
    this.triggers.push({ barrier, mode });
  }

  channelFinished(channel: number, checkpoint: CheckpointId): void {
    this.finished.push(`${checkpoint}/${channel}`);
  }

  allBarriersIn(checkpoint: CheckpointId): void {
    this.complete.push(checkpoint);
  }

  abort(checkpoint: CheckpointId, reason: CheckpointFailureReason): void {
    this.results.push(-Number(checkpoint));
    this.reasons.push(reason);
  }

  scheduleAlignmentTimeout(id: CheckpointId, delayMs: number): void {
    this.timeouts.push({ id, delayMs });
  }

  barrier(id: number): CheckpointBarrier {
    const known = this.#barriers.get(id);
    if (known !== undefined) return known;
    const barrier: CheckpointBarrier = {
      kind: 'barrier',
      checkpoint: checkpointId(id),
      timestampMs: this.#nowMs,
      options: this.options,
    };
    this.#barriers.set(id, barrier);
    return barrier;
  }

  #step(step: string): void {
    const [, kind, first = '', second] = STEP.exec(step) ?? [];
    assert(kind !== undefined, `Cannot play "${step}"`);
    if (kind === 'B') return;
    if (kind === 'E') return this.handler.onEndOfPartition(Number(first));
    const id = Number(first);
    const channel = second === undefined ? 0 : Number(second);
    if (kind === 'C') this.handler.onBarrier(channel, this.barrier(id));
    else if (kind === 'A') this.handler.onBarrierArrived(channel, this.barrier(id));
    else if (kind === 'X') this.handler.onCancel(channel, checkpointId(id));
    else if (kind === 'T') this.handler.onAlignmentTimeout(checkpointId(id));
    else assert(false, `Cannot play "${step}"`);
  }
}
