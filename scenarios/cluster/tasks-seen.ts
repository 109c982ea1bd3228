// The subtasks of a job as its present leader sees them; none while it has no leader.

import type { Address } from '../../engine/environment/network.ts';
import { type ExecutionVertex, isEnded } from '../../engine/runtime/job/execution-graph.ts';
import type { JobMaster } from '../../engine/runtime/job/job-master.ts';

export interface TaskSeen {
  readonly vertex: string;
  readonly subtask: number;
  readonly state: string;
  readonly host: Address | undefined;
  /** Of its chain. */
  readonly operators: readonly { readonly name: string; readonly uid: string | undefined }[];
}

export class TasksSeen {
  readonly #master: () => JobMaster | undefined;

  constructor(master: () => JobMaster | undefined) {
    this.#master = master;
  }

  /** Where tasks are believed to be. Ascending. */
  hosts(): readonly Address[] {
    const hosts = this.#vertices.flatMap(({ state, current }) =>
      current === undefined || isEnded(state) ? [] : [current.host],
    );
    return [...new Set(hosts)].sort();
  }

  /** Where an attempt was deployed. */
  hostOf(attempt: string): Address | undefined {
    return this.#vertices.find(({ current }) => current?.attempt === attempt)?.current?.host;
  }

  all(): readonly TaskSeen[] {
    return this.#vertices.map(({ vertex, subtask, state, current }) => ({
      vertex: vertex.name,
      subtask,
      state,
      host: current?.host,
      operators: vertex.operators.map(({ name, uid }) => ({ name, uid })),
    }));
  }

  get #vertices(): readonly ExecutionVertex[] {
    return this.#master()?.graph.vertices ?? [];
  }
}
