// A state backend that must be asked before its state is used, as one on disk must: the heap
// backend, which refuses every key that was not prepared, and everything while it prepares. Each
// preparation takes one call of the host's file system, and fails if that fails.

import { assert, InvariantViolation, present } from '../../core/assert.ts';
import { HashMapStateBackend } from '../../state/hash-map-state-backend.ts';
import { type LookupKey, lookupKeyOf } from '../../state/lookup-key.ts';
import type {
  KeyedStateBackend,
  KeyedStateBackendOptions,
  LocalState,
  StateBackend,
  TimerQueue,
} from '../../state/state-backend.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';

/** So few that more are due at times. */
const TIMERS_AT_ONCE = 2;

export class SlowStateBackend implements StateBackend {
  readonly name = 'slow';
  readonly #heap = new HashMapStateBackend('slow');
  /** How often state was waited for, by all backends of this one. */
  preparations = 0;

  async createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    const local = present(options.local, 'Cannot be slow: the host has no local disk');
    const heap = await this.#heap.createKeyedStateBackend(options);
    const prepared = new PreparedKeys(local, () => this.preparations++);
    return guard(heap, prepared);
  }
}

/** Which keys may be used. */
class PreparedKeys {
  readonly #local: LocalState;
  readonly #count: () => void;
  #keys: ReadonlySet<LookupKey> | 'being-prepared' = new Set();

  constructor(local: LocalState, count: () => void) {
    this.#local = local;
    this.#count = count;
  }

  prepare(keys: readonly unknown[]): Promise<void> | undefined {
    this.checkIdle('prepare');
    const asked = new Set(keys.map(lookupKeyOf));
    this.#keys = asked.size === 0 ? asked : 'being-prepared';
    if (asked.size === 0) return undefined;
    this.#count();
    return this.#fetch(asked);
  }

  checkIdle(what: string): void {
    if (this.#keys !== 'being-prepared') return;
    throw new InvariantViolation(`Cannot ${what}: state is being fetched`);
  }

  check(key: unknown): void {
    this.checkIdle('use a key');
    assert(this.has(key), `Cannot use key ${String(key)}: its state was not fetched`);
  }

  has(key: unknown): boolean {
    return typeof this.#keys !== 'string' && this.#keys.has(lookupKeyOf(key));
  }

  async #fetch(keys: ReadonlySet<LookupKey>): Promise<void> {
    await this.#local.filesystem.status(this.#local.directory);
    this.#keys = keys;
  }
}

function guard(heap: KeyedStateBackend, prepared: PreparedKeys): KeyedStateBackend {
  const queues = new Map<string, Pick<TimerQueue<unknown>, 'keysUpTo'>>();
  const own: Partial<KeyedStateBackend> = {
    prepare: (keys) => prepared.prepare(keys),
    prepareTimers: (queue, timestamp) =>
      prepared.prepare(queues.get(queue)?.keysUpTo(timestamp, TIMERS_AT_ONCE) ?? []),
    isPrepared: (key) => prepared.has(key),
    setCurrentKey: (key) => {
      prepared.check(key);
      heap.setCurrentKey(key);
    },
    timerQueue: <N>(name: string, namespace: TypeSerializer<N>) => {
      const queue = heap.timerQueue(name, namespace);
      queues.set(name, queue);
      return guardedQueue(queue, prepared);
    },
    dispose: () => heap.dispose(),
  };
  const kinds = ['valueState', 'listState', 'mapState', 'reducingState', 'aggregatingState'];
  return watched(heap, (name, member) => {
    const replaced: unknown = Reflect.get(own, name);
    if (replaced !== undefined) return replaced;
    prepared.checkIdle(name);
    if (!isMethod(member) || !kinds.includes(name)) return member;
    return (...from: readonly unknown[]) => guardedState(member(...from), heap, prepared);
  });
}

/** A state can be used for the current key alone, which may have been prepared long ago. */
function guardedState(state: unknown, heap: KeyedStateBackend, prepared: PreparedKeys): unknown {
  return watched(state as object, (name, member) => {
    if (name !== 'setCurrentNamespace') prepared.check(heap.currentKey);
    return member;
  });
}

function guardedQueue<N>(queue: TimerQueue<N>, prepared: PreparedKeys): TimerQueue<N> {
  return {
    get size() {
      prepared.checkIdle('count timers');
      return queue.size;
    },
    peek: () => {
      prepared.checkIdle('look at timers');
      return queue.peek();
    },
    get earliest() {
      prepared.checkIdle('look at timers');
      return queue.earliest;
    },
    keysUpTo: (timestamp, limit) => queue.keysUpTo(timestamp, limit),
    poll: () => {
      const head = queue.peek();
      if (head !== undefined) prepared.check(head.key);
      return queue.poll();
    },
    add: (timer) => {
      prepared.check(timer.key);
      return queue.add(timer);
    },
    remove: (timer) => {
      prepared.check(timer.key);
      return queue.remove(timer);
    },
  };
}

type Method = (...values: readonly unknown[]) => unknown;

function isMethod(member: unknown): member is Method {
  return typeof member === 'function';
}

/** `target` with its members as `pass` gives them; methods are bound to it. */
function watched<T extends object>(target: T, pass: (name: string, member: unknown) => unknown): T {
  return new Proxy(target, {
    get(_target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (!isMethod(member)) return pass(String(name), member);
      return pass(String(name), (...values: readonly unknown[]) =>
        Reflect.apply(member, target, values),
      );
    },
  });
}
