// Workers, and runs to hand out to them in batches. A worker that dies costs the run it was
// carrying out, which is reported as failed; the others of its batch are handed out again. Results
// arrive in any order.

import { OnceproofError } from '../../../engine/core/errors.ts';
import { fromErrorText } from './error-text.ts';
import type { FromWorker, RunDone, RunFailed, RunRequest } from './messages.ts';
import { type WorkerOptions, WorkerProcess } from './worker-process.ts';

export interface PoolOptions extends WorkerOptions {
  readonly workers: number;
  readonly onReply: (reply: RunDone | RunFailed) => void;
  readonly onOutput: (text: string) => void;
}

/** Long enough for messages to cost nothing, short enough for all to end at the same time. */
const BATCH_MS = 200;
const BATCH_RUNS_MAX = 25;
/** Beyond this a machine out of memory, or a broken installation, is to blame. */
const CRASHES_MAX = 20;

export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #workers = new Set<WorkerProcess>();
  #requests: Iterator<RunRequest, unknown> | undefined;
  /** Of batches that died with their worker. */
  #again: RunRequest[] = [];
  #finish: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  #meanRunMs = BATCH_MS;
  #crashes = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Resolves when every request has its reply, or `stop` was called. */
  run(requests: Iterable<RunRequest>): Promise<void> {
    this.#requests = requests[Symbol.iterator]();
    return new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
      const missing = this.#options.workers - this.#workers.size;
      for (const worker of this.#workers) this.#feed(worker);
      for (let index = 0; index < missing; index += 1) this.#start();
    });
  }

  /** Hands out nothing more and forgets what is under way. */
  stop(): void {
    this.#requests = undefined;
    this.#again = [];
    for (const worker of this.#workers) worker.kill();
    this.#workers.clear();
    this.#finish?.resolve();
    this.#finish = undefined;
  }

  close(): void {
    for (const worker of this.#workers) worker.end();
    this.#workers.clear();
  }

  #start(): void {
    const worker = new WorkerProcess(this.#options, {
      onMessage: (from, message) => this.#onMessage(from, message),
      onExit: (from, cause) => this.#onExit(from, cause),
      onOutput: this.#options.onOutput,
    });
    this.#workers.add(worker);
  }

  #onMessage(worker: WorkerProcess, message: FromWorker): void {
    if (!this.#workers.has(worker)) return;
    if (message.kind === 'load-failed') return this.#fail(fromErrorText(message.error));
    if (message.kind === 'run-done') {
      this.#meanRunMs = this.#meanRunMs * 0.8 + message.wallMs * 0.2;
    }
    if (message.kind !== 'ready') this.#options.onReply(message);
    if (this.#workers.has(worker)) this.#feed(worker);
  }

  #feed(worker: WorkerProcess): void {
    if (!worker.isReady || worker.owed.length > 0) return;
    const size = Math.max(1, Math.min(BATCH_RUNS_MAX, Math.round(BATCH_MS / this.#meanRunMs)));
    const batch: RunRequest[] = [];
    while (batch.length < size) {
      const request = this.#next();
      if (request === undefined) break;
      batch.push(request);
    }
    if (batch.length > 0) worker.give(batch);
    else this.#finishIfIdle();
  }

  #next(): RunRequest | undefined {
    const again = this.#again.shift();
    if (again !== undefined) return again;
    const next = this.#requests?.next();
    return next?.done === false ? next.value : undefined;
  }

  #finishIfIdle(): void {
    const isBusy = [...this.#workers].some(({ owed }) => owed.length > 0);
    if (isBusy || this.#again.length > 0) return;
    this.#finish?.resolve();
    this.#finish = undefined;
  }

  #onExit(worker: WorkerProcess, cause: string): void {
    if (!this.#workers.delete(worker) || worker.isEnding) return;
    this.#crashes += 1;
    const [running, ...rest] = worker.owed;
    if (!worker.isReady || this.#crashes > CRASHES_MAX) {
      return this.#fail(new OnceproofError('OP-E152', `Cannot keep workers running: ${cause}`));
    }
    this.#again.push(...rest);
    this.#start();
    if (running === undefined) return;
    const { sequence } = running;
    this.#options.onReply({ kind: 'run-failed', sequence, error: crashOf(running, cause) });
  }

  #fail(error: unknown): void {
    const finish = this.#finish;
    this.#finish = undefined;
    this.stop();
    finish?.reject(error);
  }
}

function crashOf({ scenario, backend, seed }: RunRequest, cause: string): RunFailed['error'] {
  return {
    code: 'OP-E151',
    message: `The worker process ended: ${cause}`,
    place: `${scenario}@${backend}#${seed}`,
    remedy: `Try "onceproof replay ${scenario}@${backend}#${seed}" to see it alone`,
    stack: undefined,
  };
}
