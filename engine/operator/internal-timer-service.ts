// Event- and processing-time timers of one keyed operator, by key and namespace. They live in
// the keyed backend, so a checkpoint holds them and rescaling moves them. The watermark is not
// part of any state: after a restore it is unknown until one arrives.

import { assert } from '../core/assert.ts';
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
  /** At most one, for the head of the queue; too early where the head would have to be fetched. */
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
    const isRestored = this.#processingTimers.earliest !== undefined;
    sometimes(isRestored, 'processing-time timers are restored');
    this.#schedulePhysical();
  }

  currentWatermark(): number {
    return this.#watermark;
  }

  currentProcessingTime(): number {
    return this.#processingTime.now();
  }

  /** Undefined where nobody knows: timers in a store are not counted. */
  numEventTimeTimers(): number | undefined {
    return this.#eventTimers.size;
  }

  numProcessingTimeTimers(): number | undefined {
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

  /** Fetches what firePrepared() will use, unless all that is due is at hand. */
  prepareWatermark(watermark: number): Promise<void> | undefined {
    return this.#backend.prepareTimers?.(eventTimersOf(this.#name), watermark);
  }

  /** Fires what was fetched. False: there is more, so prepareWatermark() is to be asked again. */
  firePrepared(watermark: number): boolean {
    this.#watermark = watermark;
    for (;;) {
      const timer = this.#eventTimers.peek();
      if (timer === undefined || timer.timestamp > watermark) break;
      if (this.#backend.isPrepared?.(timer.key) === false) return false;
      // The key first: removing a timer is a write under its key, in its key group.
      this.#backend.setCurrentKey(timer.key);
      this.#eventTimers.poll();
      this.#handler.onEventTime(timer);
    }
    return !hasDue(this.#eventTimers, watermark);
  }

  /** Once everything up to the watermark is at hand. */
  advanceWatermark(watermark: number): void {
    const isDone = this.firePrepared(watermark);
    assert(isDone, `Cannot advance to watermark ${watermark}: some timers were not fetched`);
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

  /** What was fetched; the rest, if there is any, is fetched then. */
  #fire(now: number): void {
    this.#isFiring = true;
    try {
      this.#fireUntil(now);
    } finally {
      this.#isFiring = false;
    }
    if (hasDue(this.#processingTimers, now)) this.#onProcessingTime(now);
    else this.#schedulePhysical();
  }

  #fireUntil(now: number): void {
    while (!this.#isStopped) {
      const timer = this.#processingTimers.peek();
      if (timer === undefined || timer.timestamp > now) return;
      if (this.#backend.isPrepared?.(timer.key) === false) return;
      this.#backend.setCurrentKey(timer.key);
      this.#processingTimers.poll();
      this.#handler.onProcessingTime(timer);
    }
  }

  #schedulePhysical(): void {
    const { earliest } = this.#processingTimers;
    if (earliest === undefined || this.#isStopped) return;
    if (this.#physical !== undefined) {
      if (this.#physicalTime <= earliest) return;
      this.#physical.cancel();
    }
    this.#physicalTime = earliest;
    this.#physical = this.#processingTime.schedule(earliest, (now) => {
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

/** Also where the first of them would have to be fetched to know. */
function hasDue({ earliest }: TimerQueue<unknown>, timestamp: number): boolean {
  return earliest !== undefined && earliest <= timestamp;
}

function eventTimersOf(name: string): string {
  return `${name}/event-time`;
}

function processingTimersOf(name: string): string {
  return `${name}/processing-time`;
}
