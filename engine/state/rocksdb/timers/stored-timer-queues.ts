// The timer queues of one backend in its store, by name. Each is a state of the store: what was
// restored there stays there, and what was restored in the savepoint format is put there.

import { ByteReader } from '../../../stream/byte-reader.ts';
import { voidNamespaceSerializer } from '../../../stream/serializers/void-namespace.ts';
import type { TypeSerializer } from '../../../stream/type-serializer.ts';
import type { RestoredTimersOptions } from '../../heap/restored-timers.ts';
import { restoredTimers } from '../../heap/restored-timers.ts';
import type { CapturedTimers } from '../../heap/snapshot-writer.ts';
import type { LogicalDigest } from '../../logical-digest.ts';
import type { StateRegistry } from '../state-registry.ts';
import type { WorkingSet } from '../working-set.ts';
import { StoredTimerQueue } from './stored-timer-queue.ts';
import { readTimerKey } from './timer-key.ts';
import type { TimerQueues } from './timer-queues.ts';

export interface StoredTimerQueuesOptions {
  readonly working: WorkingSet;
  readonly registry: StateRegistry;
  readonly restored: RestoredTimersOptions;
  /** So many timers of each queue are held in memory at most. */
  readonly cacheSize: number;
}

interface OpenTimers {
  readonly queue: StoredTimerQueue<unknown>;
  readonly namespace: TypeSerializer<unknown>;
}

export class StoredTimerQueues implements TimerQueues {
  readonly #options: StoredTimerQueuesOptions;
  readonly #open = new Map<string, OpenTimers>();

  constructor(options: StoredTimerQueuesOptions) {
    this.#options = options;
  }

  open<N>(name: string, namespace: TypeSerializer<N>): StoredTimerQueue<N> {
    const open = this.#open.get(name);
    if (open !== undefined) return open.queue as unknown as StoredTimerQueue<N>;
    const { working, registry, restored, cacheSize } = this.#options;
    const timers = restoredTimers(restored, name, namespace);
    const reading = voidNamespaceSerializer;
    const state = registry.open({ kind: 'timers', name, namespace, reading });
    const schema = state.addSchema(voidNamespaceSerializer.snapshot());
    const queue = new StoredTimerQueue<N>({ working, state, schema, namespace, cacheSize });
    for (const timer of timers) queue.add(timer);
    if (timers.length > 0 && working.synchronous !== undefined) working.flushNow();
    this.#open.set(name, { queue, namespace } as unknown as OpenTimers);
    return queue;
  }

  find(name: string): StoredTimerQueue<unknown> | undefined {
    return this.#open.get(name)?.queue;
  }

  /** All of them are in the store. */
  capture(): readonly CapturedTimers[] {
    return [];
  }

  digest(digest: LogicalDigest): void {
    const { working } = this.#options;
    for (const [name, { queue, namespace }] of this.#open) {
      for (const entry of working.entriesOf(queue.state.id)) {
        const { timestamp, key, keyEnd } = readTimerKey(working.layout, entry.key);
        const input = new ByteReader(entry.key, `a timer of "${name}"`);
        input.seek(keyEnd);
        const of = namespace.deserialize(input);
        digest.begin('timers', name, of, key).addNumber(timestamp).end();
      }
    }
  }

  clear(): void {
    this.#open.clear();
  }
}
