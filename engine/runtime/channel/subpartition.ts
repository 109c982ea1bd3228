// The producing end of one channel: collects records into batches, keeps what the consumer has no
// room for yet, and sends what it has. Elements leave in order, numbered from 1; the consumer
// grants credit, one for each element it can hold. A barrier that overtakes needs none: otherwise
// it would wait for the very consumer whose backlog it is there to overtake.

import { assert } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import type { ChannelElement, CheckpointBarrier, RecordBatch } from '../../stream/elements.ts';
import { ChannelTally } from './channel-tally.ts';

/**
 * Records per batch: large enough to make the cost of a message vanish, small enough to wait for.
 */
export const BATCH_RECORDS_MAX = 512;
/** Closed elements that may wait for credit before the task stops taking input. */
export const QUEUED_ELEMENTS_MAX = 4;

export interface SubpartitionEvents {
  /** Sends one element to the consumer. */
  transmit(sequence: number, element: ChannelElement): void;
  /** There was too much waiting, and now there is not, or the other way round. */
  availabilityChanged(available: boolean): void;
}

export class Subpartition {
  readonly #events: SubpartitionEvents;
  #values: unknown[] = [];
  #timestamps: number[] = [];
  /** At which the open batch is closed. */
  #batchMax = BATCH_RECORDS_MAX;
  #queue: ChannelElement[] = [];
  #credit = 0;
  /** The consumer is there. */
  #isOpen = false;
  #sequence = 0;
  #available = true;
  #recordsSent = 0;
  /** Everything that was handed in, in the order in which it leaves; barriers do not count. */
  readonly tally = new ChannelTally();

  constructor(events: SubpartitionEvents) {
    this.#events = events;
  }

  get isDrained(): boolean {
    return this.#queue.length === 0 && this.#values.length === 0;
  }

  get hasOpenBatch(): boolean {
    return this.#values.length > 0;
  }

  /** Of closed batches: those of the open one are not counted yet. */
  get recordsSent(): number {
    return this.#recordsSent;
  }

  /** Elements waiting for credit. */
  get queuedElements(): number {
    return this.#queue.length;
  }

  get status(): { readonly isOpen: boolean; readonly sent: number; readonly credit: number } {
    return { isOpen: this.#isOpen, sent: this.#sequence, credit: this.#credit };
  }

  emit(value: unknown, timestamp: number): void {
    this.#values.push(value);
    this.#timestamps.push(timestamp);
    if (this.#values.length >= this.#batchMax) this.flush();
  }

  /** Closes the open batch, if any. */
  flush(): void {
    if (this.#values.length === 0) return;
    const batch: RecordBatch = {
      kind: 'records',
      values: this.#values,
      timestamps: this.#timestamps,
    };
    this.#recordsSent += batch.values.length;
    this.#values = [];
    this.#timestamps = [];
    this.#batchMax = buggify('a batch is closed after one record') ? 1 : BATCH_RECORDS_MAX;
    this.#enqueue(batch);
  }

  /** After everything emitted so far. */
  emitEvent(event: ChannelElement): void {
    this.flush();
    this.#enqueue(event);
  }

  /** The barrier overtakes what waits here; returns that, which belongs to the checkpoint. */
  overtake(barrier: CheckpointBarrier): readonly ChannelElement[] {
    this.flush();
    const overtaken = this.#queue.filter(isInFlightData);
    // An older one that waits for the channel to open is obsolete.
    this.#queue = [barrier, ...this.#queue.filter((element) => !overtakes(element))];
    this.#pump();
    return overtaken;
  }

  /** Puts back what an unaligned checkpoint found here, before anything new. */
  restore(elements: readonly ChannelElement[]): void {
    assert(this.#sequence === 0, 'Cannot restore in-flight data: the channel is in use');
    for (const element of elements) this.#enqueue(element);
  }

  grantCredit(credit: number): void {
    this.#isOpen = true;
    this.#credit += credit;
    this.#pump();
  }

  #enqueue(element: ChannelElement): void {
    this.tally.add(element);
    this.#queue.push(element);
    this.#pump();
  }

  #pump(): void {
    let sent = 0;
    while (this.#isOpen && sent < this.#queue.length) {
      const element = this.#queue[sent];
      assert(element !== undefined, 'Cannot send: the queue has a hole');
      if (!overtakes(element)) {
        if (this.#credit === 0) break;
        this.#credit--;
      }
      this.#sequence++;
      sent++;
      this.#events.transmit(this.#sequence, element);
    }
    if (sent > 0) this.#queue.splice(0, sent);
    const room = buggify('an output is full with one element waiting') ? 0 : QUEUED_ELEMENTS_MAX;
    const available = this.#queue.length <= room;
    if (available === this.#available) return;
    this.#available = available;
    this.#events.availabilityChanged(available);
  }
}

/** Barriers and ends are not data: after a restore their senders send them again. */
export function isInFlightData(element: ChannelElement): boolean {
  return (
    element.kind === 'records' ||
    element.kind === 'watermark' ||
    element.kind === 'watermark-status'
  );
}

/** It needs no credit: one of them a channel can always hold, and the next one replaces it. */
export function overtakes(element: ChannelElement): boolean {
  return element.kind === 'barrier' && element.options.alignment === 'unaligned';
}
