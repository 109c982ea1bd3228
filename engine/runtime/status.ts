// What the parts of a cluster say of themselves when somebody asks why nothing moves: plain data,
// made when asked for. Nobody pays for it before.

import type {
  AlignmentStatus,
  CheckpointCoordinatorStatus,
} from '../checkpoint/checkpoint-status.ts';
import type { CheckpointId, ExecutionAttemptId, OperatorId } from '../core/ids.ts';
import type { Address } from '../environment/network.ts';
import type { ExecutionState } from './job/execution-graph.ts';
import type { TaskLocation } from './messages.ts';

/** A consuming end. */
export interface InputStatus {
  readonly edge: string;
  readonly producer: TaskLocation;
  /** The producer has answered that it will send. */
  readonly isOpen: boolean;
  /** Elements that came from the producer so far. */
  readonly received: number;
  /** Of them, and of in-flight data that was restored: not processed yet. */
  readonly queued: number;
  /** Waits for the barriers of other channels. */
  readonly isBlocked: boolean;
  readonly hasEnded: boolean;
  /** Places that became free and that the producer has not been told of. */
  readonly owedCredit: number;
}

/** A producing end. */
export interface OutputStatus {
  readonly edge: string;
  readonly consumer: TaskLocation;
  readonly isOpen: boolean;
  readonly sent: number;
  /** Elements that wait for credit, or for the channel to open. */
  readonly queued: number;
  readonly credit: number;
}

export interface SnapshotStatus {
  readonly checkpoint: CheckpointId;
  readonly forMs: number;
  /** Of it: what is not stored yet. */
  readonly missing: readonly string[];
}

export interface TaskCheckpointsStatus {
  /** The newest whose barrier was passed on. */
  readonly newest: CheckpointId | undefined;
  readonly alignment: AlignmentStatus | undefined;
  /** Triggered by the JobManager; they wait for all inputs to end. */
  readonly held: readonly CheckpointId[];
  readonly snapshots: readonly SnapshotStatus[];
  readonly lastAnswer:
    | {
        readonly checkpoint: CheckpointId;
        readonly kind: 'acknowledged' | 'declined';
        readonly forMs: number;
      }
    | undefined;
}

export interface SourceStatus {
  readonly hasEnded: boolean;
  /** What the reader said when it was asked last. */
  readonly lastPoll: 'more-available' | 'nothing-available' | 'end-of-input' | undefined;
  /** Splits it was given, restored ones included. */
  readonly splits: number;
  /** It was told that no more will come. */
  readonly isDismissed: boolean;
}

/** Of a task whose state is restored. */
export interface RunningTaskStatus {
  readonly source: SourceStatus | undefined;
  /** Operators that take no records now, by name. */
  readonly unavailable: readonly string[];
  /** Operators that have work left, such as commits. */
  readonly undone: readonly string[];
  /** All data has gone through it. */
  readonly isFinished: boolean;
  /** It has stopped for a savepoint. */
  readonly isSuspended: boolean;
  /** What it did is committed, or it has nothing to commit. */
  readonly mayEnd: boolean;
  /** This one, or a later one, has to complete before the task may end. */
  readonly lastCheckpoint: CheckpointId | undefined;
  readonly checkpoints: TaskCheckpointsStatus | undefined;
}

export interface TaskStatus {
  readonly attempt: ExecutionAttemptId;
  /** Undefined while its state is being restored. */
  readonly running: RunningTaskStatus | undefined;
  /** It waits for state that the next batch, watermark or timer needs. */
  readonly isFetching: boolean;
  readonly inputs: readonly InputStatus[];
  readonly outputs: readonly OutputStatus[];
}

export interface TaskManagerStatus {
  /** Of the leader it is registered with. */
  readonly leaderEpoch: number | undefined;
  /** Registrations, one after the other, that nobody has answered; since when. */
  readonly unanswered: { readonly count: number; readonly forMs: number } | undefined;
  /** Since it heard of the leader. */
  readonly silentForMs: number;
  readonly tasks: readonly TaskStatus[];
}

export interface SubtaskStatus {
  readonly attempt: ExecutionAttemptId | undefined;
  /** Of its vertex. */
  readonly name: string;
  readonly subtask: number;
  /** Of its chain. */
  readonly operators: readonly { readonly id: OperatorId; readonly name: string }[];
  readonly state: ExecutionState;
  readonly host: Address | undefined;
}

export interface SchedulerStatus {
  readonly goal: 'run' | 'fail' | 'cancel';
  /** Subtasks that are to be started, and are not. */
  readonly toStart: number;
  /** Of the backoff after a failure. */
  readonly waitMs: number;
  readonly slotsNeeded: number;
  readonly slotsOffered: number;
  readonly slotsMissingForMs: number | undefined;
}

export interface SourceCoordinatorStatus {
  readonly operator: OperatorId;
  readonly name: string;
  readonly registered: readonly ExecutionAttemptId[];
  /** I/O of its enumerator that is not over. */
  readonly pending: readonly string[];
}

export interface JobStatus {
  readonly subtasks: readonly SubtaskStatus[];
  readonly scheduler: SchedulerStatus;
  readonly checkpoints: CheckpointCoordinatorStatus | undefined;
  readonly sources: readonly SourceCoordinatorStatus[];
  /** All tasks have ended, and this is being done about it. */
  readonly ending: string | undefined;
}

export interface JobManagerStatus {
  readonly leaderEpoch: number;
  readonly taskManagers: readonly Address[];
  /** Undefined before the job is recovered. */
  readonly job: JobStatus | undefined;
}
