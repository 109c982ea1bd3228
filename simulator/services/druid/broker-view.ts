// What the Broker can answer from: segments that Historicals have loaded, which is some time after
// they were published, and until some time after they stopped to count. A datasource becomes a
// table later still. Nothing of it is kept: after a crash everything is loaded again.

import type { Clock } from '../../../engine/environment/clock.ts';
import type { Random } from '../../../engine/environment/random.ts';
import { visibleOf } from './metadata-store.ts';
import type { Segment } from './records.ts';

export interface MsRange {
  readonly minMs: number;
  readonly maxMs: number;
}

interface Served {
  readonly segment: Segment;
  readonly fromMs: number;
  /** Undefined: until further notice. */
  readonly untilMs: number | undefined;
}

export class BrokerView {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lag: MsRange;
  readonly #served = new Map<string, Served>();
  readonly #tablesFromMs = new Map<string, number>();

  constructor(options: { readonly clock: Clock; readonly random: Random; readonly lag: MsRange }) {
    this.#clock = options.clock;
    this.#random = options.random.fork('broker');
    this.#lag = options.lag;
  }

  published(segments: readonly Segment[]): void {
    for (const segment of segments) {
      const fromMs = this.#later();
      if (this.servedOf(segment.datasource).length === 0) {
        const tableMs = fromMs + this.#draw();
        const knownMs = this.#tablesFromMs.get(segment.datasource) ?? 0;
        this.#tablesFromMs.set(segment.datasource, Math.max(tableMs, knownMs));
      }
      this.#served.set(segment.id, { segment, fromMs, untilMs: undefined });
    }
  }

  unused(ids: readonly string[]): void {
    for (const id of ids) {
      const served = this.#served.get(id);
      if (served !== undefined) this.#served.set(id, { ...served, untilMs: this.#later() });
    }
  }

  isTable(datasource: string): boolean {
    const fromMs = this.#tablesFromMs.get(datasource);
    if (fromMs === undefined || fromMs > this.#clock.now()) return false;
    return this.servedOf(datasource).length > 0;
  }

  /** Loaded ones, overshadowed ones included. */
  servedOf(datasource: string): readonly Segment[] {
    const nowMs = this.#clock.now();
    return [...this.#served.values()].flatMap(({ segment, fromMs, untilMs }) =>
      segment.datasource === datasource && fromMs <= nowMs && nowMs < (untilMs ?? Infinity)
        ? segment
        : [],
    );
  }

  /** Those that a query reads. */
  visibleOf(datasource: string): readonly Segment[] {
    return visibleOf(this.servedOf(datasource));
  }

  #later(): number {
    return this.#clock.now() + this.#draw();
  }

  #draw(): number {
    const { minMs, maxMs } = this.#lag;
    return minMs + this.#random.below(maxMs - minMs + 1);
  }
}
