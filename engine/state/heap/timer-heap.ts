// A binary heap of timers by (timestamp, order of insertion). Each timer knows its place, so that
// any of them can be taken out. It does not know which of them are equal.

export interface HeapTimer {
  readonly timestamp: number;
  readonly sequence: number;
  /** Kept by the heap. */
  heapIndex: number;
}

export class TimerHeap<T extends HeapTimer> {
  #timers: T[] = [];

  get size(): number {
    return this.#timers.length;
  }

  get first(): T | undefined {
    return this.#timers[0];
  }

  /** In no order. */
  all(): readonly T[] {
    return this.#timers.slice();
  }

  push(timer: T): void {
    timer.heapIndex = this.#timers.length;
    this.#timers.push(timer);
    this.#siftUp(timer);
  }

  delete(timer: T): void {
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return;
    this.#place(last, timer.heapIndex);
    this.#siftUp(last);
    this.#siftDown(last);
  }

  /**
   * The first `limit` timers up to and including `timestamp`, in their order. Goes no deeper into
   * the heap than there are timers to find.
   */
  upTo(timestamp: number, limit: number): readonly T[] {
    const found: T[] = [];
    /** What may come next, last first. */
    const frontier: T[] = [];
    this.#reach(0, timestamp, frontier);
    while (found.length < limit) {
      const next = frontier.pop();
      if (next === undefined) break;
      found.push(next);
      this.#reach(2 * next.heapIndex + 1, timestamp, frontier);
      this.#reach(2 * next.heapIndex + 2, timestamp, frontier);
    }
    return found;
  }

  #reach(index: number, timestamp: number, frontier: T[]): void {
    const timer = this.#timers[index];
    if (timer === undefined || timer.timestamp > timestamp) return;
    let low = 0;
    let high = frontier.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = frontier[middle];
      if (other !== undefined && isBefore(timer, other)) low = middle + 1;
      else high = middle;
    }
    frontier.splice(low, 0, timer);
  }

  #place(timer: T, index: number): void {
    this.#timers[index] = timer;
    timer.heapIndex = index;
  }

  #siftUp(timer: T): void {
    let index = timer.heapIndex;
    while (index > 0) {
      const parent = this.#timers[(index - 1) >> 1];
      if (parent === undefined || !isBefore(timer, parent)) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    this.#place(timer, index);
  }

  #siftDown(timer: T): void {
    let index = timer.heapIndex;
    for (;;) {
      const left = this.#timers[2 * index + 1];
      const right = this.#timers[2 * index + 2];
      const child =
        right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, timer)) break;
      const next = child.heapIndex;
      this.#place(child, index);
      index = next;
    }
    this.#place(timer, index);
  }
}

function isBefore(left: HeapTimer, right: HeapTimer): boolean {
  if (left.timestamp !== right.timestamp) return left.timestamp < right.timestamp;
  return left.sequence < right.sequence;
}
