// Groups violations into findings: one for each kind of violation of a scenario, however many seeds
// and backends show it. Fed in the order of the plan, it numbers them the same way every time.

import type { FindingNew, TraceEvent } from '../../../reports/index.ts';
import { fingerprintOf } from '../../run/fingerprint.ts';
import type { RunDone } from '../worker/messages.ts';
import type { PlannedRun } from './plan.ts';

export interface FindingEntry {
  readonly event: FindingNew;
  readonly first: PlannedRun;
  readonly trace: readonly TraceEvent[];
  /** Runs that show it, by backend. */
  readonly failed: Map<string, number>;
}

export class FindingBook {
  readonly #entries = new Map<string, FindingEntry>();
  readonly #replayLine: (run: PlannedRun) => string;

  constructor(replayLine: (run: PlannedRun) => string) {
    this.#replayLine = replayLine;
  }

  get entries(): readonly FindingEntry[] {
    return [...this.#entries.values()];
  }

  /** The finding, if this run is the first to show it. */
  add(run: PlannedRun, done: RunDone): FindingEntry | undefined {
    return this.#add(run, done, new Map([[run.backend, 1]]), this.#replayLine(run));
  }

  /** As `add`, of a saved repro, which is no run of its case and does not count as one. */
  addSaved(run: PlannedRun, done: RunDone, replayLine: string): FindingEntry | undefined {
    return this.#add(run, done, new Map(), replayLine);
  }

  #add(
    run: PlannedRun,
    { result, trace }: RunDone,
    failed: Map<string, number>,
    replay: string,
  ): FindingEntry | undefined {
    if (result.verdict !== 'invalid') return undefined;
    const property = result.property ?? 'unnamed';
    const message = result.message ?? `${property} is violated`;
    const fingerprint = fingerprintOf({ scenario: run.scenario, property, message });
    const known = this.#entries.get(fingerprint);
    if (known !== undefined) {
      for (const [backend, times] of failed) {
        known.failed.set(backend, (known.failed.get(backend) ?? 0) + times);
      }
      return undefined;
    }
    const event: FindingNew = {
      v: 1,
      type: 'finding.new',
      id: `F${this.#entries.size + 1}`,
      fingerprint,
      property,
      case: run.case.id,
      run: run.run,
      message,
      ...(result.expected === undefined ? {} : { expected: result.expected }),
      ...(result.actual === undefined ? {} : { actual: result.actual }),
      schedule: result.schedule,
      replay,
    };
    const entry: FindingEntry = { event, first: run, trace: trace ?? [], failed };
    this.#entries.set(fingerprint, entry);
    return entry;
  }

  /**
   * The failure rate of the case a finding was first seen in, where a reader of the log would count
   * wrongly: another finding breaks the same property there.
   */
  rates(runsOf: (caseId: string) => number): FindingNew[] {
    return this.entries.flatMap(({ event, failed, first }) => {
      const isAlone = !this.entries.some(
        (other) =>
          other.event !== event &&
          other.event.property === event.property &&
          other.first.scenario === first.scenario,
      );
      if (isAlone) return [];
      const rate = { failed: failed.get(first.backend) ?? 0, of: runsOf(event.case) };
      return [{ ...event, rate }];
    });
  }
}
