// When a failure became unavoidable: looks for the last step of a failing run from which some
// other future still passes, by halving. What it says is measured, never proved: a future that
// passes may exist and be rare.

import { assert } from '../../engine/core/assert.ts';
import { endOf } from './positions.ts';
import type { Original, Try } from './departures.ts';

/** What futures from one place came to. */
export interface Probe {
  /** The first step that may differ. */
  readonly step: number;
  readonly tries: number;
  /** In the same way as the run. */
  readonly failed: number;
  readonly failedOtherwise: number;
  readonly passed: number;
  readonly results: readonly Try[];
}

export type NoReturn =
  /** From `last` some future passed, from `first` none did; there is no step between them. */
  | { readonly kind: 'found'; readonly last: Probe; readonly first: Probe }
  /** Not even from the first step on did any future pass. */
  | { readonly kind: 'from-the-start'; readonly first: Probe }
  /** It is somewhere between the two. */
  | { readonly kind: 'out-of-budget'; readonly above: number; readonly upTo: number }
  /** A try did not do the same as the run before it departed: nothing can be said. */
  | { readonly kind: 'past-differs'; readonly step: number };

export interface NoReturnOptions {
  readonly original: Pick<Original, 'trace'>;
  /** Tries of one place. */
  readonly tries: number;
  readonly attempt: (beforeStep: number, nth: number) => Promise<Try>;
  readonly sharesPast: (beforeStep: number, one: Try) => boolean;
  readonly isOver: () => boolean;
  readonly onProbe?: (probe: Probe) => void;
}

export async function findNoReturn(options: NoReturnOptions): Promise<NoReturn> {
  assert(options.tries >= 1, 'Cannot probe without a try');
  const search = new Search(options);
  const start = await search.probe(1, 'all');
  if (start === undefined) return search.stopped(0, endOf(options.original.trace));
  if (start.passed === 0) return { kind: 'from-the-start', first: start };
  let [low, high] = [1, endOf(options.original.trace)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const probe = await search.probe(middle, 'until-passed');
    if (probe === undefined) return search.stopped(low, high);
    if (probe.passed > 0) low = middle;
    else high = middle;
  }
  const last = await search.probe(low, 'all');
  const first = await search.probe(high, 'all');
  if (last === undefined || first === undefined) return search.stopped(low, high);
  return { kind: 'found', last, first };
}

class Search {
  readonly #options: NoReturnOptions;
  readonly #probes = new Map<number, Probe>();
  #differsAt: number | undefined;

  constructor(options: NoReturnOptions) {
    this.#options = options;
  }

  /** Undefined where the time is over, or where the past was not the same. */
  async probe(step: number, until: 'all' | 'until-passed'): Promise<Probe | undefined> {
    const { tries, onProbe } = this.#options;
    let probe = this.#probes.get(step) ?? probeOf(step, []);
    const isEnough = (): boolean => until !== 'all' && probe.passed > 0;
    while (probe.tries < tries && !isEnough()) {
      const one = await this.#try(step, probe.tries + 1);
      if (one === undefined) return undefined;
      probe = probeOf(step, [...probe.results, one]);
    }
    this.#probes.set(step, probe);
    onProbe?.(probe);
    return probe;
  }

  stopped(above: number, upTo: number): NoReturn {
    if (this.#differsAt !== undefined) return { kind: 'past-differs', step: this.#differsAt };
    return { kind: 'out-of-budget', above, upTo };
  }

  async #try(step: number, nth: number): Promise<Try | undefined> {
    const { attempt, sharesPast, isOver } = this.#options;
    if (isOver()) return undefined;
    const one = await attempt(step, nth);
    if (nth > 1 || sharesPast(step, one)) return one;
    this.#differsAt = step;
    return undefined;
  }
}

function probeOf(step: number, results: readonly Try[]): Probe {
  const count = (wanted: Try['ending']): number =>
    results.filter(({ ending }) => ending === wanted).length;
  return {
    step,
    tries: results.length,
    failed: count('failed'),
    failedOtherwise: count('failed-otherwise'),
    passed: count('passed'),
    results,
  };
}

/** Something that happened in some of the futures. */
export interface Trait {
  readonly what: string;
  readonly failed: number;
  readonly passed: number;
}

const TRAITS_MAX = 8;
/** Of the share among those that failed and the share among those that passed. */
const DIFFERENCE_MIN = 0.5;
/** Of fewer futures nothing can be said. */
const GROUP_MIN = 3;

/** What tells futures that failed from those that passed, the clearest first. */
export function traitsOf({ results }: Probe): readonly Trait[] {
  const groups = { failed: pick(results, 'failed'), passed: pick(results, 'passed') };
  if (Math.min(groups.failed.length, groups.passed.length) < GROUP_MIN) return [];
  const names = new Set([...groups.failed, ...groups.passed].flatMap((one) => [...one]));
  const share = (group: readonly ReadonlySet<string>[], what: string): number =>
    group.filter((one) => one.has(what)).length / group.length;
  return [...names]
    .map((what) => ({ what, by: share(groups.failed, what) - share(groups.passed, what) }))
    .filter(({ by }) => Math.abs(by) >= DIFFERENCE_MIN)
    .sort((left, right) => Math.abs(right.by) - Math.abs(left.by) || order(left.what, right.what))
    .slice(0, TRAITS_MAX)
    .map(({ what }) => ({
      what,
      failed: groups.failed.filter((one) => one.has(what)).length,
      passed: groups.passed.filter((one) => one.has(what)).length,
    }));
}

function pick(results: readonly Try[], wanted: Try['ending']): readonly ReadonlySet<string>[] {
  return results
    .filter(({ ending }) => ending === wanted)
    .map(({ result }) => {
      const { faults, sometimes, recoveries, checkpoints } = result;
      return new Set([
        ...Object.keys(faults).map((kind) => `fault ${kind}`),
        ...sometimes.map((mark) => `reached "${mark}"`),
        ...(recoveries > 0 ? ['the job recovered'] : []),
        ...(checkpoints.aborted > 0 ? ['a checkpoint was given up'] : []),
      ]);
    });
}

function order(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
