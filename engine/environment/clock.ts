// Time as the engine sees it. All values are integer milliseconds. Two notions are kept apart:
// `now` measures durations, `wallTime` names a moment and may be stepped by an operator or by NTP.

export interface Timer {
  /** After this returns, `wake` will not run. Cancelling a fired timer does nothing. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since an arbitrary origin. Never goes backwards; says nothing about the date. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00Z as this host believes. May jump in either direction. */
  wallTime(): number;
  /**
   * Runs `wake` once, `delayMs` (>= 0) from now, never before this call returns. Equal deadlines
   * fire in the order they were asked for. Timers die with their host and do not survive a crash.
   */
  schedule(delayMs: number, wake: () => void): Timer;
}
