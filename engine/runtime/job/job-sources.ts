// The sources of one job: a coordinator for each, what readers say to them, and what of them goes
// back to a checkpoint when subtasks do.

import type { StateAssignment } from '../../checkpoint/state-assignment.ts';
import type { ExecutionAttemptId, CheckpointId } from '../../core/ids.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Outcome } from '../actor/actor-system.ts';
import type { ToTask } from '../messages.ts';
import type { ExecutionGraph, ExecutionVertex } from './execution-graph.ts';
import { SourceCoordinator } from './source-coordinator.ts';

export interface JobSourcesOptions {
  readonly graph: ExecutionGraph;
  readonly environment: Environment;
  readonly send: (attempt: ExecutionAttemptId, message: ToTask) => void;
  readonly io: <T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void) => void;
  /** An enumerator threw, or its I/O failed. Must not call back before it has returned. */
  readonly failed: (label: string, cause: unknown) => void;
}

export class JobSources {
  readonly #options: JobSourcesOptions;
  /** By vertex. */
  readonly #coordinators: ReadonlyMap<string, SourceCoordinator>;

  constructor(options: JobSourcesOptions) {
    this.#options = options;
    const { vertices } = options.graph.graph;
    this.#coordinators = new Map(
      vertices.flatMap(({ id, source, sourceOperator, parallelism }) =>
        source === undefined || sourceOperator === undefined
          ? []
          : [[id, this.#coordinator({ operator: sourceOperator, source, parallelism })]],
      ),
    );
  }

  get coordinators(): readonly SourceCoordinator[] {
    return [...this.#coordinators.values()];
  }

  readerRegistered({ vertex, subtask }: ExecutionVertex, attempt: ExecutionAttemptId): void {
    this.#coordinators.get(vertex.id)?.readerRegistered(subtask, attempt);
  }

  splitRequested({ vertex, subtask }: ExecutionVertex, attempt: ExecutionAttemptId): void {
    this.#coordinators.get(vertex.id)?.splitRequested(subtask, attempt);
  }

  /** These subtasks go back to `checkpoint`. All of a source: so does its enumerator. */
  reset(
    subtasks: readonly ExecutionVertex[],
    checkpoint: CheckpointId | undefined,
    assignment: StateAssignment,
  ): void {
    const { graph } = this.#options;
    for (const [vertex, source] of this.#coordinators) {
      const reset = subtasks.filter((subtask) => subtask.vertex.id === vertex);
      if (reset.length === 0) continue;
      if (reset.length === graph.vertex(vertex).parallelism) {
        source.resetToCheckpoint(assignment.coordinatorStateOf(source.operator));
      } else {
        for (const { subtask } of reset) source.subtaskReset(subtask, checkpoint);
      }
    }
  }

  close(): void {
    for (const source of this.#coordinators.values()) source.close();
  }

  #coordinator(
    source: Pick<
      ConstructorParameters<typeof SourceCoordinator>[0],
      'operator' | 'source' | 'parallelism'
    >,
  ): SourceCoordinator {
    const { environment, send, io, failed } = this.#options;
    return new SourceCoordinator({
      ...source,
      environment,
      sendSplit: (attempt, split) => send(attempt, { kind: 'add-splits', splits: [split] }),
      sendNoMoreSplits: (attempt) => send(attempt, { kind: 'no-more-splits' }),
      io,
      failed,
    });
  }
}
