// Guards a user's key selector: it runs in the operator and in the partitioning before it, and both
// must see a usable key or the same error.

import { OnceproofError } from '../core/errors.ts';
import type { KeySelector } from '../operator/functions.ts';
import { refusePromise, userCodeError } from '../operator/user-code.ts';

const PLACE = 'keyBy()';

export function guardedKeySelector<T, K>(select: KeySelector<T, K>): KeySelector<unknown, unknown> {
  return (value) => {
    let key: unknown;
    try {
      key = select(value as T);
    } catch (error) {
      throw userCodeError(PLACE, error);
    }
    if (key === undefined || key === null) throw missingKey(key);
    if (typeof key === 'object') refusePromise(PLACE, key);
    return key;
  };
}

function missingKey(key: undefined | null): OnceproofError {
  return new OnceproofError('OP-E214', `Cannot use ${String(key)} as a key`, {
    place: PLACE,
    remedy: 'Let the key selector give a value for every record, or filter() before keyBy()',
  });
}
