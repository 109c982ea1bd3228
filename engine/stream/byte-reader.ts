// Reads what a ByteWriter wrote. Every read checks its bounds and its form: bytes that no writer
// can have produced end in OP-E402 with the offset, never in a wrong value. It shares the bytes it
// was given and does not change them.

import { OnceproofError } from '../core/errors.ts';
import { decodeWtf8 } from './wtf8.ts';

/** 2^49: the weight of the eighth byte of a varint, of which only four bits fit below 2^53. */
const WEIGHT_OF_EIGHTH_BYTE = 2 ** 49;
const MAX_EIGHTH_BYTE = 0x0f;
const BITS_OF_FOUR_BYTES = 28;
const MAX_NAME_BYTES = 32;
const NAME_SLOTS = 128;

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #place: string;
  // Made when needed: a reader of one small value, one per access of a state, needs neither.
  #view: DataView | undefined;
  #names: (string | undefined)[] | undefined;
  #offset: number;
  #end: number;

  /** `place` names the artefact in errors. Without one, offsets count from the start of `bytes`. */
  constructor(bytes: Uint8Array, place = 'serialized bytes') {
    this.#bytes = bytes;
    this.#place = place;
    this.#offset = 0;
    this.#end = bytes.length;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  /** Goes on reading at `offset`, and not beyond `end`. */
  seek(offset: number, end: number = this.#bytes.length): void {
    if (offset < 0 || offset > end || end > this.#bytes.length)
      this.fail(`no room for ${offset}..${end}`);
    this.#offset = offset;
    this.#end = end;
  }

  readU8(): number {
    if (this.#offset >= this.#end) this.#endsEarly(1);
    return this.#bytes[this.#offset++] ?? 0;
  }

  readU32(): number {
    this.#need(4);
    this.#offset += 4;
    return this.#numbers.getUint32(this.#offset - 4);
  }

  readI32(): number {
    this.#need(4);
    this.#offset += 4;
    return this.#numbers.getInt32(this.#offset - 4);
  }

  readF64(): number {
    this.#need(8);
    this.#offset += 8;
    return this.#numbers.getFloat64(this.#offset - 8);
  }

  readVarint(): number {
    const first = this.readU8();
    return first < 0x80 ? first : this.#longVarint(first & 0x7f);
  }

  readSignedVarint(): number {
    const first = this.readU8();
    const magnitude = first < 0x80 ? first >> 1 : this.#longMagnitude(first);
    return (first & 1) === 0 ? magnitude : -magnitude - 1;
  }

  readString(): string {
    const size = this.readLength();
    const start = this.#offset;
    const text = decodeWtf8(this.#bytes, start, start + size);
    if (text === undefined) return this.fail('not a well-formed string');
    this.#offset = start + size;
    return text;
  }

  /** A string that is likely to come again, such as the name of a property. */
  readName(): string {
    const start = this.#offset;
    const size = this.#bytes[start] ?? 0;
    if (size === 0 || size > MAX_NAME_BYTES || this.#end - start <= size) return this.readString();
    // Equal slots only cost speed: what is remembered is compared byte by byte.
    const middle = this.#bytes[start + 1 + (size >> 1)] ?? 0;
    const slot = (size * 31 + middle * 7 + (this.#bytes[start + size] ?? 0)) % NAME_SLOTS;
    const names = (this.#names ??= []);
    const known = names[slot];
    if (known?.length === size && this.#isTextAt(known, start + 1)) {
      this.#offset = start + 1 + size;
      return known;
    }
    const name = this.readString();
    if (name.length === size) names[slot] = name;
    return name;
  }

  /** A view of the next `size` bytes, not a copy. */
  readRaw(size: number): Uint8Array {
    this.#need(size);
    this.#offset += size;
    return this.#bytes.subarray(this.#offset - size, this.#offset);
  }

  /** A copy of its own. */
  readBytes(): Uint8Array {
    const size = this.readLength();
    this.#offset += size;
    return this.#bytes.slice(this.#offset - size, this.#offset);
  }

  /** A count of things that take at least one byte each: bounded by what is left. */
  readLength(): number {
    const length = this.readVarint();
    this.#need(length);
    return length;
  }

  /** For formats above this one: refuses the bytes at the current offset. */
  fail(problem: string): never {
    throw new OnceproofError(
      'OP-E402',
      `Cannot read ${this.#place} at offset ${this.#offset}: ${problem}`,
      {
        place: this.#place,
        remedy:
          'Restore from another checkpoint; if the bytes are whole, check that the serializer is ' +
          'the one that wrote them',
      },
    );
  }

  /** The rest of a varint whose first seven bits are `low`. */
  #longVarint(low: number): number {
    let value = low;
    for (let shift = 7; shift < BITS_OF_FOUR_BYTES; shift += 7) {
      const byte = this.readU8();
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      return byte === 0 ? this.fail('integer longer than needed') : value;
    }
    return this.#largeVarint(value);
  }

  /** Beyond four bytes, shifting would overflow. */
  #largeVarint(low: number): number {
    let value = low;
    let weight = 2 ** BITS_OF_FOUR_BYTES;
    for (;;) {
      const byte = this.readU8();
      if (weight === WEIGHT_OF_EIGHTH_BYTE && byte > MAX_EIGHTH_BYTE) {
        this.fail('integer beyond 2^53-1');
      }
      if (byte === 0) this.fail('integer longer than needed');
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 0x80;
    }
  }

  get #numbers(): DataView {
    return (this.#view ??= this.#newView());
  }

  #newView(): DataView {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return new DataView(buffer, byteOffset, byteLength);
  }

  #isTextAt(text: string, start: number): boolean {
    for (let index = 0; index < text.length; index++) {
      if (text.charCodeAt(index) !== this.#bytes[start + index]) return false;
    }
    return true;
  }

  #longMagnitude(first: number): number {
    const above = this.readVarint();
    if (above === 0) this.fail('integer longer than needed');
    const magnitude = above * 64 + ((first >> 1) & 0x3f);
    if (magnitude > Number.MAX_SAFE_INTEGER - (first & 1)) this.fail('integer beyond 2^53-1');
    return magnitude;
  }

  #need(size: number): void {
    if (this.#end - this.#offset < size) this.#endsEarly(size);
  }

  #endsEarly(size: number): never {
    this.fail(`${size} bytes needed, ${this.#end - this.#offset} left`);
  }
}
