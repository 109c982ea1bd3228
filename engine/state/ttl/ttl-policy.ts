// When a value with a time to live has expired, and what a read does about it. Flink's rules; time
// is processing time. The configuration is not part of a checkpoint, the time stamps are.

import { OnceproofError } from '../../core/errors.ts';
import type { StateTtlConfig } from '../state-descriptor.ts';

/** A value with the time of its last update. Changed in place: no object is spent per update. */
export interface Stamped<T> {
  value: T;
  stamp: number;
}

export interface TtlPolicy {
  readonly ttlMs: number;
  readonly updatesOnRead: boolean;
  readonly returnsExpired: boolean;
  readonly now: () => number;
}

/** Entries looked at per access, besides the accessed one: Flink's default for heap state. */
export const CLEAN_UP_ENTRIES_PER_ACCESS = 5;

/** Undefined where values live forever. */
export function ttlPolicy(
  config: StateTtlConfig | undefined,
  stateName: string,
  now: () => number,
): TtlPolicy | undefined {
  if (config === undefined || config.updateType === 'disabled') return undefined;
  if (!Number.isSafeInteger(config.ttlMs) || config.ttlMs < 1) {
    throw new OnceproofError('OP-E411', `Cannot let state live for ${config.ttlMs} ms`, {
      place: `state "${stateName}"`,
      remedy: 'Set ttlMs to an integer of at least 1, or leave the ttl out',
    });
  }
  return {
    ttlMs: config.ttlMs,
    updatesOnRead: config.updateType === 'on-read-and-write',
    returnsExpired: config.visibility === 'return-expired-if-not-cleaned-up',
    now,
  };
}

/** At exactly `stamp + ttl` a value has expired. Sums are kept below the largest safe integer. */
export function isExpired(policy: TtlPolicy, stamp: number): boolean {
  const ttl = stamp > 0 ? Math.min(Number.MAX_SAFE_INTEGER - stamp, policy.ttlMs) : policy.ttlMs;
  return stamp + ttl <= policy.now();
}
