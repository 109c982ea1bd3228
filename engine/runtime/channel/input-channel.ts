// The consuming end of one channel: holds what has arrived and not been processed. Checks that no
// element was lost on the way, and grants the producer credit for what has been processed.

import { assert } from '../../core/assert.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import type { ObservedInput } from '../observer.ts';
import { ChannelTally } from './channel-tally.ts';
import { isInFlightData, overtakes } from './subpartition.ts';

/** Elements a channel holds at most: enough to keep a consumer busy over one round trip. */
export const CHANNEL_CREDIT = 8;

export interface ChannelIdentity {
  /** JobEdge id. */
  readonly edge: string;
  readonly producer: number;
  readonly consumer: number;
  /** Input of the operator chain: 0, or 1 for the second of a connect. */
  readonly input: number;
}

export class InputChannel {
  readonly identity: ChannelIdentity;
  #queue: ChannelElement[] = [];
  #received = 0;
  #restored = 0;
  /** Barriers in the queue that overtook, and so came without credit. */
  #marks = 0;
  #restoredRecords = 0;
  /** Records that were polled, restored ones included. */
  #polledRecords = 0;
  /** Of what the producer sent, as far as it was polled. */
  readonly #tally = new ChannelTally();
  /** Set while the channel waits for the barriers of others. */
  blocked = false;
  /** The producer has ended: nothing follows. */
  ended = false;

  constructor(identity: ChannelIdentity) {
    this.identity = identity;
  }

  get isReady(): boolean {
    return !this.blocked && this.#queue.length > 0;
  }

  get queuedElements(): number {
    return this.#queue.length;
  }

  /** Elements that came from the producer. */
  get received(): number {
    return this.#received;
  }

  /** In-flight data of an unaligned checkpoint: processed before anything the producer sends. */
  restore(elements: readonly ChannelElement[]): void {
    this.#queue.push(...elements);
    this.#restored += elements.length;
    this.#restoredRecords += recordsIn(elements);
  }

  /** False if an element between this one and the last is missing: the channel is broken. */
  add(sequence: number, element: ChannelElement): boolean {
    if (sequence !== this.#received + 1) return false;
    this.#received = sequence;
    // It has taken effect by arriving; from here on it only marks a place for its own checkpoint.
    if (overtakes(element)) {
      this.#queue = this.#queue.filter((other) => !overtakes(other));
      this.#marks = 1;
    }
    this.#queue.push(element);
    assert(
      this.#queue.length <= CHANNEL_CREDIT + this.#restored + this.#marks,
      `Cannot hold more than ${CHANNEL_CREDIT} elements of ${this.identity.edge}`,
    );
    return true;
  }

  poll(): ChannelElement | undefined {
    const element = this.#queue.shift();
    if (element === undefined) return undefined;
    if (overtakes(element)) this.#marks = 0;
    if (element.kind === 'records') this.#polledRecords += element.values.length;
    if (this.#restored === 0) this.#tally.add(element);
    return element;
  }

  /** What has been polled so far. */
  get passed(): Pick<ObservedInput, 'records' | 'restored' | 'order'> {
    const { order } = this.#tally;
    return { records: this.#polledRecords, restored: this.#restoredRecords, order };
  }

  /** Whether the element just polled frees a place that the producer had credit for. */
  freesCredit(polled: ChannelElement): boolean {
    if (this.#restored === 0) return !overtakes(polled);
    this.#restored--;
    return false;
  }

  /** Records and watermarks that have arrived before the barrier, or at all if it has not. */
  inFlightBefore(checkpoint: number): readonly ChannelElement[] {
    const barrier = this.#queue.findIndex(
      (element) => element.kind === 'barrier' && element.checkpoint >= checkpoint,
    );
    const before = barrier < 0 ? this.#queue : this.#queue.slice(0, barrier);
    return before.filter(isInFlightData);
  }
}

export function recordsIn(elements: readonly ChannelElement[]): number {
  let sum = 0;
  for (const element of elements) if (element.kind === 'records') sum += element.values.length;
  return sum;
}
