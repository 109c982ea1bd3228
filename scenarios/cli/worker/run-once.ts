// Carries out one run in this process: simulates it, repeats it if asked to and compares, and
// records what happened the first time a kind of violation is seen.

import type { Catalog } from '../suite/catalog.ts';
import { findEntry } from '../suite/catalog.ts';
import { parseRepro } from '../../repro/parse-repro.ts';
import { fingerprintOf } from '../../run/fingerprint.ts';
import type { Stage } from '../../shrink/run-case.ts';
import type { RunResult, simulate } from '../../simulate.ts';
import type { TraceEvent } from '../../../reports/index.ts';
import { installGuard, macrotask, type World } from '../../../simulator/index.ts';
import { toTraceEvents } from '../../run/trace-events.ts';
import type { RepeatOutcome, RunDone, RunRequest } from './messages.ts';

/** The last events are the ones that explain a violation; a report cannot show more. */
const TRACE_EVENTS_MAX = 10_000;

type RunName = Pick<RunRequest, 'scenario' | 'backend' | 'seed'>;

export class Runner {
  readonly #catalog: Catalog;
  readonly #simulate: typeof simulate;
  readonly #guard = installGuard();
  /** Runs come in the order of the log, so the first of a kind in the log is a first here too. */
  readonly #seen = new Set<string>();
  #world: World | undefined;

  constructor(catalog: Catalog, simulateOnce: typeof simulate) {
    this.#catalog = catalog;
    this.#simulate = simulateOnce;
  }

  async run(request: RunRequest): Promise<RunDone> {
    const startedMs = performance.now();
    if (request.repro !== undefined) return this.#runRepro(request, request.repro);
    const result = await this.simulate(request, request.record === 'all');
    const wallMs = elapsedSince(startedMs);
    const repeat = request.isRepeated ? await this.#repeat(request, result) : undefined;
    const isNew = request.record === 'findings' && this.#isNewViolation(request, result);
    const recorded = isNew ? await this.simulate(request, true) : result;
    return doneOf({ sequence: request.sequence, result: recorded, wallMs, repeat });
  }

  async #runRepro({ sequence, scenario: id }: RunRequest, text: string): Promise<RunDone> {
    // Loads the engine, which must not happen before a mutant is in place.
    const { runCase } = await import('../../shrink/run-case.ts');
    const startedMs = performance.now();
    const { scenario } = findEntry(this.#catalog, id);
    const repro = parseRepro(text, id);
    try {
      const recorded = await runCase({ scenario, stage: this.#stage() }, repro.case, {
        record: true,
      });
      const wallMs = elapsedSince(startedMs);
      return doneOf({ sequence, result: recorded, wallMs, repeat: undefined });
    } finally {
      this.#world = undefined;
    }
  }

  /** What surfaces outside of a run's own calls: an unhandled rejection. False if nothing runs. */
  blame(error: unknown): boolean {
    this.#world?.fail(error);
    return this.#world !== undefined;
  }

  async simulate(request: RunName, record: boolean): Promise<RunResult> {
    const { scenario } = findEntry(this.#catalog, request.scenario);
    const { backend, seed } = request;
    try {
      return await this.#simulate({
        scenario,
        backend,
        seed,
        record,
        ...this.#stage(),
      });
    } finally {
      this.#world = undefined;
    }
  }

  #stage(): Stage {
    return {
      drain: macrotask,
      scope: this.#guard,
      attach: (world) => {
        this.#world = world;
      },
    };
  }

  async #repeat(request: RunRequest, first: RunResult): Promise<RepeatOutcome> {
    const second = await this.simulate(request, false);
    if (isSame(first, second)) return { kind: 'same' };
    const [left, right] = [await this.simulate(request, true), await this.simulate(request, true)];
    const [one, other] = [left, right].map(({ trace }) => toTraceEvents(trace ?? []));
    const where = firstDifference(one ?? [], other ?? []);
    const digests = `digest ${first.digest}, then ${second.digest}`;
    return { kind: 'different', firstDifference: `${where ?? 'no event'} (${digests})` };
  }

  #isNewViolation({ scenario }: RunRequest, { verdict, property, message }: RunResult): boolean {
    if (verdict !== 'invalid') return false;
    const violation = { scenario, property: property ?? '', message: message ?? '' };
    const fingerprint = fingerprintOf(violation);
    const isNew = !this.#seen.has(fingerprint);
    this.#seen.add(fingerprint);
    return isNew;
  }
}

function elapsedSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 10) / 10;
}

function doneOf(run: {
  readonly sequence: number;
  readonly result: RunResult;
  readonly wallMs: number;
  readonly repeat: RepeatOutcome | undefined;
}): RunDone {
  const { trace, ...rest } = run.result;
  return {
    kind: 'run-done',
    ...run,
    // A thousand marks a run, of which nobody asks for one, are not worth their way.
    result: { ...rest, marks: [] },
    trace: trace === undefined ? undefined : toTraceEvents(trace.slice(-TRACE_EVENTS_MAX)),
  };
}

function isSame(first: RunResult, second: RunResult): boolean {
  return (
    first.digest === second.digest &&
    first.verdict === second.verdict &&
    first.property === second.property &&
    first.message === second.message
  );
}

function firstDifference(
  left: readonly TraceEvent[],
  right: readonly TraceEvent[],
): string | undefined {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one, other] = [left[index], right[index]];
    if (textOf(one) !== textOf(other)) return `${textOf(one)} / ${textOf(other)}`;
  }
  return undefined;
}

function textOf(event: TraceEvent | undefined): string {
  if (event === undefined) return 'nothing';
  return `step ${event.step}, ${event.timeMs} ms, ${event.host}: ${event.kind} ${event.text}`;
}
