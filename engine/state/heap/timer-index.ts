// Finds a timer by (timestamp, key, namespace), so that one is never registered twice. Timers that
// differ in their namespace alone hang in a chain.

import type { LookupKey } from '../lookup-key.ts';
import type { HeapTimer } from './timer-heap.ts';

export interface TimerNode<N> extends HeapTimer {
  readonly key: unknown;
  readonly namespace: N;
  readonly keyGroup: number;
  readonly lookup: LookupKey;
  readonly namespaceLookup: LookupKey;
  /** Kept by the index. */
  next: TimerNode<N> | undefined;
}

/** `T`: what all of its timers are. */
export class TimerIndex<N, T extends TimerNode<N> = TimerNode<N>> {
  readonly #byTime = new Map<number, Map<LookupKey, TimerNode<N>>>();

  find(timestamp: number, lookup: LookupKey, namespaceLookup: LookupKey): T | undefined {
    let node = this.#byTime.get(timestamp)?.get(lookup);
    while (node !== undefined && node.namespaceLookup !== namespaceLookup) node = node.next;
    return node as T | undefined;
  }

  /** False if an equal timer is there already. */
  add(node: T): boolean {
    const { timestamp, lookup, namespaceLookup } = node;
    if (this.find(timestamp, lookup, namespaceLookup) !== undefined) return false;
    let byKey = this.#byTime.get(timestamp);
    if (byKey === undefined) {
      byKey = new Map();
      this.#byTime.set(timestamp, byKey);
    }
    node.next = byKey.get(lookup);
    byKey.set(lookup, node);
    return true;
  }

  remove(node: T): void {
    const byKey = this.#byTime.get(node.timestamp);
    const first = byKey?.get(node.lookup);
    if (byKey === undefined || first === undefined) return;
    if (first !== node) return unlink(first, node);
    if (node.next !== undefined) byKey.set(node.lookup, node.next);
    else byKey.delete(node.lookup);
    if (byKey.size === 0) this.#byTime.delete(node.timestamp);
  }
}

function unlink<N>(first: TimerNode<N>, node: TimerNode<N>): void {
  let before = first;
  while (before.next !== undefined && before.next !== node) before = before.next;
  before.next = node.next;
}
