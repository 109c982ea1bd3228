// Exactly-once: one checkpoint at a time, aligned or unaligned as its barriers ask. Aligned,
// channels wait behind their barrier until all barriers are in. Unaligned, the first barrier
// triggers and data in flight becomes part of the snapshot. With a timeout it begins as the one and
// may turn into the other.

import { assert } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import { type CheckpointId, checkpointId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { CheckpointBarrier } from '../../stream/elements.ts';
import type { CheckpointFailureReason } from '../checkpoint-failure-reason.ts';
import type { AlignmentStatus } from '../checkpoint-status.ts';
import type { BarrierEffects, BarrierHandler, BarrierHandlerOptions } from './barrier-handler.ts';

export class SingleCheckpointBarrierHandler implements BarrierHandler {
  readonly #channels: number;
  readonly #effects: BarrierEffects;
  readonly #now: () => number;
  readonly #survivesEnd: boolean;
  readonly #ended = new Set<number>();
  #current = checkpointId(0);
  /** Of the current checkpoint; undefined once it is complete or aborted. */
  #barrier: CheckpointBarrier | undefined;
  #isUnaligned = false;
  #startedMs = 0;
  /** Channels that were open when it began. */
  #target = 0;
  /** Channels whose barrier, or end, counts. */
  readonly #received = new Set<number>();
  /** Channels with nothing in flight ahead of their barrier. */
  readonly #polled = new Set<number>();
  /** Channels where a barrier that does not overtake is queued. */
  readonly #announced = new Set<number>();
  readonly #blocked = new Set<number>();

  constructor(options: BarrierHandlerOptions) {
    assert(options.channels > 0, 'Cannot handle barriers without channels');
    this.#channels = options.channels;
    this.#effects = options.effects;
    this.#now = options.now;
    this.#survivesEnd = options.checkpointsAfterTasksFinish ?? true;
  }

  get latestCheckpoint(): CheckpointId | undefined {
    return this.#current === 0 ? undefined : this.#current;
  }

  get isPending(): boolean {
    return this.#barrier !== undefined;
  }

  alignment(): AlignmentStatus | undefined {
    if (this.#barrier === undefined) return undefined;
    const missing = Array.from({ length: this.#channels }, (_, channel) => channel).filter(
      (channel) => !this.#received.has(channel) && !this.#ended.has(channel),
    );
    const mode = this.#isUnaligned ? 'unaligned' : 'aligned';
    return { checkpoint: this.#current, mode, missing };
  }

  onBarrierArrived(channel: number, barrier: CheckpointBarrier): void {
    const { alignment, alignedTimeoutMs } = barrier.options;
    if (alignment === 'unaligned') return this.#receive(channel, barrier);
    if (alignment !== 'aligned' || alignedTimeoutMs === undefined) return;
    if (!this.#begin(barrier) || this.#received.has(channel)) return;
    if (this.#isUnaligned) this.#receive(channel, barrier);
    else this.#announced.add(channel);
  }

  onBarrier(channel: number, barrier: CheckpointBarrier): void {
    if (!this.#begin(barrier)) return;
    if (!this.#received.has(channel)) this.#polled.add(channel);
    this.#receive(channel, barrier);
  }

  onCancel(_channel: number, id: CheckpointId): void {
    const concernsUs = id > this.#current || (id === this.#current && this.isPending);
    if (concernsUs) this.#abort(id, 'checkpoint-declined-on-cancellation-barrier');
  }

  onEndOfPartition(channel: number): void {
    if (this.#ended.has(channel)) return;
    this.#ended.add(channel);
    if (!this.isPending) return;
    if (!this.#survivesEnd) {
      return this.#abort(this.#current, 'checkpoint-declined-input-end-of-stream');
    }
    if (this.#received.has(channel)) return;
    this.#received.add(channel);
    this.#polled.add(channel);
    if (this.#isUnaligned) this.#effects.channelFinished(channel, this.#current);
    this.#completeIfAllIn();
  }

  onAlignmentTimeout(id: CheckpointId): void {
    const barrier = this.#barrier;
    if (barrier === undefined || id !== this.#current || this.#isUnaligned) return;
    sometimes(true, 'an aligned checkpoint turns unaligned');
    this.#overtake(barrier);
    this.#completeIfAllIn();
  }

  /** Downstream is told all the same: it may hold channels for this checkpoint. */
  abort(id: CheckpointId): void {
    if (id !== this.#current || !this.isPending) return;
    this.#abort(id, 'checkpoint-declined-on-cancellation-barrier');
  }

  #receive(channel: number, barrier: CheckpointBarrier): void {
    if (!this.#begin(barrier) || this.#received.has(channel)) return;
    this.#received.add(channel);
    this.#announced.delete(channel);
    if (this.#isUnaligned) this.#effects.channelFinished(channel, this.#current);
    else if (barrier.options.alignment === 'unaligned') this.#overtake(barrier);
    else if (this.#received.size < this.#target) this.#align(channel, barrier);
    this.#completeIfAllIn();
  }

  /** False for a barrier of a checkpoint that is over. */
  #begin(barrier: CheckpointBarrier): boolean {
    const id = barrier.checkpoint;
    if (id <= this.#current) return id === this.#current && this.isPending;
    if (this.isPending) {
      sometimes(true, 'a newer barrier subsumes a pending checkpoint in a task');
      this.#abort(this.#current, 'checkpoint-declined-subsumed');
    }
    this.#current = id;
    this.#barrier = barrier;
    this.#isUnaligned = false;
    this.#startedMs = this.#now();
    this.#target = this.#channels - this.#ended.size;
    this.#scheduleTimeout(barrier);
    return true;
  }

  /** The timeout runs from the trigger on the JobManager, whose clock may be ahead of ours. */
  #scheduleTimeout({ checkpoint, timestampMs, options }: CheckpointBarrier): void {
    const timeoutMs = options.alignedTimeoutMs;
    if (options.alignment !== 'aligned' || timeoutMs === undefined || this.#target === 1) return;
    const isOver = buggify('an alignment is over its timeout at once');
    const leftMs = isOver ? 0 : Math.max(0, timestampMs + timeoutMs - this.#now());
    this.#effects.scheduleAlignmentTimeout(checkpoint, Math.min(timeoutMs, leftMs));
  }

  #align(channel: number, barrier: CheckpointBarrier): void {
    const { alignment, alignedTimeoutMs } = barrier.options;
    const ageMs = this.#now() - barrier.timestampMs;
    const isLate = alignedTimeoutMs !== undefined && ageMs > alignedTimeoutMs;
    if (isLate && alignment === 'aligned') return this.#overtake(barrier);
    this.#blocked.add(channel);
    this.#effects.block(channel);
  }

  #overtake(barrier: CheckpointBarrier): void {
    this.#isUnaligned = true;
    const persist: number[] = [];
    for (let channel = 0; channel < this.#channels; channel++) {
      const hasInFlight = !this.#polled.has(channel) && !this.#ended.has(channel);
      if (hasInFlight) persist.push(channel);
    }
    const options = { ...barrier.options, alignment: 'unaligned' as const };
    this.#effects.trigger({ ...barrier, options }, { kind: 'unaligned', persist });
    this.#resumeAll();
    for (const channel of this.#announced) this.#received.add(channel);
    this.#announced.clear();
    for (const channel of persist) {
      if (this.#received.has(channel)) this.#effects.channelFinished(channel, this.#current);
    }
  }

  #completeIfAllIn(): void {
    const barrier = this.#barrier;
    if (barrier === undefined || this.#received.size < this.#target) return;
    const id = this.#current;
    const alignmentMs = this.#now() - this.#startedMs;
    const isAligned = !this.#isUnaligned;
    this.#clear();
    if (isAligned) this.#effects.trigger(barrier, { kind: 'aligned', alignmentMs });
    this.#resumeAll();
    this.#effects.allBarriersIn(id);
  }

  #abort(id: CheckpointId, reason: CheckpointFailureReason): void {
    if (id > this.#current) this.#current = id;
    this.#clear();
    this.#resumeAll();
    this.#effects.abort(id, reason);
  }

  #clear(): void {
    this.#barrier = undefined;
    this.#received.clear();
    this.#polled.clear();
    this.#announced.clear();
  }

  #resumeAll(): void {
    const channels = [...this.#blocked];
    this.#blocked.clear();
    for (const channel of channels) this.#effects.resume(channel);
  }
}
