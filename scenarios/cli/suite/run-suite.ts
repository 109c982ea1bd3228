// Carries out runs: hands them to workers, puts the results back into order, writes them to the
// log as they come, and stops when the budget, the user or the findings say so.

import type { RunEnd } from '../../../reports/index.ts';
import type { RunDone, RunFailed } from '../worker/messages.ts';
import { WorkerPool } from '../worker/worker-pool.ts';
import type { EventStream } from './event-stream.ts';
import { FindingBook, type FindingEntry } from './finding-book.ts';
import { InOrder } from './in-order.ts';
import { DECLARED_MARKS } from '../../declared-marks.ts';
import { Marks } from './marks.ts';
import type { PlannedRun } from './plan.ts';
import type { Case } from './select.ts';
import type { Tally } from './tally.ts';

/** Whoever shows what happens. */
export interface SuiteWatcher {
  onRun(run: PlannedRun, done: RunDone): void;
  onFailedRun(run: PlannedRun, failed: RunFailed): void;
  onFinding(id: string, book: FindingBook): void;
  onOutput(text: string): void;
}

export interface SuiteOptions {
  /** In the order of the log. */
  readonly runs: Iterable<PlannedRun>;
  /** How many; undefined if only the time limits them. */
  readonly planned: number | undefined;
  readonly cases: readonly Case[];
  readonly files: readonly string[];
  readonly workers: number;
  readonly runLimitMs: number;
  /** From the moment the first worker is ready. */
  readonly forMs: number | undefined;
  readonly maxFindings: number;
  readonly isStable: boolean;
  readonly events: EventStream;
  readonly tally: Tally;
  readonly watcher: SuiteWatcher;
  readonly replayLine: (run: PlannedRun) => string;
}

type Reply = { readonly run: PlannedRun; readonly reply: RunDone | RunFailed };

const PROGRESS_MS = 5_000;

export class Suite {
  readonly #options: SuiteOptions;
  readonly #pool: WorkerPool;
  readonly #inOrder: InOrder<Reply>;
  readonly #underWay = new Map<number, PlannedRun>();
  readonly #marks = new Marks(DECLARED_MARKS);
  readonly #runsOfCase = new Map<string, number>();
  readonly book: FindingBook;
  readonly failures: RunFailed[] = [];
  runs = 0;
  unknownRuns = 0;
  repeated = 0;
  differed = 0;
  firstDifference: string | undefined;
  #progressMs = performance.now();
  #isInterrupted = false;

