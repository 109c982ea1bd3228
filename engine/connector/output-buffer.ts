// Collects encoded records until they are worth a write. Grows by doubling; what take() returns is
// the caller's. Text becomes UTF-8.

import { encodeWtf8, MAX_BYTES_PER_UNIT } from '../stream/wtf8.ts';
import type { EncodedRecord } from './record-format.ts';

export class OutputBuffer {
  readonly #capacity: number;
  #bytes: Uint8Array;
  #sizeBytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(capacity);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(record: EncodedRecord): void {
    if (typeof record === 'string') {
      this.#ensure(record.length * MAX_BYTES_PER_UNIT);
      this.#sizeBytes = encodeWtf8(record, this.#bytes, this.#sizeBytes);
      return;
    }
    this.#ensure(record.length);
    this.#bytes.set(record, this.#sizeBytes);
    this.#sizeBytes += record.length;
  }

  /** Everything since the last call; the buffer starts anew. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#sizeBytes);
    this.#bytes = new Uint8Array(this.#capacity);
    this.#sizeBytes = 0;
    return taken;
  }

  #ensure(sizeBytes: number): void {
    const needed = this.#sizeBytes + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#sizeBytes));
    this.#bytes = larger;
  }
}
