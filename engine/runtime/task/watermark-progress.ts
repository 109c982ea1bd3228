// Takes what a task's inputs say of event time to its chain: fetches the state of the timers that
// are due, as many of them as are fetched at once, fires these, and goes on until none is left.
// Only then the watermark passes.

import type { OperatorChain } from '../../operator/chain/operator-chain.ts';
import type { TaskContext } from '../../operator/stream-operator.ts';
import type { ValveChange } from '../../operator/watermark/watermark-valve.ts';

export interface WatermarkProgressOptions {
  readonly chain: OperatorChain;
  readonly whenPrepared: TaskContext['whenPrepared'];
  /** The chain is through with it. */
  readonly passed: (timestamp: number) => void;
}

export class WatermarkProgress {
  readonly #options: WatermarkProgressOptions;

  constructor(options: WatermarkProgressOptions) {
    this.#options = options;
  }

  advance(change: ValveChange | undefined): void {
    if (change === undefined) return;
    if (change.isActive === true) this.#options.chain.processStatus(false);
    if (change.watermark === undefined) this.#finish(change);
    else this.#fire(change.watermark, change);
  }

  #fire(watermark: number, change: ValveChange): void {
    const { chain, whenPrepared } = this.#options;
    const pending = chain.prepareWatermark(watermark);
    if (pending === undefined) return this.#finish(change);
    whenPrepared(pending, () => {
      if (chain.firePrepared(watermark)) this.#finish(change);
      else this.#fire(watermark, change);
    });
  }

  #finish({ watermark, isIdle }: ValveChange): void {
    const { chain, passed } = this.#options;
    if (watermark !== undefined) {
      chain.processWatermark(watermark);
      passed(watermark);
    }
    if (isIdle === true) chain.processStatus(true);
  }
}
