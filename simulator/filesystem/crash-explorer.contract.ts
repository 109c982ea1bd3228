// Runs a protocol on a disk, stops it after each call, and visits every state that a power loss can
// leave there: what is found must hold what was promised. No dice: a protocol that passes is right
// under the model, for these contents and this profile; one that is refused shows a state why.
// Calls that overlap are stopped in the one order in which they were made.

import { setImmediate as drain } from 'node:timers/promises';

import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { address } from '../../engine/environment/network.ts';
import { DiskBench } from './disk-bench.ts';
import type { DurabilityProfile } from './volume.ts';

export interface Protocol {
  /** Brings the disk to where the protocol begins. */
  readonly prepare: (files: FileSystem) => Promise<void>;
  /** Says `promise` whenever it has told somebody that something will survive from now on. */
  readonly run: (files: FileSystem, promise: (fact: string) => void) => Promise<void>;
  /** What is wrong with what the next process finds; undefined if nothing is. */
  readonly check: (files: FileSystem, promised: ReadonlySet<string>) => Promise<string | undefined>;
  /** What a process does that is started after one was killed; `run`, if absent. */
  readonly resume?: Protocol['run'];
}

export interface Exploration {
  readonly profile?: DurabilityProfile;
  /** The n-th sync fails, from 0, if it has something to do. */
  readonly failedSync?: number;
  /** The process is killed, and started again, after so many calls; its machine goes on. */
  readonly killedAfter?: number;
}

export interface Explored {
  readonly pointCount: number;
  readonly stateCount: number;
  /** One for each state that is wrong. */
  readonly complaints: readonly string[];
}

const HOST = address('host');
const LIMITS = { statesMax: 20_000, freeSectorsMax: 3 };
const CALLS_MAX = 200;

export async function explore(protocol: Protocol, options: Exploration = {}): Promise<Explored> {
  const complaints: string[] = [];
  let stateCount = 0;
  for (let callCount = 0; callCount <= CALLS_MAX; callCount++) {
    const { bench, isStopped } = await runUntil(protocol, callCount, options);
    const states = bench.disk.crashStates(HOST, LIMITS);
    if (states === undefined) throw new Error(`Too many states after ${callCount} calls`);
    for (const [index, state] of states.entries()) {
      const run = await runUntil(protocol, callCount, options);
      run.bench.disk.crashInto(HOST, state);
      const complaint = await protocol.check(run.bench.mount(), run.promised);
      if (complaint !== undefined) {
        complaints.push(`after ${callCount} calls, state ${index}: ${complaint}`);
      }
    }
    stateCount += states.length;
    if (!isStopped) return { pointCount: callCount + 1, stateCount, complaints };
  }
  throw new Error(`The protocol makes more than ${CALLS_MAX} calls`);
}

/** As it is, and with each of its syncs failed, and killed and started again after each call. */
export async function exploreMishaps(
  protocol: Protocol,
  profile: DurabilityProfile,
): Promise<Explored> {
  const { pointCount } = await explore(protocol, { profile });
  const runs: Exploration[] = [{ profile }];
  for (let index = 0; index < pointCount; index++) {
    runs.push({ profile, killedAfter: index }, { profile, failedSync: index });
  }
  const complaints: string[] = [];
  let stateCount = 0;
  for (const run of runs) {
    const explored = await explore(protocol, run);
    stateCount += explored.stateCount;
    complaints.push(...explored.complaints.map((text) => `${JSON.stringify(run)}: ${text}`));
  }
  return { pointCount, stateCount, complaints };
}

interface Run {
  readonly bench: DiskBench;
  readonly promised: ReadonlySet<string>;
  /** False if the protocol came to its end. */
  readonly isStopped: boolean;
}

async function runUntil(
  protocol: Protocol,
  callCount: number,
  { profile = 'posix-strict', failedSync, killedAfter }: Exploration,
): Promise<Run> {
  const bench = new DiskBench('explored', { profile });
  await protocol.prepare(bench.mount());
  const promised = new Set<string>();
  const promise = (fact: string): void => void promised.add(fact);
  const gate = new Gate(bench, failedSync);
  if (killedAfter !== undefined) {
    await attempt(() => protocol.run(gate.files(killedAfter), promise));
  }
  const next = killedAfter === undefined ? protocol.run : (protocol.resume ?? protocol.run);
  const isOver = await attempt(() => next(gate.files(callCount), promise));
  return { bench, promised, isStopped: !isOver };
}

/** Whether it came to its end; one that waits for a call that never returns does not. */
async function attempt(work: () => Promise<void>): Promise<boolean> {
  let end: { readonly failure?: unknown } | undefined;
  const watch = async (): Promise<void> => {
    try {
      await work();
      end = {};
    } catch (failure) {
      end = { failure };
    }
  };
  const watched = watch();
  await drain();
  if (end === undefined) return false;
  await watched;
  if ('failure' in end) throw end.failure;
  return true;
}

/** Lets calls pass until they have been enough; then they never reach the disk. */
class Gate {
  readonly #bench: DiskBench;
  #syncsUntilFailure: number;

  constructor(bench: DiskBench, failedSync: number | undefined) {
    this.#bench = bench;
    this.#syncsUntilFailure = failedSync ?? Number.POSITIVE_INFINITY;
  }

  files(callCount: number): FileSystem {
    const files = this.#bench.mount();
    let left = callCount;
    const pass = <T>(call: () => Promise<T>): Promise<T> => {
      left -= 1;
      return left < 0 ? new Promise<never>(() => undefined) : call();
    };
    return {
      read: (...args) => pass(() => files.read(...args)),
      write: (...args) => pass(() => files.write(...args)),
      create: (...args) => pass(() => files.create(...args)),
      append: (...args) => pass(() => files.append(...args)),
      truncate: (...args) => pass(() => files.truncate(...args)),
      sync: (path) => pass(() => this.#sync(files, path)),
      rename: (...args) => pass(() => files.rename(...args)),
      link: (...args) => pass(() => files.link(...args)),
      remove: (...args) => pass(() => files.remove(...args)),
      makeDirectory: (...args) => pass(() => files.makeDirectory(...args)),
      list: (...args) => pass(() => files.list(...args)),
      status: (...args) => pass(() => files.status(...args)),
    };
  }

  async #sync(files: FileSystem, path: string): Promise<void> {
    this.#syncsUntilFailure -= 1;
    if (this.#syncsUntilFailure !== -1) return files.sync(path);
    const failure = this.#bench.disk.faults.failNextSync();
    // A sync of nothing does not fail.
    return files.sync(path).finally(() => failure.heal());
  }
}
