// Calls that may emit, such as timers, and so wait, as input does, until the task takes them. Those
// that wait stay in order.

import { sometimes } from '../../core/sometimes.ts';

export class DeferredCalls {
  readonly #isReady: () => boolean;
  #waiting: (() => void)[] = [];

  constructor(isReady: () => boolean) {
    this.#isReady = isReady;
  }

  run(call: () => void): void {
    if (this.#isReady()) return call();
    sometimes(true, 'a timer waits until its chain takes records');
    this.#waiting.push(call);
  }

  /** Runs what waits, as far as it goes. */
  resume(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) this.run(call);
  }
}
