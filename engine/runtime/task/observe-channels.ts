// Tells the observer what had passed the channels of a task at its barrier, where it asks for that:
// both ends of a channel can then be held against each other. Once a snapshot, never once a record.

import type { CheckpointId } from '../../core/ids.ts';
import { recordsIn } from '../channel/input-channel.ts';
import type { TaskDeployment } from '../messages.ts';
import type { ObservedChannel, Observer } from '../observer.ts';
import type { InputGate } from './input-gate.ts';
import type { InFlightChannel } from './subtask-snapshot.ts';
import type { TaskOutputs } from './task-outputs.ts';

export interface ObservedChannels {
  readonly observer: Observer;
  readonly deployment: TaskDeployment;
  readonly gate: InputGate | undefined;
  readonly outputs: TaskOutputs;
}

export class ChannelObserver {
  readonly #channels: ObservedChannels;

  constructor(channels: ObservedChannels) {
    this.#channels = channels;
  }

  /** After the barrier was forwarded, before anything else is. */
  atBarrier(
    checkpoint: CheckpointId,
    mode: 'aligned' | 'at-least-once' | 'unaligned',
    overtaken: readonly InFlightChannel[],
  ): void {
    const { observer, deployment, gate, outputs } = this.#channels;
    if (!observer.stateDigests) return;
    observer.observe({
      kind: 'channels-at-barrier',
      checkpoint,
      attempt: deployment.attempt,
      mode,
      inputs: (gate?.channels ?? []).map(({ identity, passed }) => {
        const { edge, producer, consumer } = identity;
        return { edge, from: producer, to: consumer, ...passed };
      }),
      outputs: outputs.partitions.flatMap(({ edge, subpartitions }) =>
        Array.from(subpartitions, ([to, { tally }]) => {
          const held = overtaken.find((one) => one.edge.id === edge.id && one.to === to);
          const { records, order } = tally;
          const from = deployment.subtask;
          const overtakenRecords = recordsIn(held?.elements ?? []);
          return { edge: edge.id, from, to, records, overtaken: overtakenRecords, order };
        }),
      ),
    });
  }

  /** The in-flight data of the inputs is complete. */
  recorded(checkpoint: CheckpointId, inputs: readonly InFlightChannel[]): void {
    const { observer, deployment } = this.#channels;
    if (!observer.stateDigests) return;
    const channels = inputs.map(({ edge, from, to, elements }): ObservedChannel => {
      return { edge: edge.id, from, to, records: recordsIn(elements) };
    });
    const { attempt } = deployment;
    observer.observe({ kind: 'channels-recorded', checkpoint, attempt, inputs: channels });
  }
}
