// Which process may run a job: the one that holds the newest lease file of the job's directory.
// Leases are numbered and created, never replaced, so of two that ask at once one wins; the holder
// renews its own, and one who finds a newer lease has lost the job and stops. Nobody renames a file
// of the job, which is how checkpoints and output become visible, without having looked.
//
// What remains: a process that stands still between that look and its rename, for longer than a
// lease lasts, and on a machine that the other cannot ask, may publish one file too many.

import { type ErrorCode, OnceproofError } from '../../core/errors.ts';
import type { Clock, Timer } from '../../environment/clock.ts';
import { type FileSystem, FileSystemError } from '../../environment/filesystem.ts';

/** Who asks for the lease, and what it can tell about others. */
export interface LeaseOwner {
  /** Printable ASCII in one line; no two processes have the same. */
  readonly id: string;
  /** 'unknown' where another machine, or one's own past, would have to be asked. */
  readonly stateOf: (id: string) => 'alive' | 'dead' | 'unknown';
}

export interface JobLeaseOptions {
  readonly filesystem: FileSystem;
  readonly clock: Clock;
  readonly directory: string;
  readonly owner: LeaseOwner;
  readonly jobName: string;
}

/** Three renewals may be missed, by a long garbage collection, say. */
const RENEW_MS = 1_000;
const LASTS_MS = 4_000;
const LOOK_MS = 250;
const RELEASED = 'released';
const NAME = /^lease-(\d+)$/;

export class JobLease {
  readonly #options: JobLeaseOptions;
  readonly #number: number;
  #renewals = 0;
  #timer: Timer | undefined;
  #renewing: Promise<void> = Promise.resolve();
  #isOver = false;

  private constructor(options: JobLeaseOptions, number: number) {
    this.#options = options;
    this.#number = number;
  }

  /** Throws OP-E606 while another process holds the lease. */
  static async acquire(options: JobLeaseOptions): Promise<JobLease> {
    const { filesystem, directory, owner } = options;
    await filesystem.makeDirectory(directory);
    const newest = await newestLease(filesystem, directory);
    if (newest > 0) await untilFree(options, newest);
    const lease = new JobLease(options, newest + 1);
    try {
      await filesystem.create(pathOf(directory, newest + 1), encode(`${owner.id}\n0`));
    } catch (error) {
      if (isCode(error, 'EEXIST')) throw inUse(options, 'another process');
      throw error;
    }
    await lease.#removeOlder(newest);
    return lease;
  }

  /** Renews the lease from time to time, until it is released or has been lost. */
  keep(onLost: (error: OnceproofError) => void): void {
    this.#timer = this.#options.clock.schedule(RENEW_MS, () => {
      this.#renewing = this.#renewOr(onLost);
    });
  }

  /** Throws OP-E607 once another process has taken over. */
  async check(): Promise<void> {
    const { filesystem, directory } = this.#options;
    const newest = await newestLease(filesystem, directory);
    if (newest !== this.#number) throw this.#lost();
  }

  /** The next process need not wait. */
  async release(): Promise<void> {
    this.#isOver = true;
    this.#timer?.cancel();
    await this.#renewing;
    const { filesystem, directory } = this.#options;
    try {
      await this.check();
      // The file stays: numbers must not begin anew while someone may still hold an old one.
      await filesystem.write(pathOf(directory, this.#number), encode(RELEASED));
    } catch (error) {
      if (!(error instanceof OnceproofError || error instanceof FileSystemError)) throw error;
    }
  }

  /** The same files, for which every rename requires the lease. */
  guard(filesystem: FileSystem): FileSystem {
    return {
      read: (path, offset, length) => filesystem.read(path, offset, length),
      write: (path, bytes) => filesystem.write(path, bytes),
      create: (path, bytes) => filesystem.create(path, bytes),
      append: (path, bytes) => filesystem.append(path, bytes),
      truncate: (path, sizeBytes) => filesystem.truncate(path, sizeBytes),
      sync: (path) => filesystem.sync(path),
      rename: async (from, to) => {
        await this.check();
        await filesystem.rename(from, to);
      },
      link: (existing, name) => filesystem.link(existing, name),
      remove: (path) => filesystem.remove(path),
      makeDirectory: (path) => filesystem.makeDirectory(path),
      list: (directory) => filesystem.list(directory),
      status: (path) => filesystem.status(path),
    };
  }

  async #renewOr(onLost: (error: OnceproofError) => void): Promise<void> {
    try {
      await this.check();
      const { filesystem, directory, owner } = this.#options;
      this.#renewals++;
      const bytes = encode(`${owner.id}\n${this.#renewals}`);
      if (!this.#isOver) await filesystem.write(pathOf(directory, this.#number), bytes);
    } catch (error) {
      // A disk that fails now and then is no reason to stop: others see the same disk.
      if (error instanceof OnceproofError && !this.#isOver) return onLost(error);
    }
    if (!this.#isOver) this.keep(onLost);
  }

  async #removeOlder(newest: number): Promise<void> {
    if (newest === 0) return;
    const { filesystem, directory } = this.#options;
    try {
      await filesystem.remove(pathOf(directory, newest));
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }

  #lost(): OnceproofError {
    const { jobName, directory } = this.#options;
    return new OnceproofError('OP-E607', `Another process has taken over job "${jobName}"`, {
      place: directory,
      remedy: 'None needed: the other process goes on from the latest checkpoint',
    });
  }
}

/** Returns once the holder of lease `number` is known, or seen, to be gone. */
async function untilFree(options: JobLeaseOptions, number: number): Promise<void> {
  const { filesystem, clock, directory, owner } = options;
  const before = await readLease(filesystem, directory, number);
  const holder = before.split('\n', 1)[0] ?? '';
  if (before === RELEASED) return;
  const state = owner.stateOf(holder);
  if (state === 'alive') throw inUse(options, holder);
  if (state === 'dead') return;
  for (let waitedMs = 0; waitedMs < LASTS_MS; waitedMs += LOOK_MS) {
    await new Promise<void>((resolve) => clock.schedule(LOOK_MS, resolve));
    const now = await readLease(filesystem, directory, number);
    if (now === RELEASED) return;
    if (now !== before) throw inUse(options, holder);
  }
}

/** Empty where it is gone: the one who took it over has a higher number, which decides. */
async function readLease(filesystem: FileSystem, directory: string, n: number): Promise<string> {
  try {
    return String.fromCharCode(...(await filesystem.read(pathOf(directory, n))));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw error;
  }
}

async function newestLease(filesystem: FileSystem, directory: string): Promise<number> {
  let newest = 0;
  for (const name of await filesystem.list(directory)) {
    const number = Number(NAME.exec(name)?.[1] ?? 0);
    if (number > newest) newest = number;
  }
  return newest;
}

function pathOf(directory: string, number: number): string {
  return `${directory}/lease-${number}`;
}

function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0x7f);
}

function isCode(error: unknown, code: FileSystemError['code']): boolean {
  return error instanceof FileSystemError && error.code === code;
}

const IN_USE: ErrorCode = 'OP-E606';

function inUse({ jobName, directory }: JobLeaseOptions, holder: string): OnceproofError {
  return new OnceproofError(IN_USE, `Job "${jobName}" is running already, in ${holder}`, {
    place: directory,
    remedy: 'Stop the other process first, or give this job a checkpoint directory of its own',
  });
}
