// What was added to a list since its bytes were put together. Adding to a long list must not copy
// it each time: it is put together again when it is read or written to the store.

import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';

export class ListTail {
  readonly #elements = new ByteWriter();
  #count = 0;

  get sizeBytes(): number {
    return this.#elements.length;
  }

  /** Elements as they stand in a list of the same schema. */
  add(elements: Uint8Array, count: number): void {
    this.#elements.writeRaw(elements);
    this.#count += count;
  }

  /** The list with the tail at its end, as bytes of their own. */
  behind(list: Uint8Array): Uint8Array {
    const input = new ByteReader(list, 'a list in the store');
    input.readVarint();
    const countAt = input.offset;
    const count = input.readU32() + this.#count;
    const bytes = new Uint8Array(list.length + this.#elements.length);
    bytes.set(list);
    bytes.set(this.#elements.written(), list.length);
    new DataView(bytes.buffer).setUint32(countAt, count);
    return bytes;
  }
}
