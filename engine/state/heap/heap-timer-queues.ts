// The timer queues of one backend on the heap, by name: opened with what was restored for them,
// captured for a snapshot. For every backend that keeps its timers on the heap.

import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { voidNamespaceSerializer } from '../../stream/serializers/void-namespace.ts';
import type { LogicalDigest } from '../logical-digest.ts';
import type { KeyGroupRange } from '../state-handle.ts';
import { HeapTimerQueue } from './heap-timer-queue.ts';
import type { RestoredTimersOptions } from './restored-timers.ts';
import { restoredTimers } from './restored-timers.ts';
import type { StateMeta } from './snapshot-format.ts';
import type { CapturedTimers } from './snapshot-writer.ts';
import { byKeyGroup } from './snapshot-writer.ts';

interface OpenTimers {
  readonly queue: HeapTimerQueue<unknown>;
  readonly namespace: TypeSerializer<unknown>;
}

export class HeapTimerQueues {
  readonly #options: RestoredTimersOptions;
  readonly #open = new Map<string, OpenTimers>();

  constructor(options: RestoredTimersOptions) {
    this.#options = options;
  }

  open<N>(name: string, namespace: TypeSerializer<N>): HeapTimerQueue<N> {
    const open = this.#open.get(name);
    if (open !== undefined) return open.queue as unknown as HeapTimerQueue<N>;
    const queue = new HeapTimerQueue<N>(this.#options.context);
    queue.restore(restoredTimers(this.#options, name, namespace));
    const opened = { queue, namespace } as unknown as OpenTimers;
    this.#open.set(name, opened);
    return queue;
  }

  /** Undefined if nobody opened it. */
  find(name: string): HeapTimerQueue<unknown> | undefined {
    return this.#open.get(name)?.queue;
  }

  /** Adds to `metas` what it refers to. Queues without timers are left out. */
  capture(metas: StateMeta[], range: KeyGroupRange): readonly CapturedTimers[] {
    const captured: CapturedTimers[] = [];
    for (const [name, { queue, namespace }] of this.#open) {
      if (queue.size === 0) continue;
      const content = voidNamespaceSerializer.snapshot();
      const described = { kind: 'timers', name, namespace: namespace.snapshot(), content } as const;
      const meta = metas.push(described) - 1;
      captured.push({ meta, name, namespace, groups: byKeyGroup(queue.capture(), range) });
    }
    return captured;
  }

  digest(digest: LogicalDigest): void {
    for (const [name, { queue }] of this.#open) {
      for (const { namespace, key, timestamp } of queue.capture()) {
        digest.begin('timers', name, namespace, key).addNumber(timestamp).end();
      }
    }
  }

  clear(): void {
    this.#open.clear();
  }
}
