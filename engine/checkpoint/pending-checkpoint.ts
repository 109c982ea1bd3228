// A checkpoint that was triggered but is not complete. Its life goes one way: locating, collecting,
// storing, then maybe `unsettled`; it ends as a CompletedCheckpoint or is aborted. Once it is
// storing it can no longer be aborted, because its metadata may already be what a restore finds.

import { assert, present } from '../core/assert.ts';
import type { CheckpointId, ExecutionAttemptId, OperatorId } from '../core/ids.ts';
import type { StateHandle, TaskSnapshot } from '../state/state-handle.ts';
import type { AcknowledgeResult, PlannedSubtask, PlannedTask } from './checkpoint-effects.ts';
import {
  type CheckpointedJob,
  type CheckpointMetadata,
  type CheckpointProperties,
  FINISHED_TASK_SNAPSHOT,
  handlesOfTask,
  type VertexDescription,
  type VertexMetadata,
} from './metadata.ts';

/** `unsettled`: nobody knows whether the metadata was written. `over`: complete or aborted. */
export type PendingPhase = 'locating' | 'collecting' | 'storing' | 'unsettled' | 'over';

export interface PendingCheckpointOptions {
  readonly id: CheckpointId;
  readonly properties: CheckpointProperties;
  readonly timestampMs: number;
  /** The newest complete one by then: snapshots of this one may refer to its files. */
  readonly basedOn?: CheckpointId | undefined;
}

export class PendingCheckpoint {
  readonly id: CheckpointId;
  readonly properties: CheckpointProperties;
  readonly timestampMs: number;
  readonly basedOn: CheckpointId | undefined;
  phase: PendingPhase = 'locating';
  /** Its directory is there; `directory` names it if it is a savepoint's own. */
  isLocated = false;
  directory: string | undefined;
  #enumerators: ReadonlyMap<OperatorId, Uint8Array> = new Map();
  /** Every task of the plan, whether it is still awaited or not. */
  readonly #tasks = new Map<ExecutionAttemptId, PlannedTask>();
  readonly #awaiting = new Set<ExecutionAttemptId>();
  readonly #triggered = new Set<ExecutionAttemptId>();
  readonly #snapshots = new Map<string, TaskSnapshot>();
  /** Over before they could take part. */
  readonly #finished = new Set<string>();

  constructor({ id, properties, timestampMs, basedOn }: PendingCheckpointOptions) {
    this.id = id;
    this.basedOn = basedOn;
    this.properties = properties;
    this.timestampMs = timestampMs;
  }

  collect(options: {
    readonly tasks: readonly PlannedTask[];
    readonly finished: readonly PlannedSubtask[];
    readonly enumerators: ReadonlyMap<OperatorId, Uint8Array>;
  }): void {
    assert(this.phase === 'locating', `Cannot start checkpoint ${this.id}: it is ${this.phase}`);
    for (const task of options.tasks) {
      this.#tasks.set(task.attempt, task);
      this.#awaiting.add(task.attempt);
    }
    for (const subtask of options.finished) this.#finished.add(keyOf(subtask));
    this.#enumerators = options.enumerators;
    this.phase = 'collecting';
  }

  /** True the first time, for a task that is awaited: a barrier is sent to it once. */
  markTriggered(attempt: ExecutionAttemptId): boolean {
    if (!this.#awaiting.has(attempt) || this.#triggered.has(attempt)) return false;
    this.#triggered.add(attempt);
    return true;
  }

  acknowledge(attempt: ExecutionAttemptId, snapshot: TaskSnapshot): AcknowledgeResult {
    const task = this.#tasks.get(attempt);
    if (task === undefined) return 'unknown';
    if (!this.#awaiting.delete(attempt)) return this.#repeated(task);
    this.#snapshots.set(keyOf(task), snapshot);
    return this.isFullyAcknowledged ? 'complete' : 'waiting';
  }

  /** True if it was awaited: having processed all its data, it has nothing to hand over. */
  markFinished(attempt: ExecutionAttemptId): boolean {
    const task = this.#tasks.get(attempt);
    if (task === undefined || !this.#awaiting.delete(attempt)) return false;
    this.#finished.add(keyOf(task));
    return true;
  }

  isAwaiting(attempt: ExecutionAttemptId): boolean {
    return this.#awaiting.has(attempt);
  }

  /** Have not answered, in the order of the plan. */
  awaiting(): readonly ExecutionAttemptId[] {
    return [...this.#awaiting];
  }

  get isFullyAcknowledged(): boolean {
    return this.phase === 'collecting' && this.#awaiting.size === 0;
  }

  /** False once its metadata may have been written. */
  get canBeAborted(): boolean {
    return this.phase === 'locating' || this.phase === 'collecting';
  }

  /** Tasks that know, or may come to know, of this checkpoint. */
  attempts(): readonly ExecutionAttemptId[] {
    return [...this.#tasks.values()]
      .filter((task) => !this.#finished.has(keyOf(task)))
      .map(({ attempt }) => attempt);
  }

  /** Everything that was handed over so far. */
  handles(): StateHandle[] {
    return [...this.#snapshots.values()].flatMap(handlesOfTask);
  }

  metadata(job: CheckpointedJob): CheckpointMetadata {
    const outstanding = this.#awaiting.size;
    assert(outstanding === 0, `Cannot complete checkpoint ${this.id}: ${outstanding} outstanding`);
    return {
      checkpoint: this.id,
      job: job.id,
      jobName: job.name,
      timestampMs: this.timestampMs,
      properties: this.properties,
      vertices: job.vertices.map((vertex) => this.#vertexMetadata(vertex)),
    };
  }

  /**
   * A task that finished unasked may still answer; that is a stranger's state, not a repetition.
   */
  #repeated(task: PlannedTask): AcknowledgeResult {
    return this.#snapshots.has(keyOf(task)) ? 'duplicate' : 'unknown';
  }

  #vertexMetadata(description: VertexDescription): VertexMetadata {
    const { vertex, parallelism } = description;
    const keys = Array.from({ length: parallelism }, (_, subtaskIndex) =>
      keyOf({ vertex, subtaskIndex }),
    );
    return {
      ...description,
      operators: description.operators.map((operator) => ({
        ...operator,
        coordinatorState: this.#enumerators.get(operator.operator),
      })),
      subtasks: keys.map((key) => this.#subtask(key)),
      fullyFinished: keys.every((key) => this.#finished.has(key)),
    };
  }

  #subtask(key: string): TaskSnapshot {
    if (this.#finished.has(key)) return FINISHED_TASK_SNAPSHOT;
    const snapshot = this.#snapshots.get(key);
    return present(snapshot, `Cannot complete checkpoint ${this.id}: ${key} is in no plan`);
  }
}

function keyOf({ vertex, subtaskIndex }: PlannedSubtask): string {
  return `${vertex}:${subtaskIndex}`;
}
