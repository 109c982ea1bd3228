/**
 * The verdict a report may show. A log claims one in its last line; the evidence in the log can
 * only make it worse. A report that says "no violation" above a finding must not exist.
 */
import type { SuiteEnd, SuiteVerdict } from './events.ts';

const RANK: Readonly<Record<SuiteVerdict, number>> = {
  'no-violation': 0,
  inconclusive: 1,
  violated: 2,
  nondeterministic: 3,
};

const EXIT: Readonly<Record<SuiteVerdict, number>> = {
  'no-violation': 0,
  violated: 1,
  inconclusive: 2,
  nondeterministic: 3,
};

const HEADLINE: Readonly<Record<SuiteVerdict, string>> = {
  'no-violation': 'No violation found',
  violated: 'Violated',
  inconclusive: 'Inconclusive',
  nondeterministic: 'Nondeterministic',
};

const EXIT_MEANING: ReadonlyMap<number, string> = new Map([
  [0, 'no violation found, all gates met'],
  [1, 'at least one property violated'],
  [2, 'inconclusive: a goal was missed or the budget ended early'],
  [3, 'nondeterministic: a repeated run differed, results cannot be trusted'],
  [4, 'nothing to run'],
  [5, 'the replay did not reproduce'],
  [6, 'a backend could not start or broke its contract'],
  [7, 'the run finished, but a report could not be written'],
  [64, 'bad usage'],
  [65, 'a config or scenario file does not load'],
  [70, 'internal error of onceproof'],
  [130, 'interrupted; what ran is complete'],
  [143, 'terminated; what ran is complete'],
]);

export interface Evidence {
  readonly runs: number;
  readonly findings: number;
  readonly invalidRuns: number;
  readonly differed: number;
}

export interface Judgement {
  readonly verdict: SuiteVerdict;
  readonly headline: string;
  readonly exit: number;
  readonly exitMeaning: string;
  /** True when the evidence is worse than what the log claims. */
  readonly overruled: boolean;
}

export function judge(end: SuiteEnd | undefined, evidence: Evidence): Judgement {
  const found = evidenceVerdict(end, evidence);
  const claimed = end?.verdict ?? 'inconclusive';
  const overruled = RANK[found] > RANK[claimed];
  const verdict = overruled ? found : claimed;
  const exit = end === undefined || overruled ? EXIT[verdict] : end.exit;
  const exitMeaning = EXIT_MEANING.get(exit) ?? 'unknown exit code';
  return { verdict, headline: HEADLINE[verdict], exit, exitMeaning, overruled };
}

function evidenceVerdict(end: SuiteEnd | undefined, evidence: Evidence): SuiteVerdict {
  if (evidence.differed > 0 || (end?.nondeterministic ?? 0) > 0) return 'nondeterministic';
  if (evidence.findings > 0 || evidence.invalidRuns > 0) return 'violated';
  const isPartial = end === undefined || end.interrupted === true || evidence.runs === 0;
  return isPartial ? 'inconclusive' : 'no-violation';
}
