// Counts what passes one end of a channel, and hashes it in its order, so that what one end sent
// can be compared with what the other took. Once an element, which is a batch: never once a record.

import type { ChannelElement } from '../../stream/elements.ts';

/** 2^32 divided by the golden ratio, odd. */
const FACTOR = 0x9e3779b1;

export class ChannelTally {
  records = 0;
  /** Of batches by their sizes and first timestamps, and of watermarks. */
  order = 0;

  add(element: ChannelElement): void {
    if (element.kind === 'records') {
      const { length } = element.values;
      this.records += length;
      this.#mix(length, element.timestamps[0] ?? 0);
    } else if (element.kind === 'watermark') {
      this.#mix(-1, element.timestamp);
    }
  }

  #mix(first: number, second: number): void {
    // The whole of a timestamp: its low 32 bits alone repeat after seven weeks.
    const high = Math.floor(second / 0x1_0000_0000);
    this.order = Math.imul(this.order ^ first, FACTOR);
    this.order = Math.imul((this.order ^ high) + (second | 0), FACTOR);
    this.order ^= this.order >>> 15;
  }
}
