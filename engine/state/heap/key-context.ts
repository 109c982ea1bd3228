// The key that is being worked on, shared by all states of one backend. Everything derived from it
// is computed once per key, and its key group, a hash, only when an entry or a timer needs it.

import { assert, InvariantViolation } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';
import { keyGroupOf } from '../key-groups.ts';
import type { LookupKey } from '../lookup-key.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { KeyGroupRange } from '../state-handle.ts';

const UNKNOWN_GROUP = -1;
/** Small integers cost no allocation. */
const LAST_EPOCH = 0x3fff_ffff;

export class KeyContext {
  readonly range: KeyGroupRange;
  readonly maxParallelism: number;
  key: unknown = undefined;
  lookup: LookupKey = undefined;
  /** Changes with the key: what was found for the key stays found while the epoch is the same. */
  epoch = 0;
  #group = UNKNOWN_GROUP;
  readonly #onWrap: (() => void)[] = [];

  constructor(range: KeyGroupRange, maxParallelism: number) {
    this.range = range;
    this.maxParallelism = maxParallelism;
  }

  /** Strings are not compared with the key before: that costs more than it saves. */
  set(key: unknown): void {
    if (typeof key === 'number') {
      if (key === this.key) return;
      this.lookup = key;
    } else {
      if (key === undefined || key === null) throw missingKey(key);
      this.lookup = lookupKeyOf(key);
    }
    this.key = key;
    this.#group = UNKNOWN_GROUP;
    this.renew();
  }

  /** What was found for the key has to be found anew. */
  renew(): void {
    this.epoch = (this.epoch + 1) & LAST_EPOCH;
    if (this.epoch === 0) for (const forget of this.#onWrap) forget();
  }

  /** `forget` drops whatever was remembered of an epoch, before epochs come round again. */
  onWrap(forget: () => void): void {
    this.#onWrap.push(forget);
  }

  /** The key group of the current key. */
  group(): number {
    assert(this.key !== undefined, 'Cannot write keyed state: no current key');
    if (this.#group === UNKNOWN_GROUP) this.#group = this.groupOf(this.key);
    return this.#group;
  }

  /** Asserts that the key belongs here: records were routed by the same formula. */
  groupOf(key: unknown): number {
    const group = keyGroupOf(key, this.maxParallelism);
    if (group < this.range.first || group > this.range.last) strayKey(group, this.range);
    return group;
  }
}

/** Apart from the check, so that no message is put together while all is well. */
function strayKey(group: number, { first, last }: KeyGroupRange): never {
  throw new InvariantViolation(
    `Cannot keep key group ${group} in ${first}..${last}: its key belongs to another subtask`,
  );
}

function missingKey(key: undefined | null): OnceproofError {
  return new OnceproofError('OP-E406', `Cannot use ${key} as a key`, {
    place: 'key',
    remedy: 'Let the key selector return a value for every record',
  });
}
