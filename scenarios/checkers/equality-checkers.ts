// Judges of a run beside the same seed on another backend: what the job put out and the state it
// ended with are the same, whatever keeps the state and however the two runs went.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';
import { compareMultisets, outputsOf } from './multiset.ts';

const SHOWN = 8;

export const sameOutput: Checker = {
  name: 'same-output-on-every-backend',
  explanation: 'The same seed commits the same output, whichever backend keeps the state.',
  check(history: History): Finding {
    const { reference } = history;
    if (reference === undefined || !haveFinished(history, reference)) return NOT_EXERCISED;
    const wanted = outputsOf(reference).map(reference.project);
    const { missing, surplus } = compareMultisets(wanted, outputsOf(history).map(history.project));
    if (missing.length + surplus.length === 0) return valid(wanted.length);
    return invalid(wanted.length, `${missing.length} outputs are missing, ${surplus.length} new`, {
      expected: missing.slice(0, SHOWN).map(({ text }) => text),
      actual: surplus.slice(0, SHOWN).map(({ text }) => text),
    });
  },
};

export const sameState: Checker = {
  name: 'same-state-on-every-backend',
  explanation:
    'The same seed ends with the same keyed state, as the last snapshot of each subtask has it.',
  check(history: History): Finding {
    const { reference } = history;
    if (reference === undefined || !haveFinished(history, reference)) return NOT_EXERCISED;
    const wanted = lastDigests(reference);
    const found = lastDigests(history);
    for (const [subtask, digest] of wanted) {
      const actual = found.get(subtask) ?? 'no snapshot';
      if (actual === digest) continue;
      const difference = { expected: [digest], actual: [actual] };
      return invalid(wanted.size, `The state of ${subtask} differs in the end`, difference);
    }
    return valid(wanted.size);
  },
};

function haveFinished(...histories: readonly History[]): boolean {
  return histories.every(({ end }) => end.kind === 'finished');
}

/** A task ends once a checkpoint has its state as it is after all data, so the last one has it. */
function lastDigests({ events }: History): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const { event } of events) {
    if (event.kind !== 'keyed-state-snapshotted') continue;
    const { operator, subtask, parallelism, digest } = event;
    digests.set(`${operator}/${subtask} of ${parallelism}`, digest);
  }
  return digests;
}
