// Running totals of a suite, for whoever shows progress. Counted as results arrive, whatever their
// order; what is printed at the end is counted from the log instead.

import type { RunDone } from '../worker/messages.ts';
import type { Case } from './select.ts';
import type { PlannedRun } from './plan.ts';

export interface CaseTally {
  readonly case: Case;
  runs: number;
  failed: number;
}

export class Tally {
  readonly startedMs: number;
  /** Undefined if only the time limits it. */
  readonly planned: number | undefined;
  readonly seedsOfCase: number;
  readonly cases: ReadonlyMap<string, CaseTally>;
  readonly faults = new Map<string, number>();
  readonly sometimes = new Set<string>();
  /** Ids of findings with the scenario they are in. */
  readonly findings: {
    readonly id: string;
    readonly property: string;
    readonly scenario: string;
  }[] = [];
  runs = 0;
  failures = 0;
  simMs = 0;
  recoveries = 0;
  repeated = 0;
  differed = 0;

  constructor(options: {
    readonly cases: readonly Case[];
    readonly planned: number | undefined;
    readonly seeds: number;
    readonly startedMs: number;
  }) {
    const { cases, planned, seeds, startedMs } = options;
    this.planned = planned;
    this.seedsOfCase = seeds;
    this.startedMs = startedMs;
    this.cases = new Map(cases.map((one) => [one.id, { case: one, runs: 0, failed: 0 }]));
  }

  get faultsTotal(): number {
    return [...this.faults.values()].reduce((sum, count) => sum + count, 0);
  }

  add(run: PlannedRun, { result, repeat }: RunDone): void {
    this.runs += 1;
    this.simMs += result.simMs;
    this.recoveries += result.recoveries;
    for (const [kind, count] of Object.entries(result.faults)) {
      this.faults.set(kind, (this.faults.get(kind) ?? 0) + count);
    }
    for (const name of result.sometimes) this.sometimes.add(name);
    if (repeat !== undefined) this.repeated += 1;
    if (repeat?.kind === 'different') this.differed += 1;
    const tally = this.cases.get(run.case.id);
    if (tally === undefined) return;
    tally.runs += 1;
    if (result.verdict === 'invalid') tally.failed += 1;
  }
}
