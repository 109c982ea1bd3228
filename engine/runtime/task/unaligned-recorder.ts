// Collects the in-flight data of one unaligned checkpoint: what waits in the task's channels when
// the barrier overtakes it, and what still arrives ahead of the barriers of other channels.

import type { CheckpointId } from '../../core/ids.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import { isInFlightData } from '../channel/subpartition.ts';
import type { InFlightChannel } from './subtask-snapshot.ts';

interface Recording {
  readonly channel: Omit<InFlightChannel, 'elements'>;
  readonly elements: ChannelElement[];
  open: boolean;
}

export class UnalignedRecorder {
  readonly checkpoint: CheckpointId;
  /** Resolves once all barriers are in; rejects if the checkpoint is aborted. */
  readonly completed: Promise<readonly InFlightChannel[]>;
  readonly #inputs = new Map<number, Recording>();
  readonly #outputs: readonly InFlightChannel[];
  #resolve: (channels: readonly InFlightChannel[]) => void = () => {};
  #reject: (cause: unknown) => void = () => {};

  constructor(checkpoint: CheckpointId, outputs: readonly InFlightChannel[]) {
    this.checkpoint = checkpoint;
    this.#outputs = outputs;
    this.completed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** `elements`: what has arrived on the channel ahead of the barrier so far. */
  record(
    index: number,
    channel: Omit<InFlightChannel, 'elements'>,
    elements: readonly ChannelElement[],
  ): void {
    this.#inputs.set(index, { channel, elements: [...elements], open: true });
  }

  arrived(index: number, element: ChannelElement): void {
    const recording = this.#inputs.get(index);
    if (recording?.open === true && isInFlightData(element)) recording.elements.push(element);
  }

  barrierArrived(index: number): void {
    const recording = this.#inputs.get(index);
    if (recording !== undefined) recording.open = false;
  }

  /** What has been recorded of the inputs so far. */
  get inputs(): readonly InFlightChannel[] {
    return [...this.#inputs.values()].map(({ channel, elements }) => ({ ...channel, elements }));
  }

  allBarriersIn(): void {
    this.#resolve([...this.inputs, ...this.#outputs]);
  }

  abort(cause: unknown): void {
    this.#reject(cause);
  }
}
