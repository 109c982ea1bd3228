// Fetches the state of the keys that a batch of records will use. The key selector is the user's:
// what it throws here it would throw a moment later while the record is processed, so it is
// reported the same way.

import type { KeyedStateBackend } from '../state/state-backend.ts';
import type { KeySelector } from './functions.ts';
import { userCodeError } from './user-code.ts';

export interface KeyedInput {
  /** Of the operator. */
  readonly name: string;
  readonly backend: KeyedStateBackend;
  readonly keySelector: KeySelector<unknown, unknown>;
}

/** Undefined where the state of all keys can be read already. */
export function prepareKeys(
  { name, backend, keySelector }: KeyedInput,
  values: readonly unknown[],
): Promise<void> | undefined {
  const keys: unknown[] = [];
  try {
    for (const value of values) {
      const key = keySelector(value);
      // A record without a key is refused when its turn comes.
      if (key !== undefined && key !== null) keys.push(key);
    }
  } catch (error) {
    throw userCodeError(name, error);
  }
  return backend.prepare?.(keys);
}
