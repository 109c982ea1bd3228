// The history of a run as plain data, so that somebody else can judge it again. What a scenario
// says by functions (which outputs replace others, what is compared, which records an output
// accounts for) has been applied and stands beside the data. docs/oracles.md describes the format.

import type { History } from '../checkers/checker.ts';
import { outputsOf } from '../checkers/multiset.ts';
import { type Plain, toPlain } from './plain-values.ts';

/** Of the format; another number where a reader of this one would misunderstand. */
export const HISTORY_VERSION = 1;

/** Goes over as it is: data without functions. */
export const PLAIN_PARTS = [
  'guarantee',
  'checkpointTimeFactor',
  'mayRefuse',
  'end',
  'durableOutput',
  'events',
  'commits',
  'checkpointFiles',
  'localFiles',
  'unfinishedFiles',
  'damaged',
  'retainedCheckpoints',
  'healedAtMs',
  'hadStorageFaults',
  'storage',
  'output',
  'hosts',
  'laterJobs',
  'operations',
  'ownedFiles',
] as const satisfies readonly (keyof History)[];

export interface ExportedHistory {
  readonly format: 'onceproof-history';
  readonly version: number;
  /** The run id, or any other name. */
  readonly run: string;
  readonly history: { readonly [name: string]: Plain };
  /** In Jepsen's form, for its set checkers: every record is added, and at the end all are read. */
  readonly operations: readonly Plain[];
}

export function exportHistory(run: string, history: History): ExportedHistory {
  return {
    format: 'onceproof-history',
    version: HISTORY_VERSION,
    run,
    history: plainHistory(history),
    operations: operationsOf(history),
  };
}

function plainHistory(history: History): { readonly [name: string]: Plain } {
  const { project, accountsFor, idOf, records, expected, reference } = history;
  const settled = outputsOf(history);
  const parts: [string, Plain][] = [
    ...PLAIN_PARTS.filter((name) => history[name] !== undefined).map((name): [string, Plain] => {
      return [name, toPlain(history[name])];
    }),
    [
      'records',
      records.map((record) => ({
        value: toPlain(record),
        ...(idOf === undefined ? {} : { id: idOf(record) }),
      })),
    ],
    [
      'expected',
      expected.map((value) => ({ value: toPlain(value), compared: toPlain(project(value)) })),
    ],
    [
      'settled',
      settled.map((value) => ({
        value: toPlain(value),
        compared: toPlain(project(value)),
        ...(accountsFor === undefined ? {} : { accountsFor: accountsFor(value) }),
      })),
    ],
    ['hasLedger', accountsFor !== undefined && idOf !== undefined],
    ...(reference === undefined ? [] : [['reference', plainHistory(reference)] as [string, Plain]]),
  ];
  return Object.fromEntries(parts);
}

/** Empty where a scenario keeps no ledger: then records and outputs cannot be matched. */
function operationsOf(history: History): readonly Plain[] {
  const { accountsFor, idOf, records, end } = history;
  if (accountsFor === undefined || idOf === undefined) return [];
  const operations: Plain[] = [];
  const note = (type: string, f: string, value: Plain): void => {
    operations.push({ index: operations.length, process: 0, type, f, value });
  };
  for (const record of records) {
    const id = idOf(record);
    note('invoke', 'add', id);
    // Of a job that did not finish nobody knows whether it would have come out.
    note(end.kind === 'finished' ? 'ok' : 'info', 'add', id);
  }
  note('invoke', 'read', null);
  note('ok', 'read', outputsOf(history).flatMap(accountsFor));
  return operations;
}
