// The fields that the files of a store are made of: big-endian numbers and bytes with their length,
// each run of them closed by a checksum.

import { assert } from '../../../engine/core/assert.ts';
import { crc32c } from '../../../engine/core/crc32c.ts';

const CHECKSUM_BYTES = 4;
const INITIAL_BYTES = 256;

export class ByteParts {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  addU32(value: number): void {
    assert(value >>> 0 === value, `Cannot write ${value}: not an unsigned 32-bit number`);
    this.#room(4);
    for (let shift = 24; shift >= 0; shift -= 8) this.#bytes[this.#length++] = value >>> shift;
  }

  addBytes(bytes: Uint8Array): void {
    this.addU32(bytes.length);
    this.#addRaw(bytes);
  }

  /** The parts and their checksum. */
  addChecked(parts: ByteParts): void {
    const bytes = parts.#bytes.subarray(0, parts.#length);
    this.#addRaw(bytes);
    this.addU32(crc32c(bytes));
  }

  /** A copy. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #addRaw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #room(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads what was checked before: running out of bytes is a bug of the writer. */
export class ByteFields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Undefined where the checksum at the end is not that of the bytes before it. */
  static checked(bytes: Uint8Array): ByteFields | undefined {
    const end = bytes.length - CHECKSUM_BYTES;
    if (end < 0) return undefined;
    const all = new ByteFields(bytes);
    if (all.#view.getUint32(end) !== crc32c(bytes.subarray(0, end))) return undefined;
    return new ByteFields(bytes.subarray(0, end));
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  u32(): number {
    this.#offset += 4;
    return this.#view.getUint32(this.#offset - 4);
  }

  /** A view. */
  bytes(): Uint8Array {
    const length = this.u32();
    assert(this.#offset + length <= this.#bytes.length, `Cannot read ${length} bytes: too few`);
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }
}
