// Carries out what the CheckpointCoordinator decides: messages to tasks, snapshots of enumerators,
// files. Results of I/O come back as mails of the JobManager, in whatever order they finish.

import { CheckpointCoordinator } from '../../checkpoint/checkpoint-coordinator.ts';
import type {
  CheckpointEffects,
  CheckpointFailure,
  CheckpointPlan,
  EnumeratorSnapshot,
  MetadataResult,
  MetadataToStore,
  PlannedTask,
} from '../../checkpoint/checkpoint-effects.ts';
import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { CompletedCheckpoint } from '../../checkpoint/completed-checkpoint.ts';
import { describeJob, handlesOf } from '../../checkpoint/metadata.ts';
import { publishCheckpoint } from '../../checkpoint/publish-checkpoint.ts';
import { buggify } from '../../core/buggify.ts';
import { describeError } from '../../core/errors.ts';
import type { CheckpointId, ExecutionAttemptId } from '../../core/ids.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { CheckpointConfig } from '../../graph/checkpoint-config.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import type { CheckpointBarrier } from '../../stream/elements.ts';
import type { Outcome } from '../actor/actor-system.ts';
import type { ToTask } from '../messages.ts';
import type { Observer } from '../observer.ts';
import type { ExecutionGraph } from './execution-graph.ts';
import type { JobStore } from './job-store.ts';
import { JobSweep } from './job-sweep.ts';
import type { SourceCoordinator } from './source-coordinator.ts';

export interface JobCheckpointsOptions {
  readonly config: CheckpointConfig;
  readonly graph: ExecutionGraph;
  readonly storage: CheckpointCoordinatorStorage;
  readonly store: JobStore;
  readonly sources: readonly SourceCoordinator[];
  readonly observer: Observer;
  readonly clock: CheckpointCoordinatorOptions['clock'];
  readonly random: CheckpointCoordinatorOptions['random'];
  readonly idFloor: number;
  readonly send: (attempt: ExecutionAttemptId, message: ToTask) => void;
  readonly io: <T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void) => void;
  readonly schedule: (delayMs: number, run: () => void) => void;
  readonly failJob: (cause: string) => void;
}

const SETTLE_RETRY_MS = 100;

type CheckpointCoordinatorOptions = ConstructorParameters<typeof CheckpointCoordinator>[0];

export class JobCheckpoints implements CheckpointEffects {
  readonly coordinator: CheckpointCoordinator;
  readonly sweep: JobSweep;
  readonly #options: JobCheckpointsOptions;
  readonly #triggeredAtMs = new Map<CheckpointId, number>();

  constructor(options: JobCheckpointsOptions) {
    this.#options = options;
    this.coordinator = new CheckpointCoordinator({
      job: describeJob(options.graph.graph),
      config: options.config,
      clock: options.clock,
      random: options.random,
      effects: this,
      restoredIdFloor: options.idFloor,
    });
    const { graph, storage, store, idFloor, io } = options;
    const { coordinator } = this;
    this.sweep = new JobSweep({ job: graph.graph.id, storage, store, idFloor, io, coordinator });
  }

  planCheckpoint(): CheckpointPlan {
    const { graph } = this.#options;
    const waiting = graph.vertices.find(({ state }) => state !== 'running' && state !== 'finished');
    if (waiting !== undefined) {
      const reason = `${waiting.vertex.name} (${waiting.subtask}) is ${waiting.state}`;
      return { kind: 'not-running', reason };
    }
    const running = graph.vertices.filter(({ state }) => state === 'running');
    if (running.length === 0) return { kind: 'not-running', reason: 'All tasks have finished' };
    const heads = running.filter((subtask) =>
      graph.producersFor(subtask).every(({ state }) => state === 'finished'),
    );
    return {
      kind: 'ready',
      tasksToTrigger: heads.flatMap(({ current }) => (current ? [current.attempt] : [])),
      tasksToAcknowledge: running.flatMap(({ vertex, subtask, current }): PlannedTask[] =>
        current ? [{ vertex: vertex.id, subtaskIndex: subtask, attempt: current.attempt }] : [],
      ),
      finishedTasks: graph.vertices
        .filter(({ state }) => state === 'finished')
        .map(({ vertex, subtask }) => ({ vertex: vertex.id, subtaskIndex: subtask })),
    };
  }

