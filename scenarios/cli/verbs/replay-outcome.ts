// Whether a replay showed what it was said to show. What it was said to show is what the last
// suite's log holds about the run; without that, a run is replayed because somebody saw it fail.

import type { RunEnd } from '../../../reports/index.ts';
import { fingerprintOf } from '../../run/fingerprint.ts';
import type { RunId } from '../../seeds.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { RunDone } from '../worker/messages.ts';

export interface Replayed {
  readonly id: RunId;
  readonly run: string;
  readonly done: RunDone;
  /** What the last suite's log says about this run. */
  readonly recorded: RunEnd | undefined;
  readonly outcome: ReplayOutcome;
}

export type ReplayOutcome =
  | 'reproduced'
  /** It holds, and nobody said that it should not. */
  | 'held-as-recorded'
  | 'not-reproduced'
  | 'different-violation'
  /** It was recorded as holding, and is violated. */
  | 'newly-violated';

const EXITS: Readonly<Record<ReplayOutcome, ExitCode>> = {
  reproduced: 1,
  'held-as-recorded': 0,
  'not-reproduced': 5,
  'different-violation': 5,
  'newly-violated': 1,
};

/** Whoever expects a fix asks the opposite question. */
export function exitOfReplay(outcome: ReplayOutcome, isFixExpected: boolean): ExitCode {
  if (!isFixExpected) return EXITS[outcome];
  return outcome === 'not-reproduced' || outcome === 'held-as-recorded' ? 0 : 1;
}

export function outcomeOf(
  { scenario }: RunId,
  { result }: RunDone,
  recorded: RunEnd | undefined,
): ReplayOutcome {
  const isViolated = result.verdict === 'invalid';
  if (!isViolated) {
    return recorded === undefined || recorded.verdict === 'invalid'
      ? 'not-reproduced'
      : 'held-as-recorded';
  }
  if (recorded === undefined) return 'reproduced';
  if (recorded.verdict !== 'invalid') return 'newly-violated';
  const print = ({
    property = '',
    message = '',
  }: {
    property?: string;
    message?: string;
  }): string => fingerprintOf({ scenario, property, message });
  return print(recorded) === print(result) ? 'reproduced' : 'different-violation';
}
