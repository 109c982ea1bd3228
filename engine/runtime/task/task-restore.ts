// Brings back the state of one subtask before it runs: keyed and operator state of every operator,
// and in-flight data of its channels. I/O only; touches nothing of the task.

import type { CheckpointWorkerStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { OperatorRestore } from '../../checkpoint/state-assignment.ts';
import type { OperatorId } from '../../core/ids.ts';
import type { Environment } from '../../environment/environment.ts';
import type { ChainedOperator, JobGraph, JobVertex } from '../../graph/job-graph.ts';
import { keyGroupRangeOf } from '../../state/key-groups.ts';
import { createOperatorStateBackend } from '../../state/operator-state/operator-state-backend.ts';
import type { KeyedStateBackend, LocalState } from '../../state/state-backend.ts';
import type { ChannelStateHandle } from '../../state/state-handle.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import { decodeElements } from '../channel/element-codec.ts';
import type { AttemptDirectory } from '../local-directory.ts';
import type { TaskDeployment } from '../messages.ts';
import type { OperatorStates } from './task-context.ts';
import { edgeOf } from './task-outputs.ts';

export interface RestoredChannel {
  readonly handle: ChannelStateHandle;
  readonly elements: readonly ChannelElement[];
}

export interface RestoredTask {
  readonly states: ReadonlyMap<OperatorId, OperatorStates>;
  readonly channels: readonly RestoredChannel[];
  /** The restored checkpoint was taken after the task had processed all its data. */
  readonly finished: boolean;
}

export interface TaskRestoreOptions {
  readonly vertex: JobVertex;
  readonly graph: JobGraph;
  readonly deployment: TaskDeployment;
  readonly storage: CheckpointWorkerStorage;
  readonly environment: Environment;
  /** Prefix of the directories of this attempt; undefined where it has no local disk. */
  readonly local: AttemptDirectory | undefined;
  readonly trackDigest: boolean;
}

/** What was opened is closed again if not all of it can be. */
export async function restoreTask(options: TaskRestoreOptions): Promise<RestoredTask> {
  const states = new Map<OperatorId, OperatorStates>();
  try {
    return await restoreInto(states, options);
  } catch (error) {
    await disposeStates(states);
    throw error;
  }
}

/** A promise where something is still to be closed. It never rejects. */
export function disposeStates(states: RestoredTask['states']): Promise<void> | undefined {
  const closing = [...states.values()].flatMap(({ keyed }) => keyed?.dispose() ?? []);
  return closing.length === 0 ? undefined : Promise.all(closing).then(() => undefined);
}

async function restoreInto(
  states: Map<OperatorId, OperatorStates>,
  options: TaskRestoreOptions,
): Promise<RestoredTask> {
  const { vertex, deployment } = options;
  if (vertex.sourceOperator !== undefined) {
    const source = { id: vertex.sourceOperator, name: vertex.name };
    states.set(source.id, await restoreOperator(options, { ...source, keyed: false }));
  }
  for (const operator of vertex.operators) {
    states.set(operator.id, await restoreOperator(options, operator));
  }
  const channels: RestoredChannel[] = [];
  for (const handle of deployment.restore?.channels ?? []) {
    channels.push(await restoreChannel(options, handle));
  }
  return { states, channels, finished: deployment.restore?.finished ?? false };
}

type RestoredOperator = Pick<ChainedOperator, 'id' | 'name' | 'keyed'> &
  Partial<Pick<ChainedOperator, 'keySerializer'>>;

async function restoreOperator(
  options: TaskRestoreOptions,
  operator: RestoredOperator,
): Promise<OperatorStates> {
  const { deployment, storage } = options;
  const restore = deployment.restore?.operators.find((found) => found.operator === operator.id);
  return {
    keyed: operator.keyed ? await restoreKeyed(options, operator, restore) : undefined,
    operatorState: await createOperatorStateBackend({
      operatorName: operator.name,
      subtaskIndex: deployment.subtask,
      parallelism: deployment.parallelism,
      restore: restore?.operatorState ?? [],
      read: (handle) => storage.read(handle),
    }),
  };
}

function restoreKeyed(
  options: TaskRestoreOptions,
  operator: RestoredOperator,
  restore: OperatorRestore | undefined,
): Promise<KeyedStateBackend> {
  const { deployment, graph, storage, environment, trackDigest } = options;
  const { subtask, parallelism, maxParallelism } = deployment;
  const local = localState(options, operator);
  return graph.stateBackend.createKeyedStateBackend({
    operatorName: operator.name,
    maxParallelism,
    range: keyGroupRangeOf({ subtaskIndex: subtask, parallelism, maxParallelism }),
    ...(operator.keySerializer === undefined ? {} : { keySerializer: operator.keySerializer }),
    now: () => environment.clock.wallTime(),
    restore: restore?.keyed ?? [],
    read: (handle) => storage.read(handle),
    mayReuse: (handle) => storage.isOwn(handle),
    trackDigest,
    ...(local === undefined ? {} : { local }),
  });
}

function localState(
  { environment, local }: TaskRestoreOptions,
  { id }: RestoredOperator,
): LocalState | undefined {
  const { services, filesystem } = environment;
  if (services === undefined || local === undefined) return undefined;
  return {
    filesystem,
    stores: services.keyValueStores,
    directory: `${local.prefix}-${id}`,
    notRemoved: local.notRemoved,
  };
}

async function restoreChannel(
  { graph, storage }: TaskRestoreOptions,
  handle: ChannelStateHandle,
): Promise<RestoredChannel> {
  const bytes = await storage.read(handle.state);
  return { handle, elements: decodeElements(bytes, edgeOf(graph, handle.edge).serializer) };
}