  snapshotEnumerators(checkpoint: CheckpointId): EnumeratorSnapshot {
    try {
      const states = this.#options.sources.map(
        (source) => [source.operator, source.snapshot(checkpoint)] as const,
      );
      return { kind: 'taken', states: new Map(states) };
    } catch (error) {
      return { kind: 'failed', cause: describeError(error) };
    }
  }

  triggered(checkpoint: CheckpointId): void {
    this.#triggeredAtMs.set(checkpoint, this.#options.clock.now());
    this.#options.observer.observe({ kind: 'checkpoint-triggered', checkpoint });
  }

  triggerTask(attempt: ExecutionAttemptId, barrier: CheckpointBarrier): void {
    this.#options.send(attempt, { kind: 'trigger-checkpoint', barrier });
  }

  initializeLocation(checkpoint: CheckpointId, target: string | undefined): void {
    const { graph, storage, store, io, random } = this.#options;
    const job = graph.graph.id;
    const create = async (): Promise<string | undefined> => {
      await store.reserveCheckpointId(checkpoint);
      if (target !== undefined) {
        const suffix = random
          .fork(`savepoint/${checkpoint}`)
          .below(2 ** 32)
          .toString(16);
        return storage.initializeSavepoint(job, target, suffix.padStart(8, '0'));
      }
      await storage.initializeCheckpoint(job, checkpoint);
      return undefined;
    };
    io(create, (outcome) =>
      this.coordinator.locationInitialized(
        checkpoint,
        outcome.kind === 'done'
          ? { kind: 'initialized', directory: outcome.value }
          : { kind: 'failed', cause: describeError(outcome.cause) },
      ),
    );
  }

  storeMetadata(metadata: MetadataToStore): void {
    const { graph, storage, store, io } = this.#options;
    const { checkpoint } = metadata;
    const publish = async (): Promise<MetadataResult> => {
      // A stop-with-savepoint is kept among the job's own checkpoints as well.
      if (metadata.retainedBytes !== undefined) {
        await storage.initializeCheckpoint(graph.graph.id, checkpoint);
      }
      return this.#publish(metadata);
    };
    io(
      () => store.whileLeading(publish),
      (outcome) => {
        const result: MetadataResult =
          outcome.kind === 'done'
            ? outcome.value
            : { kind: 'failed', cause: describeError(outcome.cause) };
        this.coordinator.metadataStored(checkpoint, result);
        if (result.kind === 'unknown') this.#settleLater(metadata);
      },
    );
  }

  /** Runs `then` once it is known of every checkpoint whether it is complete. */
  whenSettled(then: () => void): void {
    this.coordinator.whenStored(() => {
      if (this.coordinator.unsettledIds().length === 0) return then();
      sometimes(true, 'a restore waits for a checkpoint that may be complete');
      this.#options.schedule(SETTLE_RETRY_MS, () => this.whenSettled(then));
    });
  }

  // A plain savepoint is the user's: the job does not count on it.
  async #publish(metadata: MetadataToStore): Promise<MetadataResult> {
    const { graph, storage, store } = this.#options;
    const result = await publishCheckpoint(storage, graph.graph.id, metadata);
    const isPlainSavepoint =
      metadata.directory !== undefined && metadata.retainedBytes === undefined;
    if (result.kind !== 'stored' || isPlainSavepoint) return result;
    try {
      await store.recordCompleted(metadata.checkpoint);
      return result;
    } catch (error) {
      return { kind: 'unknown', cause: describeError(error) };
    }
  }

  #settleLater(metadata: MetadataToStore): void {
    this.#options.schedule(SETTLE_RETRY_MS, () => this.#settle(metadata));
  }

  // Storing again makes durable what may only be visible. If that does not work either, a look at
  // the storage tells whether there is nothing to find.
  #settle(metadata: MetadataToStore): void {
    const { graph, storage, store, io } = this.#options;
    const job = graph.graph.id;
    const publish = async (): Promise<MetadataResult> => {
      const again = await this.#publish(metadata);
      if (again.kind === 'stored') return again;
      const stored = await storage.listCheckpoints(job);
      const isThere = stored.some(({ checkpoint }) => checkpoint === metadata.checkpoint);
      return { kind: isThere ? 'unknown' : 'failed', cause: again.cause };
    };
    io(
      () => store.whileLeading(publish),
      (outcome) => {
        if (outcome.kind === 'failed' || outcome.value.kind === 'unknown') {
          return this.#settleLater(metadata);
        }
        this.coordinator.metadataStored(metadata.checkpoint, outcome.value);
      },
    );
  }

  notifyComplete(attempts: readonly ExecutionAttemptId[], checkpoint: CheckpointId): void {
    for (const source of this.#options.sources) source.checkpointComplete(checkpoint);
    const times = buggify('tasks are told twice that a checkpoint is complete') ? 2 : 1;
    for (let told = 0; told < times; told++) {
      for (const attempt of attempts) {
        this.#options.send(attempt, { kind: 'notify-checkpoint-complete', checkpoint });
      }
    }
  }

  notifyAborted(attempts: readonly ExecutionAttemptId[], checkpoint: CheckpointId): void {
    for (const attempt of attempts) {
      this.#options.send(attempt, { kind: 'notify-checkpoint-aborted', checkpoint });
    }
  }

  discardHandles(handles: readonly StateHandle[]): void {
    const { storage, io } = this.#options;
    // Best effort: what stays behind is found by the sweep.
    io(() => storage.discard(handles), ignore);
  }

  discardLocation(checkpoint: CheckpointId, directory: string | undefined): void {
    if (directory !== undefined) return;
    const { graph, storage, io } = this.#options;
    io(() => storage.discardCheckpoint(graph.graph.id, checkpoint), ignore);
  }

  discardCheckpoint(checkpoint: CompletedCheckpoint): void {
    const { graph, storage, io } = this.#options;
    io(
      () => storage.discardCheckpoint(graph.graph.id, checkpoint.id),
      () => this.coordinator.checkpointDiscarded(checkpoint.id),
    );
  }

  failJob(cause: string): void {
    this.#options.failJob(cause);
  }

  completed(checkpoint: CompletedCheckpoint): void {
    const { observer, clock } = this.#options;
    const startedMs = this.#triggeredAtMs.get(checkpoint.id) ?? clock.now();
    this.#triggeredAtMs.delete(checkpoint.id);
    observer.observe({
      kind: 'checkpoint-completed',
      checkpoint: checkpoint.id,
      durationMs: clock.now() - startedMs,
      savepoint: checkpoint.properties.type === 'savepoint',
      pointer: checkpoint.pointer,
      sizeBytes: handlesOf(checkpoint.metadata).reduce((sum, handle) => sum + handle.sizeBytes, 0),
    });
    this.sweep.checkpointCompleted();
  }

  failed({ checkpoint, reason, cause }: CheckpointFailure): void {
    if (checkpoint !== undefined) this.#triggeredAtMs.delete(checkpoint);
    const text = cause === undefined ? reason : `${reason}: ${cause}`;
    this.#options.observer.observe({ kind: 'checkpoint-aborted', checkpoint, reason: text });
  }
}

function ignore(): void {}
