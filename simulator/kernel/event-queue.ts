// The pending events of a world, ordered by (time, sequence): a 4-ary heap on typed arrays. The
// order is total, so it never depends on how the heap happens to be laid out. Cancelled events stay
// until they surface or until they are the majority; they are never handed out.

/** What the queue must know of an event; the kernel's events are of this shape. */
export interface Queued {
  readonly timeMs: number;
  readonly sequence: number;
  readonly isCancelled: boolean;
}

const INITIAL_CAPACITY = 256;
const ARITY = 4;

export class EventQueue<T extends Queued> {
  #times = new Float64Array(INITIAL_CAPACITY);
  #sequences = new Float64Array(INITIAL_CAPACITY);
  #events: T[] = [];
  #cancelledCount = 0;

  /** Events that are queued and not cancelled. */
  get size(): number {
    return this.#events.length - this.#cancelledCount;
  }

  push(event: T): void {
    const position = this.#events.length;
    if (position === this.#times.length) this.#grow();
    this.#events.push(event);
    this.#rise(position, event);
  }

  /** The first event without removing it. */
  peek(): T | undefined {
    for (;;) {
      const first = this.#events[0];
      if (first === undefined || !first.isCancelled) return first;
      this.#removeFirst();
      this.#cancelledCount -= 1;
    }
  }

  pop(): T | undefined {
    const first = this.peek();
    if (first !== undefined) this.#removeFirst();
    return first;
  }

  /** Must be called once for each queued event that was cancelled. */
  noteCancelled(): void {
    this.#cancelledCount += 1;
    if (this.#cancelledCount > 64 && this.#cancelledCount * 2 > this.#events.length) {
      this.#compact();
    }
  }

  /** The events that are not cancelled, in no particular order. */
  *values(): IterableIterator<T> {
    for (const event of this.#events) if (!event.isCancelled) yield event;
  }

  #compact(): void {
    const kept = this.#events.filter((event) => !event.isCancelled);
    this.#events = [];
    this.#cancelledCount = 0;
    for (const event of kept) this.push(event);
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const sequences = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    sequences.set(this.#sequences);
    this.#times = times;
    this.#sequences = sequences;
  }

  #rise(start: number, event: T): void {
    const { timeMs, sequence } = event;
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 2;
      if (!this.#isAfter(parent, timeMs, sequence)) break;
      this.#move(parent, position);
      position = parent;
    }
    this.#place(position, event);
  }

  #removeFirst(): void {
    const last = this.#events.pop();
    const length = this.#events.length;
    if (last === undefined || length === 0) return;
    let position = 0;
    for (;;) {
      const child = this.#firstChild(position, length);
      if (child < 0 || this.#isAfter(child, last.timeMs, last.sequence)) break;
      this.#move(child, position);
      position = child;
    }
    this.#place(position, last);
  }

  /** The child of `parent` that comes first, or -1 where it has none. */
  #firstChild(parent: number, length: number): number {
    const from = parent * ARITY + 1;
    if (from >= length) return -1;
    const end = Math.min(from + ARITY, length);
    let first = from;
    for (let child = from + 1; child < end; child += 1) {
      if (this.#isAfter(first, this.#times[child] ?? 0, this.#sequences[child] ?? 0)) first = child;
    }
    return first;
  }

  #isAfter(position: number, timeMs: number, sequence: number): boolean {
    const time = this.#times[position] ?? 0;
    return time === timeMs ? (this.#sequences[position] ?? 0) > sequence : time > timeMs;
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] ?? 0;
    this.#sequences[to] = this.#sequences[from] ?? 0;
    const event = this.#events[from];
    if (event !== undefined) this.#events[to] = event;
  }

  #place(position: number, event: T): void {
    this.#times[position] = event.timeMs;
    this.#sequences[position] = event.sequence;
    this.#events[position] = event;
  }
}
