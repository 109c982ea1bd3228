// Carries out one run in this process: simulates it, repeats it if asked to and compares, and
// records what happened the first time a kind of violation is seen.

import type { Catalog } from '../suite/catalog.ts';
import { findEntry } from '../suite/catalog.ts';
import { fingerprintOf } from '../../run/fingerprint.ts';
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
    const result = await this.simulate(request, request.record === 'all');
    const wallMs = Math.round((performance.now() - startedMs) * 10) / 10;
    const repeat = request.isRepeated ? await this.#repeat(request, result) : undefined;
    const isNew = request.record === 'findings' && this.#isNewViolation(request, result);
    const recorded = isNew ? await this.simulate(request, true) : result;
    const { trace, ...rest } = recorded;
    return {
      kind: 'run-done',
      sequence: request.sequence,
      result: rest,
      wallMs,
      trace: trace === undefined ? undefined : toTraceEvents(trace.slice(-TRACE_EVENTS_MAX)),
      repeat,
    };
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
        drain: macrotask,
        record,
        scope: this.#guard,
        attach: (world) => {
          this.#world = world;
        },
      });
    } finally {
      this.#world = undefined;
    }
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
