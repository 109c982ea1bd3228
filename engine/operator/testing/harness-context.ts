// A TaskContext with real state backends and everything else manual, for operators and chains
// under test.

import { type CheckpointId, operatorId } from '../../core/ids.ts';
import { MemoryStateBackend } from '../../state/hash-map-state-backend.ts';
import { keyGroupRangeOf } from '../../state/key-groups.ts';
import * as operatorStates from '../../state/operator-state/operator-state-backend.ts';
import type {
  KeyedStateBackend,
  OperatorStateBackend,
  StateBackend,
} from '../../state/state-backend.ts';
import type { KeyedStateHandle, OperatorStateHandle } from '../../state/state-handle.ts';
import { readMemoryHandle } from '../../state/testing/memory-streams.ts';
import type { TaskContext } from '../stream-operator.ts';
import { manualEnvironment } from './manual-environment.ts';
import type { ManualProcessingTime } from './manual-processing-time.ts';

/** What one subtask's operator left behind at a checkpoint. */
export interface HarnessSnapshot {
  readonly checkpoint: CheckpointId;
  readonly keyed: KeyedStateHandle | undefined;
  readonly operatorState: OperatorStateHandle | undefined;
}

export interface HarnessOptions {
  readonly operatorName?: string;
  readonly keyed?: boolean;
  readonly subtaskIndex?: number;
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  readonly attemptNumber?: number;
  readonly checkpointing?: boolean;
  /** Snapshots of all former subtasks, ascending. */
  readonly restore?: readonly HarnessSnapshot[];
  /** Default: memory. */
  readonly stateBackend?: StateBackend;
  /** Processing time at the start. */
  readonly nowMs?: number;
}

export interface HarnessHooks {
  readonly time: ManualProcessingTime;
  /** `run` gives what is to be done with the result, as the task's own mail. */
  readonly io: (label: string, run: () => Promise<() => void>) => void;
  readonly wakeUp: () => void;
  readonly fail: (cause: unknown) => void;
}

type Settings = Required<Omit<HarnessOptions, 'nowMs'>>;

export async function openTaskContext(
  options: HarnessOptions,
  hooks: HarnessHooks,
): Promise<TaskContext> {
  const settings = settingsOf(options);
  const { operatorName, subtaskIndex, parallelism, maxParallelism } = settings;
  const { attemptNumber, checkpointing, restore } = settings;
  return {
    operatorId: operatorId(operatorName),
    operatorName,
    jobName: 'harness',
    subtaskIndex,
    parallelism,
    maxParallelism,
    attemptNumber,
    fencingToken: `e1a${attemptNumber}`,
    restoredCheckpoint: restore[0]?.checkpoint,
    keyed: settings.keyed ? await openKeyed(settings, hooks.time) : undefined,
    operatorState: await openOperatorState(settings),
    processingTime: hooks.time,
    after: (delayMs, wake) => hooks.time.schedule(hooks.time.now() + delayMs, wake),
    environment: manualEnvironment(hooks.time),
    checkpointing,
    io: (label, operation, done) =>
      hooks.io(label, async () => {
        const result = await operation();
        return () => done(result);
      }),
    whenPrepared: (pending, run) =>
      hooks.io('fetch state', async () => {
        await pending;
        return run;
      }),
    wakeUp: hooks.wakeUp,
    fail: hooks.fail,
  };
}

function settingsOf(options: HarnessOptions): Settings {
  return {
    operatorName: 'operator under test',
    keyed: false,
    subtaskIndex: 0,
    parallelism: 1,
    maxParallelism: 128,
    attemptNumber: 0,
    checkpointing: true,
    restore: [],
    stateBackend: new MemoryStateBackend(),
    ...options,
  };
}

function openKeyed(settings: Settings, time: ManualProcessingTime): Promise<KeyedStateBackend> {
  const { operatorName, maxParallelism, restore } = settings;
  return settings.stateBackend.createKeyedStateBackend({
    operatorName,
    maxParallelism,
    range: keyGroupRangeOf(settings),
    now: () => time.now(),
    restore: restore.flatMap(({ keyed }) => (keyed === undefined ? [] : [keyed])),
    read: readMemoryHandle,
  });
}

function openOperatorState(settings: Settings): Promise<OperatorStateBackend> {
  const { operatorName, subtaskIndex, parallelism, restore } = settings;
  return operatorStates.createOperatorStateBackend({
    operatorName,
    subtaskIndex,
    parallelism,
    restore: restore.map(({ operatorState }) =>
      operatorState === undefined ? [] : [operatorState],
    ),
    read: readMemoryHandle,
  });
}
