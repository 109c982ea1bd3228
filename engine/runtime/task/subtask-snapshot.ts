// Takes the snapshot of one subtask: the synchronous part of all operators at once, then waits for
// what is written behind it and puts the handles together. Channel state is added for unaligned
// ones.

import type { CheckpointStreamFactory } from '../../checkpoint/checkpoint-storage.ts';
import type { CheckpointId, OperatorId } from '../../core/ids.ts';
import type { JobEdge } from '../../graph/job-graph.ts';
import type {
  ChannelStateHandle,
  OperatorSnapshot,
  TaskSnapshot,
} from '../../state/state-handle.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import { encodeElements } from '../channel/element-codec.ts';
import type { OperatorStates } from './task-context.ts';
import { trackedStreams } from './tracked-streams.ts';

/** In-flight data of one channel, as it stood at the barrier. */
export interface InFlightChannel {
  readonly kind: ChannelStateHandle['kind'];
  readonly edge: JobEdge;
  readonly from: number;
  readonly to: number;
  readonly elements: readonly ChannelElement[];
}

export interface SnapshotRequest {
  readonly checkpoint: CheckpointId;
  readonly streams: CheckpointStreamFactory;
  readonly states: ReadonlyMap<OperatorId, OperatorStates>;
  /** Work of operators outside their states, which the snapshot depends on. */
  readonly external: Promise<void> | undefined;
  /** Resolves with the in-flight data once all barriers are in; undefined where there is none. */
  readonly channels: Promise<readonly InFlightChannel[]> | undefined;
  readonly finished: boolean;
  /** Gets the names of the parts that are not stored. */
  readonly missing?: Set<string>;
}

/** The synchronous part is over when this returns. If it fails, nothing of it stays stored. */
export function takeSnapshot(request: SnapshotRequest): Promise<TaskSnapshot> {
  const { streams, discardAll } = trackedStreams(request.streams);
  const tracked = { ...request, streams };
  const operators = [...request.states].map(([operator, states]) =>
    snapshotOperator(operator, states, tracked),
  );
  const channels = writeChannels(tracked);
  noteExternal(tracked);
  // All are awaited together, so that a failure of one never leaves another's unhandled.
  return Promise.all([Promise.all(operators), channels, request.external]).then(
    ([snapshots, handles]) => ({
      operators: snapshots.filter(
        ({ keyed, operatorState }) => keyed.length + operatorState.length > 0,
      ),
      channels: handles,
      finished: request.finished,
    }),
    async (cause: unknown) => {
      await Promise.allSettled([...operators, channels]);
      await request.external?.catch(() => undefined);
      await discardAll();
      throw cause;
    },
  );
}

async function snapshotOperator(
  operator: OperatorId,
  { keyed, operatorState }: OperatorStates,
  { checkpoint, streams, missing }: SnapshotRequest,
): Promise<OperatorSnapshot> {
  const own = streams.ofOperator?.(operator) ?? streams;
  const part = `state of ${operator}`;
  missing?.add(part);
  const [keyedHandle, operatorHandle] = await Promise.all([
    keyed?.snapshot(checkpoint, own),
    operatorState.snapshot(checkpoint, own),
  ]);
  missing?.delete(part);
  return {
    operator,
    keyed: keyedHandle === undefined ? [] : [keyedHandle],
    operatorState: operatorHandle === undefined ? [] : [operatorHandle],
  };
}

// Only looks on: what waits for the work must not wait for this as well.
function noteExternal({ external, missing }: SnapshotRequest): void {
  if (external === undefined || missing === undefined) return;
  missing.add('work of operators');
  const over = (): boolean => missing.delete('work of operators');
  external.then(over, over);
}

async function writeChannels(request: SnapshotRequest): Promise<readonly ChannelStateHandle[]> {
  const { missing } = request;
  if (request.channels !== undefined) missing?.add('barriers of other channels');
  const inFlight = await request.channels;
  missing?.delete('barriers of other channels');
  if (inFlight === undefined) return [];
  const filled = inFlight.filter(({ elements }) => elements.length > 0);
  return Promise.all(filled.map((channel) => writeChannel(channel, request.streams)));
}

async function writeChannel(
  { kind, edge, from, to, elements }: InFlightChannel,
  streams: CheckpointStreamFactory,
): Promise<ChannelStateHandle> {
  const output = streams.open('exclusive', `channel-${from}-${to}`);
  try {
    await output.write(encodeElements(elements, edge.serializer));
    return { kind, edge: edge.id, from, to, state: await output.close() };
  } catch (error) {
    await output.discard();
    throw error;
  }
}
