// Tells how many records a task has taken in and handed on: seldom enough to cost nothing, and
// never once a record.

import type { ExecutionAttemptId } from '../../core/ids.ts';
import type { Clock } from '../../environment/clock.ts';
import type { Observer } from '../observer.ts';

export interface RecordReportOptions {
  readonly attempt: ExecutionAttemptId;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly taken: () => number;
  readonly emitted: () => number;
}

const INTERVAL_MS = 200;

export class RecordReport {
  readonly #options: RecordReportOptions;
  #reported = 0;
  #reportedAtMs: number;

  constructor(options: RecordReportOptions) {
    this.#options = options;
    this.#reportedAtMs = options.clock.now();
  }

  /** After every step of the task. */
  tick(): void {
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#reportedAtMs < INTERVAL_MS) return;
    this.#reportedAtMs = nowMs;
    if (this.#options.taken() !== this.#reported) this.tell();
  }

  tell(): void {
    const { observer, attempt, taken, emitted } = this.#options;
    this.#reported = taken();
    observer.observe({ kind: 'records', attempt, count: this.#reported, emitted: emitted() });
  }
}
