// A growable buffer that everything the engine writes passes through: frames, snapshots, metadata.
// Fixed-width numbers are big-endian. Values are asserted to fit, never cut off. Not for concurrent
// use: whoever owns a writer finishes one artefact before the next.

import { assert, InvariantViolation } from '../core/assert.ts';
import { encodeWtf8, MAX_BYTES_PER_UNIT, wtf8Length } from './wtf8.ts';

const DEFAULT_CAPACITY = 256;
/** A varint holds 2^53 - 1 in eight bytes of seven bits. */
const MAX_VARINT_BYTES = 8;
/** Up to this many units the length surely fits one byte, so it can be filled in afterwards. */
const ONE_BYTE_LENGTH_UNITS = Math.floor(0x7f / MAX_BYTES_PER_UNIT);
const TWO_TO_31 = 0x8000_0000;

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity: number = DEFAULT_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written since the start, reset() or take(). */
  get length(): number {
    return this.#length;
  }

  writeU8(value: number): void {
    if (value >>> 0 !== value || value > 0xff) refuse(value, 'u8');
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  writeU32(value: number): void {
    if (value >>> 0 !== value) refuse(value, 'u32');
    this.#ensure(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  writeI32(value: number): void {
    if ((value | 0) !== value) refuse(value, 'i32');
    this.#ensure(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  writeF64(value: number): void {
    this.#ensure(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** An integer in 0..2^53-1, seven bits a byte, least significant first. */
  writeVarint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) refuse(value, 'varint');
    this.#ensure(MAX_VARINT_BYTES);
    this.#varint(value);
  }

  /** A safe integer, zigzag: small magnitudes of either sign are short. -0 is written as 0. */
  writeSignedVarint(value: number): void {
    if (!Number.isSafeInteger(value)) refuse(value, 'signed varint');
    this.#ensure(MAX_VARINT_BYTES + 1);
    const sign = value < 0 ? 1 : 0;
    const magnitude = value < 0 ? -value - 1 : value;
    if (magnitude < 0x4000_0000) return this.#varint((magnitude << 1) | sign);
    // Twice the magnitude may pass 2^53, so the first byte is split off before anything is lost.
    this.#bytes[this.#length++] = 0x80 | ((magnitude % 64) << 1) | sign;
    this.#varint(Math.floor(magnitude / 64));
  }

  /** Length in bytes as varint, then the text; lone surrogates are kept. */
  writeString(text: string): void {
    if (text.length > ONE_BYTE_LENGTH_UNITS) return this.#longString(text);
    this.#ensure(1 + text.length * MAX_BYTES_PER_UNIT);
    const start = this.#length + 1;
    const end = encodeWtf8(text, this.#bytes, start);
    this.#bytes[this.#length] = end - start;
    this.#length = end;
  }

  /** The bytes alone; the reader must know how many. */
  writeRaw(bytes: Uint8Array): void {
    this.#ensure(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Length as varint, then the bytes. */
  writeBytes(bytes: Uint8Array): void {
    this.writeVarint(bytes.length);
    this.writeRaw(bytes);
  }

  /** Leaves room for a u32 that is known later; returns its offset, for patchU32(). */
  reserveU32(): number {
    this.#ensure(4);
    this.#length += 4;
    return this.#length - 4;
  }

  patchU32(offset: number, value: number): void {
    assert(offset + 4 <= this.#length, `Cannot patch at ${offset}: ${this.#length} bytes written`);
    if (value >>> 0 !== value) refuse(value, 'u32');
    this.#view.setUint32(offset, value);
  }

  /** What was written, without a copy: valid until the next write, reset() or take(). */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written, as bytes of the caller's own; the writer starts anew and keeps its room. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  reset(): void {
    this.#length = 0;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= TWO_TO_31) {
      this.#bytes[this.#length++] = 0x80 | (rest % 0x80);
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = 0x80 | (rest & 0x7f);
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #longString(text: string): void {
    const size = wtf8Length(text);
    this.writeVarint(size);
    this.#ensure(size);
    this.#length = encodeWtf8(text, this.#bytes, this.#length);
  }

  #ensure(more: number): void {
    if (this.#length + more > this.#bytes.length) this.#grow(more);
  }

  #grow(more: number): void {
    const capacity = Math.max(this.#bytes.length * 2, this.#length + more, DEFAULT_CAPACITY);
    const grown = new Uint8Array(capacity);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Apart from the checks, so that no message is put together while all is well. */
function refuse(value: number, type: string): never {
  throw new InvariantViolation(`Cannot write ${value} as ${type}`);
}
