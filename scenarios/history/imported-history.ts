// From an exported history back to one that checkers judge. Functions that were applied when it was
// exported become look-ups in what they gave then.

import { OnceproofError } from '../../engine/core/errors.ts';
import type { History } from '../checkers/checker.ts';
import { HISTORY_VERSION, PLAIN_PARTS } from './exported-history.ts';
import { fromPlain, type Plain } from './plain-values.ts';

type PlainObject = { readonly [name: string]: Plain };

/** OP-E154 for text that is no history, or one of another version. */
export function importHistory(text: string): History {
  const parsed = parse(text);
  if (!isObject(parsed) || parsed['format'] !== 'onceproof-history') {
    throw unreadable('it is not an exported history');
  }
  const { version, history } = parsed;
  if (version !== HISTORY_VERSION) {
    throw unreadable(`its version is not ${HISTORY_VERSION}`);
  }
  if (history === undefined || !isObject(history)) throw unreadable('it has no history');
  return historyOf(history);
}

function historyOf(plain: PlainObject): History {
  const parts = PLAIN_PARTS.filter((name) => plain[name] !== undefined).map((name) => {
    return [name, fromPlain(plain[name] ?? null)] as const;
  });
  const records = rowsOf(plain['records']);
  const expected = rowsOf(plain['expected']);
  const settled = rowsOf(plain['settled']);
  const compared = new Map([...expected, ...settled].map((row) => [row.value, row.compared]));
  const ids = new Map(records.map(({ value, id }) => [value, id]));
  const accounts = new Map(settled.map(({ value, accountsFor }) => [value, accountsFor]));
  const hasLedger = plain['hasLedger'] === true;
  const reference = plain['reference'];
  return {
    // Checked by its version alone: whoever changes the form of a part gives it another one.
    ...(Object.fromEntries(parts) as unknown as History),
    records: records.map(({ value }) => value),
    expected: expected.map(({ value }) => value),
    settle: () => settled.map(({ value }) => value),
    project: (value) => compared.get(value),
    accountsFor: hasLedger ? (value) => accounts.get(value) ?? [] : undefined,
    idOf: hasLedger ? (value) => ids.get(value) ?? '' : undefined,
    ...(reference !== undefined && isObject(reference) ? { reference: historyOf(reference) } : {}),
  };
}

interface Row {
  readonly value: unknown;
  readonly compared: unknown;
  readonly id: string;
  readonly accountsFor: readonly string[];
}

/** Objects are made once, so that they can be looked up by identity; equal others are equal. */
function rowsOf(plain: Plain | undefined): readonly Row[] {
  if (!Array.isArray(plain)) throw unreadable('a list of it is missing');
  return plain.filter(isObject).map((row) => ({
    value: fromPlain(row['value'] ?? null),
    compared: fromPlain(row['compared'] ?? null),
    id: typeof row['id'] === 'string' ? row['id'] : '',
    accountsFor: Array.isArray(row['accountsFor']) ? row['accountsFor'].map(String) : [],
  }));
}

function parse(text: string): Plain {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    throw unreadable('it is not JSON');
  }
}

function isObject(plain: Plain): plain is PlainObject {
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain);
}

function unreadable(why: string): OnceproofError {
  return new OnceproofError('OP-E154', `Cannot read a history: ${why}`, {
    remedy: 'Export it again with "onceproof replay <run> --history <file.json>"',
  });
}
