// Asynchronous calls one at a time, in the order in which they were made. A call that fails fails
// alone: the next one runs all the same.

export class SerialCalls {
  #last: Promise<unknown> = Promise.resolve();

  /** Starts `work` once every call before this one has settled. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Resolves once every call so far has settled. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
