// A CheckpointCoordinator with a hand-driven JobManager around it: every effect is written down,
// and the test answers it when it likes. Two tasks, v:0 and v:1; v:0 is triggered.

import { assert } from '../../core/assert.ts';
import { ManualClock } from '../../connector/testing/manual-clock.ts';
import {
  checkpointId,
  type CheckpointId,
  executionAttemptId,
  type ExecutionAttemptId,
  jobId,
  jobVertexId,
  operatorId,
} from '../../core/ids.ts';
import { SeededRandom } from '../../environment/seeded-random.ts';
import { type CheckpointConfig, DEFAULT_CHECKPOINT_CONFIG } from '../../graph/checkpoint-config.ts';
import type { StateHandle, TaskSnapshot } from '../../state/state-handle.ts';
import type { CheckpointBarrier } from '../../stream/elements.ts';
import { CheckpointCoordinator, type CheckpointTrigger } from '../checkpoint-coordinator.ts';
import type {
  AcknowledgeResult,
  CheckpointEffects,
  CheckpointFailure,
  CheckpointOutcome,
  CheckpointPlan,
  EnumeratorSnapshot,
  MetadataToStore,
} from '../checkpoint-effects.ts';
import type { CompletedCheckpoint } from '../completed-checkpoint.ts';
import { snapshotOf } from './handles.ts';

export const TASK_1 = executionAttemptId('v:0#0@1');
export const TASK_2 = executionAttemptId('v:1#0@1');
const VERTEX = jobVertexId('v');

export class CoordinatorWorld implements CheckpointEffects {
  readonly clock = new ManualClock();
  readonly coordinator: CheckpointCoordinator;
  /** Every effect, in order, as `kind id`. */
  readonly log: string[] = [];
  readonly barriers: CheckpointBarrier[] = [];
  readonly stored: MetadataToStore[] = [];
  readonly discarded: string[] = [];
  readonly outcomes: CheckpointOutcome[] = [];
  readonly failures: CheckpointFailure[] = [];
  plan: CheckpointPlan = {
    kind: 'ready',
    tasksToTrigger: [TASK_1],
    tasksToAcknowledge: [
      { vertex: VERTEX, subtaskIndex: 0, attempt: TASK_1 },
      { vertex: VERTEX, subtaskIndex: 1, attempt: TASK_2 },
    ],
    finishedTasks: [],
  };
  enumerators: EnumeratorSnapshot = { kind: 'taken', states: new Map() };
  /** Answers `discardCheckpoint` by itself. */
  discardsAtOnce = true;

  constructor(config: Partial<CheckpointConfig> = {}, restoredIdFloor = 0) {
    this.coordinator = new CheckpointCoordinator({
      job: {
        id: jobId('job'),
        name: 'job',
        vertices: [
          {
            vertex: VERTEX,
            name: 'v',
            parallelism: 2,
            maxParallelism: 128,
            operators: [{ operator: operatorId('op'), uid: undefined, name: 'op' }],
          },
        ],
      },
      config: { ...DEFAULT_CHECKPOINT_CONFIG, ...config },
      clock: this.clock,
      random: new SeededRandom('coordinator-world'),
      effects: this,
      restoredIdFloor,
    });
  }

  trigger(trigger: CheckpointTrigger = { kind: 'manual' }): void {
    this.coordinator.triggerCheckpoint(trigger, (outcome) => this.outcomes.push(outcome));
  }

  /** Triggered and with its directory there: the tasks have their barriers. */
  begin(id: number, trigger: CheckpointTrigger = { kind: 'manual' }): void {
    this.trigger(trigger);
    this.locate(id);
  }

  locate(id: number): void {
    const target = this.log.includes(`locate ${id} savepoint`) ? `/savepoints/sp-${id}` : undefined;
    this.coordinator.locationInitialized(checkpointId(id), {
      kind: 'initialized',
      directory: target,
    });
  }

  acknowledge(
    task: ExecutionAttemptId,
    id: number,
    snapshot: TaskSnapshot = snapshotOf(),
  ): AcknowledgeResult {
    return this.coordinator.acknowledge(task, checkpointId(id), snapshot);
  }

  acknowledgeAll(id: number): void {
    this.acknowledge(TASK_1, id);
    this.acknowledge(TASK_2, id);
  }

  store(id: number): void {
    const pointer = `/checkpoints/job/chk-${id}`;
    this.coordinator.metadataStored(checkpointId(id), { kind: 'stored', pointer });
  }

  complete(id: number, trigger: CheckpointTrigger = { kind: 'manual' }): void {
    this.begin(id, trigger);
    this.acknowledgeAll(id);
    this.store(id);
  }

  get pending(): readonly number[] {
    return this.coordinator.pendingIds();
  }

  get retained(): readonly number[] {
    return this.coordinator.retained().map(({ id }) => id);
  }

  reasons(): readonly string[] {
    return this.failures.map(({ reason }) => reason);
  }

  planCheckpoint(): CheckpointPlan {
    return this.plan;
  }

  snapshotEnumerators(checkpoint: CheckpointId): EnumeratorSnapshot {
    this.log.push(`enumerators ${checkpoint}`);
    return this.enumerators;
  }

  triggerTask(attempt: ExecutionAttemptId, barrier: CheckpointBarrier): void {
    this.log.push(`trigger ${barrier.checkpoint} ${attempt}`);
    this.barriers.push(barrier);
  }

  initializeLocation(checkpoint: CheckpointId, target: string | undefined): void {
    this.log.push(`locate ${checkpoint}${target === undefined ? '' : ' savepoint'}`);
  }

  storeMetadata(metadata: MetadataToStore): void {
    this.log.push(`store ${metadata.checkpoint}`);
    this.stored.push(metadata);
  }

  notifyComplete(attempts: readonly ExecutionAttemptId[], checkpoint: CheckpointId): void {
    this.log.push(`notify-complete ${checkpoint} ${attempts.length}`);
  }

  notifyAborted(attempts: readonly ExecutionAttemptId[], checkpoint: CheckpointId): void {
    this.log.push(`notify-aborted ${checkpoint} ${attempts.length}`);
  }

  discardHandles(handles: readonly StateHandle[]): void {
    for (const handle of handles) {
      assert(handle.kind === 'file', 'Cannot discard inline state');
      this.discarded.push(handle.path);
    }
  }

  discardLocation(checkpoint: CheckpointId): void {
    this.log.push(`discard-location ${checkpoint}`);
  }

  discardCheckpoint({ id }: CompletedCheckpoint): void {
    this.log.push(`discard ${id}`);
    if (!this.discardsAtOnce) return;
    // Later, as I/O is: not while the coordinator is still deciding.
    this.clock.schedule(0, () => this.coordinator.checkpointDiscarded(id));
  }

  failJob(cause: string): void {
    this.log.push(`fail-job ${cause}`);
  }

  triggered(checkpoint: CheckpointId): void {
    this.log.push(`triggered ${checkpoint}`);
  }

  completed({ id }: CompletedCheckpoint): void {
    this.log.push(`completed ${id}`);
  }

  failed(failure: CheckpointFailure): void {
    this.failures.push(failure);
  }
}
