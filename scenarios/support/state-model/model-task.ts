// One attempt of a subtask of the model's job: the engine's own restore and snapshots around a
// keyed backend, without records. It answers the JobManager as a task does.

import type { CheckpointWorkerStorage } from '../../../engine/checkpoint/checkpoint-storage.ts';
import { present } from '../../../engine/core/assert.ts';
import { describeError, OnceproofError } from '../../../engine/core/errors.ts';
import type { CheckpointId } from '../../../engine/core/ids.ts';
import type { Environment } from '../../../engine/environment/environment.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { JobGraph } from '../../../engine/graph/job-graph.ts';
import type { TaskDeployment, ToTask } from '../../../engine/runtime/messages.ts';
import { fencedStreams } from '../../../engine/runtime/task/fenced-streams.ts';
import { takeSnapshot } from '../../../engine/runtime/task/subtask-snapshot.ts';
import { fileTokenOf } from '../../../engine/runtime/task/task-context.ts';
import {
  disposeStates,
  type RestoredTask,
  restoreTask,
} from '../../../engine/runtime/task/task-restore.ts';
import type { KeyedStateBackend } from '../../../engine/state/state-backend.ts';
import type { TaskSnapshot } from '../../../engine/state/state-handle.ts';
import type { CheckpointBarrier } from '../../../engine/stream/elements.ts';
import type { HostLife } from './model-stage.ts';

export interface ModelTaskOptions {
  readonly life: HostLife;
  readonly graph: JobGraph;
  readonly deployment: TaskDeployment;
  readonly storage: CheckpointWorkerStorage;
  /** Processing time, of the model. */
  readonly nowMs: () => number;
  /** The synchronous part of a snapshot begins. */
  readonly triggered: (checkpoint: CheckpointId) => void;
  readonly acknowledge: (checkpoint: CheckpointId, snapshot: TaskSnapshot) => void;
  readonly decline: (checkpoint: CheckpointId, reason: string) => void;
  readonly fail: (cause: unknown) => void;
}

export class ModelTask {
  readonly life: HostLife;
  readonly #options: ModelTaskOptions;
  readonly #restored: RestoredTask;
  #isOver = false;

  private constructor(options: ModelTaskOptions, restored: RestoredTask) {
    this.life = options.life;
    this.#options = options;
    this.#restored = restored;
  }

  static async restore(options: ModelTaskOptions): Promise<ModelTask> {
    const { life, graph, deployment, storage, nowMs } = options;
    const restored = await restoreTask({
      vertex: present(graph.vertices[0], 'Cannot restore a job without vertices'),
      graph,
      deployment,
      storage,
      environment: withWallTime(life.environment, nowMs),
      local: life.local?.nextAttempt(),
      trackDigest: true,
    });
    return new ModelTask(options, restored);
  }

  get keyed(): KeyedStateBackend {
    const [states] = this.#restored.states.values();
    return present(states?.keyed, 'Cannot use the state of a task that has none');
  }

  receive(message: ToTask): void {
    if (this.#isOver) return;
    if (message.kind === 'trigger-checkpoint') this.#trigger(message.barrier);
    if (message.kind === 'notify-checkpoint-complete') {
      this.keyed.notifyCheckpointComplete(message.checkpoint);
    }
    if (message.kind === 'notify-checkpoint-aborted') {
      this.keyed.notifyCheckpointAborted(message.checkpoint);
    }
  }

  async cancel(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await disposeStates(this.#restored.states);
  }

  #trigger({ checkpoint, options, latestCompleted }: CheckpointBarrier): void {
    const { storage, deployment, triggered, acknowledge } = this.#options;
    if (latestCompleted !== undefined) this.keyed.notifyCheckpointComplete(latestCompleted);
    const streams = storage.streamsFor(checkpoint, options.targetDirectory);
    const attempt = { fencingToken: fileTokenOf(deployment), isOver: () => this.#isOver };
    takeSnapshot({
      checkpoint,
      streams: fencedStreams(streams, attempt),
      states: this.#restored.states,
      external: undefined,
      channels: undefined,
      finished: false,
    }).then(
      (snapshot) => acknowledge(checkpoint, snapshot),
      (cause: unknown) => this.#snapshotFailed(checkpoint, cause),
    );
    triggered(checkpoint);
  }

  #snapshotFailed(checkpoint: CheckpointId, cause: unknown): void {
    if (this.#isOver) return;
    const { decline, fail } = this.#options;
    const isFinal = cause instanceof OnceproofError && /^OP-E(4|619)/.test(cause.code);
    if (isFinal) fail(cause);
    else decline(checkpoint, describeError(cause));
  }
}

/** The disk or the service failed; nothing that was read is wrong. A task then starts again. */
export function isPassing(cause: unknown): boolean {
  if (cause instanceof FileSystemError) return true;
  return cause instanceof OnceproofError && ['OP-E619', 'OP-E580'].includes(cause.code);
}

function withWallTime(environment: Environment, wallTime: () => number): Environment {
  const { clock } = environment;
  return {
    ...environment,
    clock: {
      now: () => clock.now(),
      wallTime,
      schedule: (delayMs, wake) => clock.schedule(delayMs, wake),
    },
  };
}
