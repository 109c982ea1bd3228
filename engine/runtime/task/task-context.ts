// What one operator of a task sees of it: its states, its processing time, its I/O. All callbacks
// come back as mails of the task, so an operator never runs beside itself.

import { assert } from '../../core/assert.ts';
import type { CheckpointId } from '../../core/ids.ts';
import type { Timer } from '../../environment/clock.ts';
import type { Environment } from '../../environment/environment.ts';
import type { ChainedOperator } from '../../graph/job-graph.ts';
import type { ProcessingTimeService, TaskContext } from '../../operator/stream-operator.ts';
import type { KeyedStateBackend, OperatorStateBackend } from '../../state/state-backend.ts';
import type { TaskDeployment } from '../messages.ts';

/** What the task offers to all of its operators. */
export interface TaskServices {
  readonly deployment: TaskDeployment;
  readonly environment: Environment;
  readonly jobName: string;
  readonly checkpointing: boolean;
  readonly restoredCheckpoint: CheckpointId | undefined;
  /** Runs `run` as a mail of the task, if it still runs by then. */
  readonly post: (run: () => void) => void;
  /** The same, but not while the chain takes no records: timers emit. */
  readonly postWhenAvailable: (run: () => void) => void;
  readonly io: TaskContext['io'];
  readonly whenPrepared: TaskContext['whenPrepared'];
  /** State is being fetched: the task takes nothing up. */
  readonly isPreparing: () => boolean;
  readonly wakeUp: () => void;
  readonly fail: (cause: unknown) => void;
}

export interface OperatorStates {
  readonly keyed: KeyedStateBackend | undefined;
  readonly operatorState: OperatorStateBackend;
}

export function taskContext(
  services: TaskServices,
  operator: Pick<ChainedOperator, 'id' | 'name'>,
  states: OperatorStates,
): TaskContext {
  const { deployment } = services;
  return {
    operatorId: operator.id,
    operatorName: operator.name,
    jobName: services.jobName,
    subtaskIndex: deployment.subtask,
    parallelism: deployment.parallelism,
    maxParallelism: deployment.maxParallelism,
    attemptNumber: deployment.attemptNumber,
    fencingToken: fencingTokenOf(deployment),
    restoredCheckpoint: services.restoredCheckpoint,
    keyed: states.keyed,
    operatorState: states.operatorState,
    processingTime: processingTime(services),
    environment: services.environment,
    checkpointing: services.checkpointing,
    io: services.io,
    whenPrepared: services.whenPrepared,
    after: (delayMs, wake) => after(services, delayMs, wake),
    wakeUp: services.wakeUp,
    fail: services.fail,
  };
}

/** Unique among all attempts of all subtasks under all leaders, and fit for a file's name. */
export function fencingTokenOf(deployment: TaskDeployment): string {
  return `e${deployment.leaderEpoch}a${deployment.attemptNumber}`;
}

/** For names of files: no two attempts of any two subtasks have the same. */
export function fileTokenOf(deployment: TaskDeployment): string {
  const { vertex, subtask, leaderEpoch, attemptNumber } = deployment;
  return `${vertex}-${subtask}-${leaderEpoch}-${attemptNumber}`;
}

function after({ environment, post }: TaskServices, delayMs: number, wake: () => void): Timer {
  let canceled = false;
  const fire = (): void => {
    if (!canceled) wake();
  };
  const timer = environment.clock.schedule(delayMs, () => post(fire));
  return {
    cancel: () => {
      canceled = true;
      timer.cancel();
    },
  };
}

function processingTime({ environment, postWhenAvailable }: TaskServices): ProcessingTimeService {
  const { clock } = environment;
  return {
    now: () => clock.wallTime(),
    schedule(timeMs, wake): Timer {
      let pending: Timer | undefined;
      let canceled = false;
      // The wall clock may be stepped while the timer waits: look again, and wait on if it was.
      const arm = (): void => {
        const delayMs = Math.max(0, timeMs - clock.wallTime());
        pending = clock.schedule(delayMs, () => postWhenAvailable(fire));
      };
      const fire = (): void => {
        if (canceled) return;
        const now = clock.wallTime();
        if (now < timeMs) arm();
        else wake(now);
      };
      assert(Number.isFinite(timeMs), `Cannot schedule a timer at ${timeMs}`);
      arm();
      return {
        cancel: () => {
          canceled = true;
          pending?.cancel();
        },
      };
    },
  };
}
