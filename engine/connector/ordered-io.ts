// Runs I/O of a sink's writer in order, one call at a time, through its context. Failures get the
// explanation of output-error.ts and fail the task; after one, and after stop(), nothing runs any
// more.

import { outputError } from './output-error.ts';
import type { SinkContext } from './sink.ts';

interface Operation {
  readonly label: string;
  readonly perform: () => Promise<void>;
  readonly done: (() => void) | undefined;
}

export class OrderedIo {
  readonly #context: Pick<SinkContext, 'io' | 'wakeUp'>;
  readonly #queue: Operation[] = [];
  /** The running call; resolves, whatever comes of it. */
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(context: Pick<SinkContext, 'io' | 'wakeUp'>) {
    this.#context = context;
  }

  /** `done` runs as the task's mail, in the order of the calls. */
  run(label: string, perform: () => Promise<void>, done?: () => void): void {
    this.#queue.push({ label, perform, done });
    if (this.#running === undefined) this.#next();
  }

  /** Resolves once everything asked for so far is done; undefined where it is already. */
  settled(): Promise<void> | undefined {
    if (this.#running === undefined) return undefined;
    return new Promise((resolve) => this.run('wait', () => Promise.resolve(), resolve));
  }

  /** Drops what has not begun. `last` runs apart, after what has, and must not throw. */
  stop(last: () => Promise<void>): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#queue.length = 0;
    void (this.#running ?? Promise.resolve()).then(last);
  }

  #next(): void {
    const operation = this.#queue.shift();
    if (operation === undefined || this.#isStopped) return;
    let finished = (): void => {};
    this.#running = new Promise((resolve) => {
      finished = resolve;
    });
    this.#context.io(
      operation.label,
      () => explained(operation.perform, finished),
      () => {
        this.#running = undefined;
        operation.done?.();
        this.#next();
        this.#context.wakeUp();
      },
    );
  }
}

async function explained(perform: () => Promise<void>, finished: () => void): Promise<void> {
  try {
    await perform();
  } catch (error) {
    throw outputError(error);
  } finally {
    finished();
  }
}
