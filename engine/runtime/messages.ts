// Everything that actors of different hosts say to each other. Plain data only: it crosses the
// network as bytes. Messages of one sender to one receiver arrive in order, or the connection is
// lost and both ends are told. Each is fenced: by attempt in the receiver's name, or by leader
// epoch.

import type { CheckpointId, ExecutionAttemptId, JobVertexId, OperatorId } from '../core/ids.ts';
import type { SourceSplit } from '../connector/source.ts';
import type { Address } from '../environment/network.ts';
import type { SubtaskRestore } from '../checkpoint/state-assignment.ts';
import type { TaskSnapshot } from '../state/state-handle.ts';
import type { ChannelElement, CheckpointBarrier } from '../stream/elements.ts';
import type { CallMail } from './actor/actor-system.ts';

export const JOB_MANAGER_NAME = 'job-manager';
export const TASK_MANAGER_NAME = 'task-manager';

export interface TaskLocation {
  readonly subtask: number;
  readonly attempt: ExecutionAttemptId;
  readonly host: Address;
}

/** All that a TaskManager needs to run one attempt; the code it has already. */
export interface TaskDeployment {
  readonly attempt: ExecutionAttemptId;
  readonly attemptNumber: number;
  readonly leaderEpoch: number;
  readonly vertex: JobVertexId;
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly inputs: readonly EdgeLocations[];
  readonly outputs: readonly OutputLocations[];
  readonly restore: SubtaskRestore | undefined;
}

export interface EdgeLocations {
  readonly edge: string;
  readonly peers: readonly TaskLocation[];
}

export interface OutputLocations extends EdgeLocations {
  readonly consumerParallelism: number;
  readonly consumerMaxParallelism: number;
}

export type TaskState = 'initializing' | 'running' | 'finished' | 'canceled' | 'failed';

export interface FailureCause {
  /** All that is known, as describeError() puts it. */
  readonly message: string;
  readonly code: string | undefined;
  /** The parts of an OnceproofError, so that it can be told again as one. */
  readonly summary?: string;
  readonly place?: string;
  readonly remedy?: string;
}

export interface TaskStateChanged {
  readonly kind: 'task-state';
  readonly attempt: ExecutionAttemptId;
  readonly state: TaskState;
  readonly cause: FailureCause | undefined;
}

/** A TaskManager starts a new session whenever it has stopped all of its tasks. */
export interface TaskManagerSession {
  /** Distinguishes the lives of one host. */
  readonly instance: number;
  readonly number: number;
}

export type ToJobManager =
  | {
      readonly kind: 'register-task-manager';
      readonly host: Address;
      readonly slots: number;
      readonly session: TaskManagerSession;
    }
  | {
      readonly kind: 'task-manager-heartbeat';
      readonly host: Address;
      readonly session: TaskManagerSession;
      readonly leaderEpoch: number;
    }
  | TaskStateChanged
  | {
      readonly kind: 'acknowledge-checkpoint';
      readonly attempt: ExecutionAttemptId;
      readonly checkpoint: CheckpointId;
      readonly snapshot: TaskSnapshot;
    }
  | {
      readonly kind: 'decline-checkpoint';
      readonly attempt: ExecutionAttemptId;
      readonly checkpoint: CheckpointId;
      readonly reason: string;
    }
  /** All data has been processed: only a checkpoint is missing for the task to end. */
  | { readonly kind: 'end-of-data'; readonly attempt: ExecutionAttemptId }
  | { readonly kind: 'reader-registered'; readonly attempt: ExecutionAttemptId }
  | { readonly kind: 'split-request'; readonly attempt: ExecutionAttemptId }
  | CallMail;

export type ToTaskManager =
  | {
      readonly kind: 'registration-accepted';
      readonly leaderEpoch: number;
      /** The one that was registered: an answer that comes late is about an earlier one. */
      readonly session: TaskManagerSession;
      readonly heartbeatTimeoutMs: number;
    }
  /** The JobManager does not know this session: register anew. */
  | {
      readonly kind: 'registration-unknown';
      readonly leaderEpoch: number;
      readonly session: TaskManagerSession;
    }
  | {
      readonly kind: 'job-manager-heartbeat';
      readonly leaderEpoch: number;
      /** What should run on this host; anything else is a leftover. */
      readonly attempts: readonly ExecutionAttemptId[];
    }
  | { readonly kind: 'deploy-task'; readonly deployment: TaskDeployment }
  | { readonly kind: 'cancel-task'; readonly attempt: ExecutionAttemptId }
  /** What its tasks sent last may be lost, even of those that ended well. */
  | { readonly kind: 'host-lost'; readonly host: Address }
  | { readonly kind: 'task-ended'; readonly attempt: ExecutionAttemptId }
  | CallMail;

export type ToTask =
  | { readonly kind: 'run' }
  | {
      readonly kind: 'open-channel';
      readonly edge: string;
      readonly consumer: number;
    }
  | { readonly kind: 'channel-opened'; readonly edge: string; readonly producer: number }
  | {
      readonly kind: 'channel-element';
      readonly edge: string;
      readonly producer: number;
      readonly sequence: number;
      /** Handed over inside a host, bytes between hosts. */
      readonly element: ChannelElement | Uint8Array;
    }
  | {
      readonly kind: 'grant-credit';
      readonly edge: string;
      readonly consumer: number;
      readonly credit: number;
    }
  | { readonly kind: 'trigger-checkpoint'; readonly barrier: CheckpointBarrier }
  | { readonly kind: 'notify-checkpoint-complete'; readonly checkpoint: CheckpointId }
  | { readonly kind: 'notify-checkpoint-aborted'; readonly checkpoint: CheckpointId }
  | { readonly kind: 'add-splits'; readonly splits: readonly SourceSplit[] }
  | { readonly kind: 'no-more-splits' }
  | { readonly kind: 'cancel' }
  /** The state that the task waits for is there, or will not come. */
  | { readonly kind: 'prepared'; readonly run: () => void }
  | CallMail;

/** Where coordinator state of a source is found in a checkpoint. */
export interface CoordinatorState {
  readonly operator: OperatorId;
  readonly state: Uint8Array;
}
