// Timers of one service on the heap: a binary heap by (timestamp, order of insertion) and an index
// that finds duplicates. Timers never change once added, so a snapshot only copies pointers.

import { assert } from '../../core/assert.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { InternalTimer, TimerQueue } from '../state-backend.ts';
import type { KeyContext } from './key-context.ts';
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
  readonly #heap: TimerNode<N>[] = [];
  readonly #index = new TimerIndex<N>();
  #sequence = 0;

  constructor(context: KeyContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(timer: InternalTimer<N>): boolean {
    const isContextKey = timer.key === this.#context.key && typeof timer.key !== 'object';
    const keyGroup = isContextKey ? this.#context.group() : this.#context.groupOf(timer.key);
    return this.#insert(timer, keyGroup);
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
    return this.#heap[0];
  }

  /** Goes no deeper into the heap than there are timers to find. */
  keysUpTo(timestamp: number): readonly unknown[] {
    const keys: unknown[] = [];
    const open = [0];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const node = this.#heap[index];
      if (node === undefined || node.timestamp > timestamp) continue;
      keys.push(node.key);
      open.push(2 * index + 1, 2 * index + 2);
    }
    return keys;
  }

  poll(): InternalTimer<N> | undefined {
    const head = this.#heap[0];
    if (head !== undefined) this.#delete(head);
    return head;
  }

  /** In the order they were added, with the gaps closed. */
  restore(timers: readonly RestoredTimer<N>[]): void {
    assert(
      this.#heap.length === 0,
      `Cannot restore timers: ${this.#heap.length} are there already`,
    );
    const inOrder = timers.slice().sort((left, right) => left.sequence - right.sequence);
    for (const timer of inOrder) this.#insert(timer, timer.keyGroup);
  }

  capture(): readonly TimerNode<N>[] {
    return this.#heap.slice();
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
      heapIndex: this.#heap.length,
      next: undefined,
    };
    if (!this.#index.add(node)) return false;
    this.#sequence++;
    this.#heap.push(node);
    this.#siftUp(node);
    return node.heapIndex === 0;
  }

  #delete(node: TimerNode<N>): void {
    this.#index.remove(node);
    const last = this.#heap.pop();
    if (last === undefined || last === node) return;
    this.#place(last, node.heapIndex);
    this.#siftUp(last);
    this.#siftDown(last);
  }

  #place(node: TimerNode<N>, index: number): void {
    this.#heap[index] = node;
    node.heapIndex = index;
  }

  #siftUp(node: TimerNode<N>): void {
    let index = node.heapIndex;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1];
      if (parent === undefined || !isBefore(node, parent)) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    this.#place(node, index);
  }

  #siftDown(node: TimerNode<N>): void {
    let index = node.heapIndex;
    for (;;) {
      const left = this.#heap[2 * index + 1];
      const right = this.#heap[2 * index + 2];
      const child =
        right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, node)) break;
      const next = child.heapIndex;
      this.#place(child, index);
      index = next;
    }
    this.#place(node, index);
  }
}

function isBefore<N>(left: TimerNode<N>, right: TimerNode<N>): boolean {
  if (left.timestamp !== right.timestamp) return left.timestamp < right.timestamp;
  return left.sequence < right.sequence;
}
