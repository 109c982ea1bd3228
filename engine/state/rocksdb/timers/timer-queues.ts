// The timer queues of a RocksDB backend, wherever they keep their timers, and how due timers are
// made ready to fire: a bounded number at a time, with the state of their keys.

import { sometimes } from '../../../core/sometimes.ts';
import type { TypeSerializer } from '../../../stream/type-serializer.ts';
import type { StateMeta } from '../../heap/snapshot-format.ts';
import type { CapturedTimers } from '../../heap/snapshot-writer.ts';
import type { LogicalDigest } from '../../logical-digest.ts';
import type { TimerQueue } from '../../state-backend.ts';
import type { KeyGroupRange } from '../../state-handle.ts';

/** As many keys as a batch may have. */
const DUE_AT_ONCE = 1024;

/** Additions of queues whose timers may lie in a store. */
interface FetchedTimers {
  hasAllUpTo(timestamp: number): boolean;
  needsFetch(timestamp: number): boolean;
  fetch(timestamp: number): Promise<void>;
}

export interface TimerQueues {
  open<N>(name: string, namespace: TypeSerializer<N>): TimerQueue<N>;
  /** Undefined if nobody opened it. */
  find(name: string): (TimerQueue<unknown> & Partial<FetchedTimers>) | undefined;
  /** What the store does not hold. Adds to `metas` what it refers to. */
  capture(metas: StateMeta[], range: KeyGroupRange): readonly CapturedTimers[];
  digest(digest: LogicalDigest): void;
  clear(): void;
}

type Prepare = (keys: readonly unknown[]) => Promise<void> | undefined;

/**
 * Undefined where all timers up to `timestamp` may fire. Otherwise, once the promise has resolved,
 * the first of them may.
 */
export function prepareDueTimers(
  queue: TimerQueue<unknown> & Partial<FetchedTimers>,
  timestamp: number,
  prepare: Prepare,
): Promise<void> | undefined {
  if (queue.needsFetch?.(timestamp) === true) return fetchDue(queue, timestamp, prepare);
  const keys = queue.keysUpTo(timestamp, DUE_AT_ONCE + 1);
  const isAll = keys.length <= DUE_AT_ONCE && queue.hasAllUpTo?.(timestamp) !== false;
  if (isAll) return prepare(keys);
  sometimes(true, 'more timers are due than are fetched at once');
  return prepare(keys.slice(0, DUE_AT_ONCE)) ?? Promise.resolve();
}

async function fetchDue(
  queue: TimerQueue<unknown> & Partial<FetchedTimers>,
  timestamp: number,
  prepare: Prepare,
): Promise<void> {
  await queue.fetch?.(timestamp);
  const keys = queue.keysUpTo(timestamp, DUE_AT_ONCE);
  sometimes(keys.length > 0, 'timers that are due are read from RocksDB');
  await prepare(keys);
}
