// One worker process as its parent sees it: what it was given, what it still owes, and how it
// ended. A run that takes longer than any should is ended with the process that carries it out.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromWorker, RunRequest, ToWorker } from './messages.ts';
import { WORKER_VARIABLES } from './messages.ts';

export interface WorkerOptions {
  /** Scenario files of the user, as they were named. */
  readonly files: readonly string[];
  /** Name of a mutant of the engine. */
  readonly mutant: string | undefined;
  readonly runLimitMs: number;
}

export interface WorkerListener {
  onMessage(worker: WorkerProcess, message: FromWorker): void;
  /** The process is gone; `cause` says why, with its last words. */
  onExit(worker: WorkerProcess, cause: string): void;
  /** Something that code in the worker printed. */
  onOutput(text: string): void;
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const MODULE = fileURLToPath(new URL(`./worker.${EXTENSION}`, import.meta.url));
const PRELOAD = new URL(`../mutants/preload.${EXTENSION}`, import.meta.url).href;
const LAST_WORDS_MAX = 4_000;
/** A worker that does not end by itself within this time is killed. */
const GOODBYE_MS = 2_000;

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #options: WorkerOptions;
  #owed: RunRequest[] = [];
  #isReady = false;
  #isEnding = false;
  #lastWords = '';
  #watchdog: NodeJS.Timeout | undefined;
  #tookTooLong = false;

  constructor(options: WorkerOptions, listener: WorkerListener) {
    this.#options = options;
    const { files, mutant } = options;
    this.#child = fork(MODULE, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [
        '--no-warnings',
        ...process.execArgv.filter((flag) => !/^--inspect|^--no-warnings$/.test(flag)),
        ...(mutant === undefined ? [] : ['--import', PRELOAD]),
      ],
      env: {
        ...process.env,
        [WORKER_VARIABLES.files]: JSON.stringify(files),
        ...(mutant === undefined ? {} : { [WORKER_VARIABLES.mutant]: mutant }),
      },
    });
    this.#child.on('message', (message: FromWorker) => this.#onMessage(message, listener));
    this.#child.on('error', (error) => this.#say(error.message));
    this.#child.on('close', (code, signal) => {
      clearTimeout(this.#watchdog);
      listener.onExit(this, this.#causeOf(code, signal));
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#say(text);
        listener.onOutput(text);
      });
    }
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** It was told to end: its exit is no accident. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Given to it and not answered yet; the first one is running. */
  get owed(): readonly RunRequest[] {
    return this.#owed;
  }

  give(runs: readonly RunRequest[]): void {
    this.#owed.push(...runs);
    this.#watch();
    const message: ToWorker = { kind: 'batch', runs };
    // A process that died meanwhile is reported by its exit.
    this.#child.send(message, () => undefined);
  }

  /** Lets it finish what it is doing; a stuck one is killed. */
  end(): void {
    this.#isEnding = true;
    clearTimeout(this.#watchdog);
    if (this.#child.connected) this.#child.disconnect();
    setTimeout(() => this.kill(), GOODBYE_MS).unref();
  }

  kill(): void {
    this.#isEnding = true;
    this.#child.kill('SIGKILL');
  }

  #onMessage(message: FromWorker, listener: WorkerListener): void {
    if (message.kind === 'ready') this.#isReady = true;
    if (message.kind === 'run-done' || message.kind === 'run-failed') {
      this.#owed = this.#owed.filter(({ sequence }) => sequence !== message.sequence);
      this.#watch();
    }
    listener.onMessage(this, message);
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.#owed.length === 0 || this.#isEnding) return;
    this.#watchdog = setTimeout(() => {
      this.#tookTooLong = true;
      this.#child.kill('SIGKILL');
    }, this.#options.runLimitMs);
    this.#watchdog.unref();
  }

  #say(text: string): void {
    this.#lastWords = `${this.#lastWords}${text}`.slice(-LAST_WORDS_MAX);
  }

  #causeOf(code: number | null, signal: string | null): string {
    const limit = `it took longer than ${this.#options.runLimitMs / 1_000} s`;
    if (this.#tookTooLong) return limit;
    const end = signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
    const words = this.#lastWords.trim();
    return words === '' ? end : `${end}\n${words}`;
  }
}
