// One process of a server, in a process group of its own, with a log file. The group dies with us,
// however we die: a watcher in it waits for the end of a pipe that only this process holds.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly log: string;
}

/** `$@` is the server. The watcher learns of our end by the pipe, and ends the whole group. */
const WATCHED = `exec 3<&0
( cat <&3; kill -KILL 0 ) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-`;

const LOG_LINES = 40;
const POLL_MS = 100;

export class ServerProcess {
  readonly name: string;
  readonly #log: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #hasEnded = false;

  constructor(command: ServerCommand) {
    this.name = command.name;
    this.#log = command.log;
    const output = openSync(command.log, 'a');
    this.#child = spawn('sh', ['-c', WATCHED, 'sh', command.program, ...command.args], {
      cwd: command.directory,
      env: { ...process.env, ...command.variables },
      stdio: ['pipe', output, output],
      detached: true,
    });
    closeSync(output);
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#hasEnded = true;
        resolve();
      };
      this.#child.on('exit', end);
      this.#child.on('error', end);
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** SIGKILL, as a power cut would have it. Resolves once its ports and files are free. */
  async kill(): Promise<void> {
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
    await this.#ended;
  }

  logTail(): string {
    const lines = readFileSync(this.#log, 'utf8').trimEnd().split('\n');
    const tail = lines.slice(-LOG_LINES).map((line) => `    ${line}`);
    return [`  The end of ${this.#log}:`, ...tail].join('\n');
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

export interface Waiting {
  readonly what: string;
  readonly timeoutMs: number;
  readonly processes: readonly ServerProcess[];
}

/** Asks until it is so. Rejects, with the logs, when the time is up or a process has ended. */
export async function waitUntil(isSo: () => Promise<boolean>, waiting: Waiting): Promise<void> {
  const deadline = performance.now() + waiting.timeoutMs;
  for (;;) {
    if (await isSo().catch(() => false)) return;
    const ended = waiting.processes.find(({ hasEnded }) => hasEnded);
    if (ended !== undefined) throw failure(`${ended.name} has ended by itself`, [ended]);
    if (performance.now() > deadline) {
      const seconds = waiting.timeoutMs / 1_000;
      throw failure(`${waiting.what}: not within ${seconds} s`, waiting.processes);
    }
    await sleep(POLL_MS);
  }
}

function failure(problem: string, processes: readonly ServerProcess[]): Error {
  return new Error([problem, ...processes.map((each) => each.logTail())].join('\n'));
}
