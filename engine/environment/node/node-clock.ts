// The real clock. Node's own timers may fire a little early and do not order equal deadlines that
// were asked for at different times; so one queue decides, and Node only wakes it.

import { assert } from '../../core/assert.ts';
import type { Clock, Timer } from '../clock.ts';

/** Longer delays overflow Node's timers, which then fire at once. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

interface Alarm {
  readonly deadlineMs: number;
  readonly sequence: number;
  readonly wake: () => void;
}

/** Keeps the process alive while anything is scheduled. */
export class NodeClock implements Clock {
  /** Ascending by deadline, then by the order of the calls. */
  readonly #alarms: Alarm[] = [];
  #nextSequence = 0;
  #armedForMs: number | undefined;
  #disarm: () => void = () => undefined;

  now(): number {
    return Math.floor(performance.now());
  }

  wallTime(): number {
    return Date.now();
  }

  schedule(delayMs: number, wake: () => void): Timer {
    const isDelay = Number.isSafeInteger(delayMs) && delayMs >= 0;
    assert(isDelay, `Cannot schedule in ${delayMs} ms: not a whole number from 0`);
    const alarm = { deadlineMs: this.now() + delayMs, sequence: this.#nextSequence++, wake };
    this.#alarms.splice(this.#placeOf(alarm), 0, alarm);
    this.#arm();
    return { cancel: () => this.#cancel(alarm) };
  }

  #cancel(alarm: Alarm): void {
    const place = this.#placeOf(alarm);
    if (this.#alarms[place] !== alarm) return;
    this.#alarms.splice(place, 1);
    this.#arm();
  }

  /** Where `alarm` is, or would be. */
  #placeOf(alarm: Alarm): number {
    let low = 0;
    let high = this.#alarms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#alarms[middle];
      if (other !== undefined && isBefore(other, alarm)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #arm(): void {
    const deadlineMs = this.#alarms[0]?.deadlineMs;
    if (deadlineMs === this.#armedForMs) return;
    this.#disarm();
    this.#armedForMs = deadlineMs;
    this.#disarm = () => undefined;
    if (deadlineMs === undefined) return;
    const sleepMs = deadlineMs - this.now();
    if (sleepMs <= 0) {
      const immediate = setImmediate(() => this.#ring());
      this.#disarm = () => clearImmediate(immediate);
    } else {
      const timeout = setTimeout(() => this.#ring(), Math.min(sleepMs, SLEEP_MS_MAX));
      this.#disarm = () => clearTimeout(timeout);
    }
  }

  /** Wakes what is due; what is scheduled meanwhile waits, so that I/O gets its turn. */
  #ring(): void {
    this.#armedForMs = undefined;
    const nowMs = this.now();
    const end = this.#nextSequence;
    try {
      for (;;) {
        const [first] = this.#alarms;
        if (first === undefined || first.deadlineMs > nowMs || first.sequence >= end) break;
        this.#alarms.shift();
        first.wake();
      }
    } finally {
      this.#arm();
    }
  }
}

function isBefore(left: Alarm, right: Alarm): boolean {
  if (left.deadlineMs !== right.deadlineMs) return left.deadlineMs < right.deadlineMs;
  return left.sequence < right.sequence;
}
