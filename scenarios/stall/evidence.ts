// What is known of a cluster that stands still: what its parts say of themselves, and what the
// world sees of hosts, links and promises.

import type { Address } from '../../engine/environment/network.ts';
import type {
  JobManagerStatus,
  TaskManagerStatus,
  TaskStatus,
} from '../../engine/runtime/status.ts';
import type { SubtaskStatus } from '../../engine/runtime/status.ts';
import type { ConnectionStatus } from '../../engine/runtime/transport/connection-status.ts';
import type { HostState, LinkStatus, Parked } from '../../simulator/index.ts';

export interface HostSeen {
  readonly host: Address;
  readonly state: HostState;
  readonly connections: readonly ConnectionStatus[];
  /** Where it runs one, and is not down. */
  readonly taskManager?: TaskManagerStatus | undefined;
}

export interface StallEvidence {
  readonly nowMs: number;
  readonly jobManager: Address;
  /** Undefined where its host is down. */
  readonly leader: JobManagerStatus | undefined;
  readonly hosts: readonly HostSeen[];
  readonly parked: readonly Parked[];
  readonly links: readonly LinkStatus[];
}

/** A subtask as the JobManager sees it, and as its host does. */
export interface SeenTask {
  readonly subtask: SubtaskStatus;
  readonly name: string;
  readonly host: HostSeen | undefined;
  /** Undefined where its host does not run that attempt. */
  readonly task: TaskStatus | undefined;
}

/** Longer names of chained operators are told apart by their beginning; places are left out. */
const NAME_MAX = 40;

export class Evidence {
  readonly raw: StallEvidence;
  readonly #tasks = new Map<string, SeenTask>();

  constructor(raw: StallEvidence) {
    this.raw = raw;
    for (const subtask of raw.leader?.job?.subtasks ?? []) {
      if (subtask.attempt === undefined) continue;
      const host = raw.hosts.find((seen) => seen.host === subtask.host);
      const task = host?.taskManager?.tasks.find(({ attempt }) => attempt === subtask.attempt);
      const name = `${nameOf(subtask)} on ${subtask.host ?? 'no host'}`;
      this.#tasks.set(subtask.attempt, { subtask, name, host, task });
    }
  }

  get tasks(): readonly SeenTask[] {
    return [...this.#tasks.values()];
  }

  task(attempt: string): SeenTask | undefined {
    return this.#tasks.get(attempt);
  }

  nameOf(attempt: string): string {
    return this.#tasks.get(attempt)?.name ?? attempt;
  }

  host(address: string): HostSeen | undefined {
    return this.raw.hosts.find(({ host }) => host === address);
  }

  link(from: string, to: string): LinkStatus | undefined {
    return this.raw.links.find((link) => link.from === from && link.to === to);
  }

  connection(from: string, to: string): ConnectionStatus | undefined {
    return this.host(from)?.connections.find(({ peer }) => peer === to);
  }
}

export function nameOf({ name, subtask }: Pick<SubtaskStatus, 'name' | 'subtask'>): string {
  const plain = name.replace(/\([^()]*\)/g, '');
  const short = plain.length > NAME_MAX ? `${plain.slice(0, NAME_MAX)}…` : plain;
  return `${short}[${subtask}]`;
}
