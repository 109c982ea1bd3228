// The values of one state as bytes in the store: the number of the schema they were written under,
// then the content. What an older schema wrote is read by it, and written anew under today's.
//   value, fold   schema | content
//   list          schema | element count u32 | elements
//   map entry     schema | bytes of the namespace in the entry's key | value
// The length lets a map be written to a savepoint by a job that does not know its namespaces.

import { assert } from '../../core/assert.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { readerOf } from '../../stream/serializers/schema.ts';
import type { SerializerSnapshot, TypeSerializer } from '../../stream/type-serializer.ts';
import { inState } from '../heap/snapshot-writer.ts';
import type { RegisteredState } from './state-registry.ts';

/** Of one value, one element of a list, or one value of a map. */
export interface ItemSerializers<T> {
  readonly writing: TypeSerializer<T>;
  /** Reads with and without stamps; values without one are taken as updated at `now`. */
  reading(now: () => number): TypeSerializer<T>;
  /** The item's part of what a snapshot remembers of the whole content. */
  schemaOf(content: SerializerSnapshot): SerializerSnapshot;
}

export interface ValueCodecOptions<T> {
  readonly state: RegisteredState;
  readonly items: ItemSerializers<T>;
  /** The whole content, as a snapshot remembers it. */
  readonly content: SerializerSnapshot;
  readonly operatorName: string;
  readonly now: () => number;
  readonly hasTimeToLive: boolean;
}

export class ValueCodec<T> {
  /** The schema that values are written under. */
  readonly schema: number;
  /** Whether values of other schemas may be found. */
  readonly hasOlderSchemas: boolean;
  readonly #options: ValueCodecOptions<T>;
  readonly #readers: readonly TypeSerializer<T>[];
  readonly #writer = new ByteWriter();

  constructor(options: ValueCodecOptions<T>) {
    const { state, items, content, now, hasTimeToLive } = options;
    this.#options = options;
    this.schema = state.addSchema(content);
    this.hasOlderSchemas = state.schemas.length > 1;
    this.#readers = state.schemas.map((schema) => {
      if (!hasTimeToLive) schema.stampedAt = undefined;
      else schema.stampedAt ??= now();
      const { stampedAt } = schema;
      return readerOf(
        items.reading(() => stampedAt ?? 0),
        items.schemaOf(schema.content),
      );
    });
  }

  encode(value: T): Uint8Array {
    const writer = this.#begin();
    this.#write(value, writer);
    return writer.take();
  }

  decode(bytes: Uint8Array): T {
    const input = this.#open(bytes);
    return this.#readerOf(input.readVarint()).deserialize(input);
  }

  encodeList(values: readonly T[]): Uint8Array {
    const writer = this.#begin();
    writer.writeU32(values.length);
    for (const value of values) this.#write(value, writer);
    return writer.take();
  }

  decodeList(bytes: Uint8Array): T[] {
    const input = this.#open(bytes);
    const reader = this.#readerOf(input.readVarint());
    const values: T[] = [];
    for (let left = input.readU32(); left > 0; left--) values.push(reader.deserialize(input));
    return values;
  }

  /** Elements alone, of today's schema. Valid until the next call. */
  encodeElements(values: readonly T[]): Uint8Array {
    this.#writer.reset();
    for (const value of values) this.#write(value, this.#writer);
    return this.#writer.written();
  }

  encodeMapValue(value: T, namespaceBytes: number): Uint8Array {
    const writer = this.#begin();
    writer.writeVarint(namespaceBytes);
    this.#write(value, writer);
    return writer.take();
  }

  decodeMapValue(bytes: Uint8Array): T {
    const input = this.#open(bytes);
    const reader = this.#readerOf(input.readVarint());
    input.readVarint();
    return reader.deserialize(input);
  }

  isCurrent(bytes: Uint8Array): boolean {
    return !this.hasOlderSchemas || this.#open(bytes).readVarint() === this.schema;
  }

  #begin(): ByteWriter {
    this.#writer.reset();
    this.#writer.writeVarint(this.schema);
    return this.#writer;
  }

  #write(value: T, writer: ByteWriter): void {
    try {
      this.#options.items.writing.serialize(value, writer);
    } catch (error) {
      throw inState(error, this.#options.state.name, this.#options.operatorName);
    }
  }

  #open(bytes: Uint8Array): ByteReader {
    return new ByteReader(bytes, this.#options.state.name);
  }

  #readerOf(schema: number): TypeSerializer<T> {
    const reader = this.#readers[schema];
    assert(reader !== undefined, `Cannot read a value of schema ${schema}: it was never written`);
    return reader;
  }
}
