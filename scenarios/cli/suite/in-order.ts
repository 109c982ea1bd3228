// Puts results back into the order of the plan. What arrives early waits; nothing is lost or
// repeated, and after `stop` nothing is passed on anymore.

export class InOrder<T> {
  readonly #waiting = new Map<number, T>();
  readonly #pass: (value: T) => void;
  #next = 0;
  #isStopped = false;

  constructor(pass: (value: T) => void) {
    this.#pass = pass;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  push(sequence: number, value: T): void {
    if (this.#isStopped) return;
    this.#waiting.set(sequence, value);
    for (;;) {
      const next = this.#waiting.get(this.#next);
      if (next === undefined || this.#isStopped) return;
      this.#waiting.delete(this.#next);
      this.#next += 1;
      this.#pass(next);
    }
  }

  /** Passes on what is there, over the gaps: no result that exists is thrown away. */
  flush(): void {
    const rest = [...this.#waiting].sort(([left], [right]) => left - right);
    this.#waiting.clear();
    for (const [, value] of rest) if (!this.#isStopped) this.#pass(value);
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.clear();
  }
}
