// Which processes lead a job, or believe to, as events tell; and whose an attempt is.

import type { TimedEvent } from './checker.ts';

type Process = Pick<TimedEvent, 'host' | 'boot'>;

const DEPLOYER = /@([0-9]+)$/;

/** The epoch of the leader that deployed it; undefined of a name that does not tell. */
export function deployerOf(attempt: string): number | undefined {
  const [, epoch] = DEPLOYER.exec(attempt) ?? [];
  return epoch === undefined ? undefined : Number(epoch);
}

/** One life of a host. */
export function processOf({ host = '', boot = 0 }: Process): string {
  return `${host} ${boot}`;
}

export class Leaders {
  readonly #epochs = new Map<string, number>();
  #newest = 0;

  /** Events in order. */
  happened({ event, ...process }: TimedEvent): void {
    if (event.kind !== 'leader-elected') return;
    this.#newest = Math.max(this.#newest, event.leaderEpoch);
    this.#epochs.set(processOf(process), event.leaderEpoch);
  }

  /** Undefined of a process that never led. */
  epochOf(process: Process): number | undefined {
    return this.#epochs.get(processOf(process));
  }

  isReplaced(process: Process): boolean {
    return (this.epochOf(process) ?? this.#newest) < this.#newest;
  }
}
