// How often each kind of fault was planned, and how often it really happened. A loss that met no
// message, or a crash of a host that was down already, was planned but not injected.

import { FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';

export interface FaultCount {
  readonly kind: FaultKind;
  readonly planned: number;
  /** Crashes, cuts, steps of a clock; for windows, the messages or operations that were hit. */
  readonly injected: number;
}

export class FaultCounts {
  readonly #faults: readonly Fault[];
  readonly #injected: number[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
    this.#injected = faults.map(() => 0);
  }

  /** Notes that the fault at this place of the plan hit once more. */
  inject(index: number): void {
    this.#injected[index] = (this.#injected[index] ?? 0) + 1;
  }

  injectedOf(kind: FaultKind): number {
    return this.#faults.reduce(
      (sum, fault, index) => (fault.kind === kind ? sum + (this.#injected[index] ?? 0) : sum),
      0,
    );
  }

  /** How often each fault of the plan hit, in its order; a 0 is a fault that never fired. */
  byFault(): readonly number[] {
    return [...this.#injected];
  }

  /** One row for every kind, also for those that never happened. */
  rows(): readonly FaultCount[] {
    return FAULT_KINDS.map((kind) => ({
      kind,
      planned: this.#faults.filter((fault) => fault.kind === kind).length,
      injected: this.injectedOf(kind),
    }));
  }
}
