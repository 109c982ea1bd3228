// Judges of what the job put out: nothing lost, nothing repeated, nothing made up. They look at
// files that a loss of power would leave, because output that may still vanish is not committed.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';
import { compareMultisets, outputsOf } from './multiset.ts';

/** How many differing rows are shown. */
const SHOWN = 12;

export const ledger: Checker = {
  name: 'exactly-once-ledger',
  explanation:
    'Every input record is accounted for by exactly one committed output (at least one, for ' +
    'at-least-once jobs), and no output accounts for a record that was never there.',
  check(history: History): Finding {
    const { accountsFor, idOf, records, guarantee, end } = history;
    if (accountsFor === undefined || idOf === undefined) return NOT_EXERCISED;
    const counts = new Map(records.map((record) => [idOf(record), 0]));
    for (const output of outputsOf(history)) {
      for (const id of accountsFor(output)) {
        const count = counts.get(id);
        if (count === undefined) return invalid(counts.size, `Record ${id} was never put in`);
        counts.set(id, count + 1);
      }
    }
    const repeated = [...counts].filter(([, count]) => count > 1).map(([id]) => id);
    if (repeated.length > 0 && guarantee === 'exactly-once') {
      return complain('committed more than once', repeated, counts);
    }
    const lost = [...counts].filter(([, count]) => count === 0).map(([id]) => id);
    if (lost.length > 0 && end.kind === 'finished') return complain('lost', lost, counts);
    return valid(counts.size);
  },
};

export const equalsModel: Checker = {
  name: 'equals-sequential-model',
  explanation:
    'The committed output is the multiset that the sequential model gives; a job that was ' +
    'allowed to stop has committed a part of it; an at-least-once job may repeat parts of it.',
  check(history: History): Finding {
    const { expected, project, guarantee, end } = history;
    const actual = outputsOf(history).map(project);
    const wanted = expected.map(project);
    const { missing, surplus } = compareMultisets(wanted, actual);
    const made = guarantee === 'exactly-once' ? surplus : surplus.filter((row) => !row.isRepeated);
    const lost = end.kind === 'finished' ? missing : [];
    if (made.length === 0 && lost.length === 0) return valid(wanted.length);
    const what = [
      ...(lost.length > 0 ? [`${lost.length} outputs are missing`] : []),
      ...(made.length > 0 ? [`${made.length} are too many`] : []),
    ];
    return invalid(wanted.length, `Of ${wanted.length} outputs, ${what.join(' and ')}`, {
      expected: lost.slice(0, SHOWN).map(({ text }) => text),
      actual: made.slice(0, SHOWN).map(({ text }) => text),
    });
  },
};

function complain(
  what: string,
  ids: readonly string[],
  counts: ReadonlyMap<string, number>,
): Finding {
  const first = ids[0] ?? '';
  const others = ids.length > 1 ? `, and ${ids.length - 1} more` : '';
  return invalid(counts.size, `Record ${first} was ${what}${others}`, {
    expected: ids.slice(0, SHOWN).map((id) => `${id} × 1`),
    actual: ids.slice(0, SHOWN).map((id) => `${id} × ${counts.get(id) ?? 0}`),
  });
}
