// The clocks of one host. Its hardware counts on through crashes, may run fast or slow, and its
// date may be wrong or be stepped; the monotonic clock of a process starts at 0 with each boot, as
// in Node. Integer arithmetic only. Not modeled: a counter that stands still while its host runs.

import { assert } from '../engine/core/assert.ts';
import type { Clock, Timer } from '../engine/environment/clock.ts';
import { KernelEvent, type Owner } from './kernel/event.ts';
import type { Kernel } from './kernel/kernel.ts';

const MILLION = 1_000_000;

/** Beyond this the products below leave the range of exact integers within some virtual years. */
const DRIFT_PPM_MAX = 500_000;

/** The oscillator and the date of one machine; survives crashes. */
export class HostTime {
  readonly #kernel: Kernel;
  #driftPpm: number;
  #wallOffsetMs: number;
  #anchorKernelMs = 0;
  #anchorHostMs = 0;
  /** The date that is shown while it stands still. */
  #frozenWallMs: number | undefined;
  #slew: { readonly fromMs: number; readonly overMs: number; readonly byMs: number } | undefined;

  constructor(kernel: Kernel, options: { readonly wallMs: number; readonly driftPpm: number }) {
    this.#kernel = kernel;
    this.#wallOffsetMs = options.wallMs;
    this.#driftPpm = checkedDrift(options.driftPpm);
  }

  /** Milliseconds this machine has counted since the world began. Never goes backwards. */
  elapsedMs(): number {
    const passed = this.#kernel.nowMs - this.#anchorKernelMs;
    if (this.#driftPpm === 0) return this.#anchorHostMs + passed;
    return this.#anchorHostMs + Math.floor((passed * (MILLION + this.#driftPpm)) / MILLION);
  }

  wallMs(): number {
    return this.#frozenWallMs ?? this.#wallOffsetMs + this.elapsedMs() + this.#slewedMs();
  }

  /** Sets the date forwards or backwards; durations are not concerned. */
  stepWall(byMs: number): void {
    assert(Number.isInteger(byMs), `Cannot step a clock by ${byMs} ms`);
    this.#wallOffsetMs += byMs;
  }

  /** The date stands still; returns what lets it go on, as if it had never stood. */
  freezeWall(): () => void {
    this.#frozenWallMs ??= this.wallMs();
    return () => {
      this.#frozenWallMs = undefined;
    };
  }

  /** Sets the date by and by: `byMs` over the next `overMs`, as a smeared leap second. */
  slewWall(byMs: number, overMs: number): void {
    assert(Number.isInteger(byMs), `Cannot slew a clock by ${byMs} ms`);
    assert(overMs >= Math.abs(byMs) && overMs > 0, `Cannot slew a clock in ${overMs} ms`);
    this.#wallOffsetMs += this.#slewedMs();
    this.#slew = { fromMs: this.elapsedMs(), overMs, byMs };
  }

  #slewedMs(): number {
    if (this.#slew === undefined) return 0;
    const { fromMs, overMs, byMs } = this.#slew;
    const passed = Math.min(this.elapsedMs() - fromMs, overMs);
    return Math.trunc((byMs * passed) / overMs);
  }

  /** From now on, this machine counts `ppm` milliseconds too many in a million. */
  setDrift(ppm: number): void {
    this.#anchorHostMs = this.elapsedMs();
    this.#anchorKernelMs = this.#kernel.nowMs;
    this.#driftPpm = checkedDrift(ppm);
  }

  /** World time until `elapsedMs` will be at least `deadlineMs`, at the present rate. */
  kernelMsUntil(deadlineMs: number): number {
    const since = deadlineMs - this.#anchorHostMs;
    const passed = this.#kernel.nowMs - this.#anchorKernelMs;
    const needed = this.#driftPpm === 0 ? since : ceilOf(since * MILLION, MILLION + this.#driftPpm);
    return Math.max(0, needed - passed);
  }
}

/** What one incarnation of a host sees of its time. Timers die with the incarnation. */
export class SimulatedClock implements Clock {
  readonly #kernel: Kernel;
  readonly #owner: Owner;
  readonly #time: HostTime;
  readonly #bootMs: number;

  constructor(kernel: Kernel, owner: Owner, time: HostTime) {
    this.#kernel = kernel;
    this.#owner = owner;
    this.#time = time;
    this.#bootMs = time.elapsedMs();
  }

  now(): number {
    return this.#time.elapsedMs() - this.#bootMs;
  }

  wallTime(): number {
    return this.#time.wallMs();
  }

  schedule(delayMs: number, wake: () => void): Timer {
    assert(Number.isInteger(delayMs) && delayMs >= 0, `Cannot schedule a timer in ${delayMs} ms`);
    const timer = new HostTimer(this.#kernel, this.#time, wake);
    timer.arm(this.#owner, this.#time.elapsedMs() + delayMs);
    return timer;
  }
}

class HostTimer implements Timer {
  readonly #kernel: Kernel;
  readonly #time: HostTime;
  readonly #wake: () => void;
  #event: KernelEvent | undefined;

  constructor(kernel: Kernel, time: HostTime, wake: () => void) {
    this.#kernel = kernel;
    this.#time = time;
    this.#wake = wake;
  }

  arm(owner: Owner, deadlineMs: number): void {
    if (!owner.isAlive) return;
    const fire = () => {
      // The clock may have slowed down since: then it is not yet time.
      if (this.#time.elapsedMs() < deadlineMs) this.arm(owner, deadlineMs);
      else this.#wake();
    };
    const event = new KernelEvent(owner, 'timer', 'timer', fire);
    this.#event = this.#kernel.enqueue(this.#time.kernelMsUntil(deadlineMs), event);
  }

  cancel(): void {
    if (this.#event !== undefined) this.#kernel.cancel(this.#event);
  }
}

function ceilOf(dividend: number, divisor: number): number {
  return Math.floor((dividend + divisor - 1) / divisor);
}

function checkedDrift(ppm: number): number {
  const isSane = Number.isInteger(ppm) && ppm > -DRIFT_PPM_MAX && ppm < DRIFT_PPM_MAX;
  assert(isSane, `Cannot drift by ${ppm} ppm: not an integer below ${DRIFT_PPM_MAX}`);
  return ppm;
}
