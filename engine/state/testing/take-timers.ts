// Takes timers out of a queue as a job does: asks for those that are due, polls what is ready, and
// asks again until there is no more. For every backend.

import { assert } from '../../core/assert.ts';
import type { InternalTimer, KeyedStateBackend, TimerQueue } from '../state-backend.ts';

/** Up to and including `timestamp`, in the order in which they would fire. */
export async function takeTimers<N>(
  backend: KeyedStateBackend,
  name: string,
  queue: TimerQueue<N>,
  timestamp: number = Number.MAX_SAFE_INTEGER,
): Promise<readonly InternalTimer<N>[]> {
  const taken: InternalTimer<N>[] = [];
  for (;;) {
    const pending = backend.prepareTimers?.(name, timestamp);
    await pending;
    const before = taken.length;
    pollReady(backend, queue, timestamp, taken);
    const hasMore = queue.earliest !== undefined && queue.earliest <= timestamp;
    if (!hasMore) return taken;
    assert(pending !== undefined, 'Timers that were all at hand are not');
    assert(taken.length > before, 'Timers were fetched, and none of them can fire');
  }
}

function pollReady<N>(
  backend: KeyedStateBackend,
  queue: TimerQueue<N>,
  timestamp: number,
  taken: InternalTimer<N>[],
): void {
  for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
    if (head.timestamp > timestamp || backend.isPrepared?.(head.key) === false) return;
    const polled = queue.poll();
    assert(polled !== undefined && polled.key === head.key, 'What was seen first is not polled');
    taken.push(polled);
  }
}
