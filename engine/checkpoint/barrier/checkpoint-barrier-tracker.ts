// At-least-once: counts barriers and never blocks. A checkpoint is triggered when its last barrier
// is in, by which time later data of faster channels has been processed: on restore that comes
// again.

import { assert } from '../../core/assert.ts';
import { type CheckpointId, checkpointId } from '../../core/ids.ts';
import type { CheckpointBarrier } from '../../stream/elements.ts';
import type { CheckpointFailureReason } from '../checkpoint-failure-reason.ts';
import type { AlignmentStatus } from '../checkpoint-status.ts';
import type { BarrierEffects, BarrierHandler, BarrierHandlerOptions } from './barrier-handler.ts';

/** Flink's bound on checkpoints that are counted at a time; the oldest gives way. */
const MAX_TRACKED = 50;

interface Count {
  readonly id: CheckpointId;
  /** Undefined if a cancel marker came first. */
  readonly barrier: CheckpointBarrier | undefined;
  readonly target: number;
  readonly startedMs: number;
  readonly channels: Set<number>;
  isAborted: boolean;
}

export class CheckpointBarrierTracker implements BarrierHandler {
  readonly #effects: BarrierEffects;
  readonly #now: () => number;
  readonly #survivesEnd: boolean;
  readonly #ended = new Set<number>();
  readonly #channels: number;
  #openCount: number;
  /** Ascending by id. */
  #counts: Count[] = [];
  #latest = checkpointId(0);

  constructor(options: BarrierHandlerOptions) {
    assert(options.channels > 0, 'Cannot track barriers without channels');
    this.#channels = options.channels;
    this.#openCount = options.channels;
    this.#effects = options.effects;
    this.#now = options.now;
    this.#survivesEnd = options.checkpointsAfterTasksFinish ?? true;
  }

  get latestCheckpoint(): CheckpointId | undefined {
    return this.#latest === 0 ? undefined : this.#latest;
  }

  get isPending(): boolean {
    return this.#counts.some(({ isAborted }) => !isAborted);
  }

  /** Of the newest: older ones end with it. */
  alignment(): AlignmentStatus | undefined {
    const count = this.#counts.findLast(({ isAborted }) => !isAborted);
    if (count === undefined) return undefined;
    const missing = Array.from({ length: this.#channels }, (_, channel) => channel).filter(
      (channel) => !count.channels.has(channel) && !this.#ended.has(channel),
    );
    return { checkpoint: count.id, mode: 'at-least-once', missing };
  }

  /** Barriers overtake nothing. */
  onBarrierArrived(): void {}

  onAlignmentTimeout(): void {}

  onBarrier(channel: number, barrier: CheckpointBarrier): void {
    const id = barrier.checkpoint;
    const known = this.#counts.find((count) => count.id === id);
    if (known !== undefined) return this.#arrived(known, channel);
    if (id <= this.#latest) return;
    this.#latest = id;
    const count = this.#count(id, barrier);
    this.#counts.push(count);
    if (this.#counts.length > MAX_TRACKED) this.#counts.shift();
    this.#arrived(count, channel);
  }

  onCancel(channel: number, id: CheckpointId): void {
    while (this.#counts[0] !== undefined && this.#counts[0].id < id) this.#abortOldest();
    const oldest = this.#counts[0];
    if (oldest?.id === id) {
      this.#abortCount(oldest, 'checkpoint-declined-on-cancellation-barrier');
      this.#arrived(oldest, channel);
    } else if (id > this.#latest) {
      this.#latest = id;
      const count = this.#count(id, undefined);
      // It stays, so that later barriers of it are recognized and counted off.
      this.#counts.push(count);
      this.#abortCount(count, 'checkpoint-declined-on-cancellation-barrier');
      this.#arrived(count, channel);
    }
  }

  onEndOfPartition(channel: number): void {
    if (this.#ended.has(channel)) return;
    this.#ended.add(channel);
    this.#openCount -= 1;
    if (!this.#survivesEnd) {
      const counts = this.#counts;
      this.#counts = [];
      for (const count of counts) {
        this.#abortCount(count, 'checkpoint-declined-input-end-of-stream');
      }
      return;
    }
    // Newest first: the newest that becomes complete makes the older ones obsolete.
    for (const count of this.#counts.toReversed()) {
      if (this.#counts.includes(count)) this.#arrived(count, channel);
    }
  }

  abort(id: CheckpointId): void {
    const count = this.#counts.find((candidate) => candidate.id === id);
    if (count !== undefined) count.isAborted = true;
    else if (id > this.#latest) this.#remember(id);
  }

  #remember(id: CheckpointId): void {
    this.#latest = id;
    this.#counts.push({ ...this.#count(id, undefined), isAborted: true });
  }

  #count(id: CheckpointId, barrier: CheckpointBarrier | undefined): Count {
    return {
      id,
      barrier,
      target: this.#openCount,
      startedMs: this.#now(),
      channels: new Set(),
      isAborted: false,
    };
  }

  #arrived(count: Count, channel: number): void {
    count.channels.add(channel);
    if (count.channels.size < count.target) return;
    this.#counts = this.#counts.filter(({ id }) => id > count.id);
    if (count.isAborted || count.barrier === undefined) return;
    const alignmentMs = this.#now() - count.startedMs;
    this.#effects.trigger(count.barrier, { kind: 'at-least-once', alignmentMs });
    this.#effects.allBarriersIn(count.id);
  }

  #abortOldest(): void {
    const count = this.#counts.shift();
    if (count === undefined) return;
    this.#abortCount(count, 'checkpoint-declined-on-cancellation-barrier');
  }

  #abortCount(count: Count, reason: CheckpointFailureReason): void {
    if (count.isAborted) return;
    count.isAborted = true;
    this.#effects.abort(count.id, reason);
  }
}
