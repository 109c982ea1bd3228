// Event- and processing-time timers of one keyed operator, by key and namespace. They live in
// the keyed backend, so a checkpoint holds them and rescaling moves them. The watermark is not
// part of any state: after a restore it is unknown until one arrives.

import { OnceproofError } from '../core/errors.ts';
import { sometimes } from '../core/sometimes.ts';
import type { Timer } from '../environment/clock.ts';
import type { InternalTimer, KeyedStateBackend, TimerQueue } from '../state/state-backend.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { ProcessingTimeService } from './stream-operator.ts';

/** Flink's Triggerable. The backend's current key is the timer's when these are called. */
export interface TimerHandler<N> {
  onEventTime(timer: InternalTimer<N>): void;
  onProcessingTime(timer: InternalTimer<N>): void;
}

export interface InternalTimerServiceOptions<N> {
  /** Unique per operator. */
  readonly name: string;
  readonly namespace: TypeSerializer<N>;
  readonly backend: KeyedStateBackend;
  readonly processingTime: ProcessingTimeService;
  /** Of the task: see TaskContext. */
  readonly whenPrepared: (pending: Promise<void>, run: () => void) => void;
  readonly handler: TimerHandler<N>;
}

export class InternalTimerService<N> {
  readonly #name: string;
  readonly #backend: KeyedStateBackend;
  readonly #processingTime: ProcessingTimeService;
  readonly #whenPrepared: InternalTimerServiceOptions<N>['whenPrepared'];
  readonly #handler: TimerHandler<N>;
  readonly #eventTimers: TimerQueue<N>;
  readonly #processingTimers: TimerQueue<N>;
  /** At most one, for the head of the queue. */
  #physical: Timer | undefined;
  #physicalTime = NO_TIMESTAMP;
  #watermark = NO_TIMESTAMP;
  #isFiring = false;
  #isStopped = false;

  constructor(options: InternalTimerServiceOptions<N>) {
    const { name, namespace, backend } = options;
    this.#name = name;
    this.#backend = backend;
    this.#processingTime = options.processingTime;
    this.#whenPrepared = options.whenPrepared;
    this.#handler = options.handler;
    this.#eventTimers = backend.timerQueue(eventTimersOf(name), namespace);
    this.#processingTimers = backend.timerQueue(processingTimersOf(name), namespace);
  }

  /** Timers that were restored and are due by now fire soon, though not before this returns. */
  start(): void {
    sometimes(this.#processingTimers.size > 0, 'processing-time timers are restored');
    this.#schedulePhysical();
  }

  currentWatermark(): number {
    return this.#watermark;
  }

  currentProcessingTime(): number {
    return this.#processingTime.now();
  }

  numEventTimeTimers(): number {
    return this.#eventTimers.size;
  }

  numProcessingTimeTimers(): number {
    return this.#processingTimers.size;
  }

  /** For the current key. Fires with the next watermark where the time is past already. */
  registerEventTimeTimer(namespace: N, timestamp: number): void {
    this.#checkTimestamp(timestamp);
    this.#eventTimers.add({ timestamp, key: this.#backend.currentKey, namespace });
  }

  registerProcessingTimeTimer(namespace: N, timestamp: number): void {
    this.#checkTimestamp(timestamp);
    const key = this.#backend.currentKey;
    const isNewHead = this.#processingTimers.add({ timestamp, key, namespace });
    // While timers fire, the loop goes on by itself and schedules the head at its end.
    if (isNewHead && !this.#isFiring) this.#schedulePhysical();
  }

  deleteEventTimeTimer(namespace: N, timestamp: number): void {
    this.#eventTimers.remove({ timestamp, key: this.#backend.currentKey, namespace });
  }

  /** A physical timer for a deleted head still wakes, finds nothing due, and goes to the next. */
  deleteProcessingTimeTimer(namespace: N, timestamp: number): void {
    this.#processingTimers.remove({ timestamp, key: this.#backend.currentKey, namespace });
  }

  /** Fetches what advanceWatermark() will use, unless it is at hand. */
  prepareWatermark(watermark: number): Promise<void> | undefined {
    return this.#backend.prepareTimers?.(eventTimersOf(this.#name), watermark);
  }

  advanceWatermark(watermark: number): void {
    this.#watermark = watermark;
    for (;;) {
      const timer = this.#eventTimers.peek();
      if (timer === undefined || timer.timestamp > watermark) return;
      // The key first: removing a timer is a write under its key, in its key group.
      this.#backend.setCurrentKey(timer.key);
      this.#eventTimers.poll();
      this.#handler.onEventTime(timer);
    }
  }

  /** Nothing fires any more; the timers stay in the state. */
  stop(): void {
    this.#isStopped = true;
    this.#physical?.cancel();
    this.#physical = undefined;
  }

  #onProcessingTime(now: number): void {
    this.#physical = undefined;
    if (this.#isStopped) return;
    const pending = this.#backend.prepareTimers?.(processingTimersOf(this.#name), now);
    if (pending === undefined) return this.#fire(now);
    this.#whenPrepared(pending, () => this.#fire(now));
  }

  #fire(now: number): void {
    this.#isFiring = true;
    try {
      this.#fireUntil(now);
    } finally {
      this.#isFiring = false;
    }
    this.#schedulePhysical();
  }

  #fireUntil(now: number): void {
    while (!this.#isStopped) {
      const timer = this.#processingTimers.peek();
      if (timer === undefined || timer.timestamp > now) return;
      this.#backend.setCurrentKey(timer.key);
      this.#processingTimers.poll();
      this.#handler.onProcessingTime(timer);
    }
  }

  #schedulePhysical(): void {
    const head = this.#processingTimers.peek();
    if (head === undefined || this.#isStopped) return;
    if (this.#physical !== undefined) {
      if (this.#physicalTime <= head.timestamp) return;
      this.#physical.cancel();
    }
    this.#physicalTime = head.timestamp;
    this.#physical = this.#processingTime.schedule(head.timestamp, (now) => {
      this.#onProcessingTime(now);
    });
  }

  #checkTimestamp(timestamp: number): void {
    if (Number.isSafeInteger(timestamp)) return;
    throw new OnceproofError('OP-E211', `Cannot register a timer at ${timestamp}`, {
      place: this.#name,
      remedy: 'Pass integer milliseconds: round, and check that no operand is undefined',
    });
  }
}

function eventTimersOf(name: string): string {
  return `${name}/event-time`;
}

function processingTimersOf(name: string): string {
  return `${name}/processing-time`;
}
