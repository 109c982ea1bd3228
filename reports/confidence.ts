/**
 * What "no violation" is worth: after n runs without one, a bug that shows in more than 3/n of
 * runs would have been seen with 95 % probability (the rule of three; -ln 0.05 is 2.996).
 * It supposes that seeds are independent draws, and says nothing about what no run exercises.
 */
import type { Confidence } from './model.ts';
import { formatCount } from './format.ts';

/** Below this many runs the rule of three is not a usable approximation. */
const RUNS_MIN = 30;

/** The bound for `runs` runs as "1 of n"; rounded down, so it never claims too much. */
export function ruleOfThree(runs: number): number | null {
  return runs < RUNS_MIN ? null : Math.floor(runs / 3);
}

/** What one case proves. */
export function caseBound(runs: number, invalid: number, unknown: number): string {
  if (invalid > 0) return `violated in ${formatCount(invalid)} of ${formatCount(runs)} runs`;
  const bound = ruleOfThree(runs - unknown);
  if (bound === null) return `${formatCount(runs - unknown)} runs are too few for a bound`;
  return `at most 1 of ${formatCount(bound)} runs, 95\u00A0% sure`;
}

/** The statement of the whole suite. The weaker number comes first. */
export function confidence(options: {
  readonly runs: number;
  readonly smallestCase: number | null;
  readonly invalid: number;
  readonly isRepeatable: boolean;
}): Confidence {
  const { runs, smallestCase, invalid, isRepeatable } = options;
  if (!isRepeatable) return { perCase: null, overall: null, text: NOT_REPEATABLE };
  const perCase = smallestCase === null ? null : ruleOfThree(smallestCase);
  const overall = invalid > 0 ? null : ruleOfThree(runs);
  return { perCase, overall, text: sentence(perCase, overall, invalid) };
}

const NOT_REPEATABLE =
  'No bound can be stated: a run came out differently when it was repeated, so its seed does not \
decide it.';

function sentence(perCase: number | null, overall: number | null, invalid: number): string {
  if (perCase === null && overall === null) {
    return invalid > 0
      ? 'Properties were violated, and no other case has enough runs for a bound.'
      : `Too few runs for a bound: the rule of three needs ${RUNS_MIN}.`;
  }
  const parts = [
    perCase === null ? null : `1 of ${formatCount(perCase)} runs of one case`,
    overall === null ? null : `1 of ${formatCount(overall)} runs overall`,
  ].filter((part) => part !== null);
  const sure = invalid > 0 ? 'In the cases that held, 95\u00A0%' : '95\u00A0%';
  const bound = parts.join(', or ');
  return `${sure} sure to have seen any bug that shows in ${bound}. Rarer ones may remain.`;
}
