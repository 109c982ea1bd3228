// How values become bytes and back: on the wire, in channel state and in checkpoints. Serializers
// are ours, versioned and self-describing enough to refuse, or migrate, what an older job wrote.

import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** What a checkpoint remembers of the serializer that wrote a state. Plain data, no functions. */
export interface SerializerSnapshot {
  readonly id: string;
  readonly version: number;
  /**
   * For structured types: the fields in writing order with the snapshot of each one's serializer.
   */
  readonly fields?: readonly { readonly name: string; readonly type: SerializerSnapshot }[];
  /** For containers: the snapshots of what they contain. */
  readonly elements?: readonly SerializerSnapshot[];
}

/** Flink's TypeSerializerSchemaCompatibility. */
export type SchemaCompatibility = 'as-is' | 'after-migration' | 'incompatible';

export interface TypeSerializer<T> {
  /** Throws OnceproofError OP-E401 with the offending path for a value it cannot represent. */
  serialize(value: T, output: ByteWriter): void;
  /**
   * Throws OnceproofError OP-E402 for bytes that no serialize() of this version can have written.
   */
  deserialize(input: ByteReader): T;
  /** A copy that shares no mutable part with `value`; `value` itself if it is immutable. */
  copy(value: T): T;
  snapshot(): SerializerSnapshot;
  /** May values written under `written` be read by this serializer, and how? */
  compatibilityWith(written: SerializerSnapshot): SchemaCompatibility;
  /**
   * Reads values written under `written`; asked only where compatibilityWith said
   * 'after-migration'.
   */
  migrating(written: SerializerSnapshot): TypeSerializer<T>;
}
