// Timers of one service on the heap: a binary heap by (timestamp, order of insertion) and an index
// that finds duplicates. Timers never change once added, so a snapshot only copies pointers.

import { assert } from '../../core/assert.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { InternalTimer, TimerQueue } from '../state-backend.ts';
import type { KeyContext } from './key-context.ts';
import { TimerHeap } from './timer-heap.ts';
import type { TimerNode } from './timer-index.ts';
import { TimerIndex } from './timer-index.ts';

/** A timer as a checkpoint keeps it. */
export interface RestoredTimer<N> extends InternalTimer<N> {
  readonly keyGroup: number;
  /** Order of insertion in the job that wrote it. */
  readonly sequence: number;
}

export class HeapTimerQueue<N> implements TimerQueue<N> {
  readonly #context: KeyContext;
  readonly #heap = new TimerHeap<TimerNode<N>>();
  readonly #index = new TimerIndex<N>();
  #sequence = 0;

  constructor(context: KeyContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#heap.size;
  }

  get earliest(): number | undefined {
    return this.#heap.first?.timestamp;
  }

  add(timer: InternalTimer<N>): boolean {
    return this.#insert(timer, keyGroupOfTimer(timer, this.#context));
  }

  remove(timer: InternalTimer<N>): boolean {
    const { timestamp, key, namespace } = timer;
    const found = this.#index.find(timestamp, lookupKeyOf(key), lookupKeyOf(namespace));
    if (found === undefined) return false;
    const isHead = found.heapIndex === 0;
    this.#delete(found);
    return isHead;
  }

  peek(): InternalTimer<N> | undefined {
    return this.#heap.first;
  }

  keysUpTo(timestamp: number, limit: number): readonly unknown[] {
    return this.#heap.upTo(timestamp, limit).map(({ key }) => key);
  }

  poll(): InternalTimer<N> | undefined {
    const head = this.#heap.first;
    if (head !== undefined) this.#delete(head);
    return head;
  }

  /** In the order they were added, with the gaps closed. */
  restore(timers: readonly RestoredTimer<N>[]): void {
    assert(this.size === 0, `Cannot restore timers: ${this.size} are there already`);
    const inOrder = timers.slice().sort((left, right) => left.sequence - right.sequence);
    for (const timer of inOrder) this.#insert(timer, timer.keyGroup);
  }

  capture(): readonly TimerNode<N>[] {
    return this.#heap.all();
  }

  #insert(timer: InternalTimer<N>, keyGroup: number): boolean {
    const { timestamp, key, namespace } = timer;
    assert(Number.isSafeInteger(timestamp), 'Cannot set a timer: its time is not an integer');
    const node: TimerNode<N> = {
      timestamp,
      key,
      namespace,
      keyGroup,
      lookup: lookupKeyOf(key),
      namespaceLookup: lookupKeyOf(namespace),
      sequence: this.#sequence,
      heapIndex: 0,
      next: undefined,
    };
    if (!this.#index.add(node)) return false;
    this.#sequence++;
    this.#heap.push(node);
    return node.heapIndex === 0;
  }

  #delete(node: TimerNode<N>): void {
    this.#index.remove(node);
    this.#heap.delete(node);
  }
}

/** Mostly the key that is being worked on, whose group is computed once. */
export function keyGroupOfTimer(
  { key }: Pick<InternalTimer<unknown>, 'key'>,
  context: KeyContext,
): number {
  const isContextKey = key === context.key && typeof key !== 'object';
  return isContextKey ? context.group() : context.groupOf(key);
}