  constructor(options: SuiteOptions) {
    this.#options = options;
    this.book = new FindingBook(options.replayLine);
    this.#inOrder = new InOrder((reply) => this.#take(reply));
    const planned = options.planned ?? Number.POSITIVE_INFINITY;
    this.#pool = new WorkerPool({
      files: options.files,
      mutant: undefined,
      workers: Math.max(1, Math.min(options.workers, planned)),
      runLimitMs: options.runLimitMs,
      onReply: (reply) => this.#onReply(reply),
      onOutput: (text) => options.watcher.onOutput(text),
    });
  }

  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Cases of the plan that had not a single run. */
  get idleCases(): number {
    return this.#options.cases.filter(({ id }) => !this.#runsOfCase.has(id)).length;
  }

  /** How many runs of a case are in the log. */
  runsOf(caseId: string): number {
    return this.#runsOfCase.get(caseId) ?? 0;
  }

  async run(): Promise<void> {
    try {
      await this.#pool.run(this.#requests());
    } finally {
      this.#pool.close();
    }
    this.#inOrder.flush();
    for (const event of this.#closingEvents()) this.#options.events.emit(event);
  }

  /** What was already carried out is written down; what is under way is given up. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#pool.stop();
  }

  *#requests(): Generator<PlannedRun, void> {
    const { forMs, maxFindings } = this.#options;
    if (this.book.entries.length >= maxFindings) return;
    const startedMs = performance.now();
    for (const run of this.#options.runs) {
      if (forMs !== undefined && performance.now() - startedMs >= forMs) return;
      this.#underWay.set(run.sequence, run);
      yield run;
    }
  }

  #onReply(reply: RunDone | RunFailed): void {
    const run = this.#underWay.get(reply.sequence);
    if (run === undefined || this.#inOrder.isStopped) return;
    this.#underWay.delete(reply.sequence);
    if (reply.kind === 'run-done') this.#options.tally.add(run, reply);
    else this.#options.tally.failures += 1;
    this.#inOrder.push(reply.sequence, { run, reply });
    this.#showProgress();
  }

  #take({ run, reply }: Reply): void {
    const { watcher } = this.#options;
    if (reply.kind === 'run-failed') {
      this.failures.push(reply);
      watcher.onFailedRun(run, reply);
      return;
    }
    this.#count(run, reply);
    this.#options.events.emit(runEnd(run, reply, this.#options.isStable));
    watcher.onRun(run, reply);
    const found = this.book.add(run, reply);
    if (found === undefined) return;
    this.#announce(found);
    if (this.book.entries.length < this.#options.maxFindings) return;
    this.#inOrder.stop();
    this.#pool.stop();
  }

  /** Before `run`: a saved repro that fails again. */
  addSaved(run: PlannedRun, done: RunDone, replayLine: string): void {
    const found = this.book.addSaved(run, done, replayLine);
    if (found !== undefined) this.#announce(found);
  }

  #announce({ event, first }: FindingEntry): void {
    const { id, property } = event;
    this.#options.events.emit(event);
    this.#options.tally.findings.push({ id, property, scenario: first.scenario });
    this.#options.watcher.onFinding(id, this.book);
  }

  #count(run: PlannedRun, { result, repeat }: RunDone): void {
    this.runs += 1;
    this.#runsOfCase.set(run.case.id, this.runsOf(run.case.id) + 1);
    this.#marks.add(run.run, result.sometimes);
    if (result.verdict === 'unknown') this.unknownRuns += 1;
    if (repeat !== undefined) this.repeated += 1;
    if (repeat?.kind !== 'different') return;
    this.differed += 1;
    this.firstDifference ??= `${run.run}: ${repeat.firstDifference}`;
  }

  #closingEvents(): Parameters<EventStream['emit']>[0][] {
    const { repeated, differed, firstDifference } = this;
    const findings = this.book.entries.filter(({ trace }) => trace.length > 0);
    return [
      ...this.book.rates((caseId) => this.runsOf(caseId)),
      ...findings.map(({ event, trace }) => {
        return { v: 1, type: 'finding.events', id: event.id, events: trace } as const;
      }),
      ...this.#marks.events(),
      {
        v: 1,
        type: 'determinism',
        repeated,
        differed,
        ...(firstDifference === undefined ? {} : { firstDifference }),
      },
    ];
  }

  #showProgress(): void {
    const { isStable, events, tally } = this.#options;
    const nowMs = performance.now();
    if (isStable || nowMs - this.#progressMs < PROGRESS_MS) return;
    this.#progressMs = nowMs;
    const of = tally.planned ?? tally.runs;
    const findings = tally.findings.length;
    events.emitProgress({ v: 1, type: 'progress', runs: tally.runs, of, findings });
  }
}

export function runEnd(run: PlannedRun, { result, wallMs }: RunDone, isStable: boolean): RunEnd {
  return {
    v: 1,
    type: 'run.end',
    run: run.run,
    case: run.case.id,
    seed: run.seed,
    index: run.index,
    verdict: result.verdict,
    ...(result.property === undefined ? {} : { property: result.property }),
    ...(result.message === undefined ? {} : { message: result.message }),
    steps: result.steps,
    simMs: result.simMs,
    ...(isStable ? {} : { wallMs }),
    faults: result.faults,
    recoveries: result.recoveries,
    checkpoints: result.checkpoints,
    records: result.records,
    commits: result.commits,
    digest: result.digest,
    sometimes: result.sometimes,
    properties: result.properties,
  };
}
