// Channel elements as bytes: on the wire between hosts, and in the channel state of unaligned
// checkpoints. One tag, then the fields; records are written by the edge's own serializer.

import { OnceproofError } from '../../core/errors.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import type { ChannelElement, RecordBatch } from '../../stream/elements.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';

const RECORDS = 0;
const EVENT = 1;

export function encodeElement(
  element: ChannelElement,
  serializer: TypeSerializer<unknown> | undefined,
): Uint8Array {
  const writer = new ByteWriter();
  writeElement(element, serializer ?? genericSerializer, writer);
  return writer.take();
}

export function decodeElement(
  bytes: Uint8Array,
  serializer: TypeSerializer<unknown> | undefined,
): ChannelElement {
  return readElement(new ByteReader(bytes), serializer ?? genericSerializer);
}

/** Several elements, in channel order. */
export function encodeElements(
  elements: readonly ChannelElement[],
  serializer: TypeSerializer<unknown> | undefined,
): Uint8Array {
  const writer = new ByteWriter();
  writer.writeVarint(elements.length);
  for (const element of elements) writeElement(element, serializer ?? genericSerializer, writer);
  return writer.take();
}

export function decodeElements(
  bytes: Uint8Array,
  serializer: TypeSerializer<unknown> | undefined,
): ChannelElement[] {
  const reader = new ByteReader(bytes);
  const count = reader.readVarint();
  const elements: ChannelElement[] = [];
  for (let i = 0; i < count; i++) {
    elements.push(readElement(reader, serializer ?? genericSerializer));
  }
  return elements;
}

function writeElement(
  element: ChannelElement,
  serializer: TypeSerializer<unknown>,
  writer: ByteWriter,
): void {
  if (element.kind !== 'records') {
    writer.writeU8(EVENT);
    genericSerializer.serialize(element, writer);
    return;
  }
  writer.writeU8(RECORDS);
  writer.writeVarint(element.values.length);
  for (let i = 0; i < element.values.length; i++) {
    writer.writeF64(element.timestamps[i] ?? 0);
    serializer.serialize(element.values[i], writer);
  }
}

function readElement(reader: ByteReader, serializer: TypeSerializer<unknown>): ChannelElement {
  const tag = reader.readU8();
  // An event was written by writeElement above, so it has the type it had then.
  if (tag === EVENT) return genericSerializer.deserialize(reader) as ChannelElement;
  if (tag !== RECORDS) {
    throw new OnceproofError('OP-E402', `Cannot read a channel element: unknown tag ${tag}`);
  }
  const count = reader.readVarint();
  const batch: RecordBatch = { kind: 'records', values: [], timestamps: [] };
  for (let i = 0; i < count; i++) {
    batch.timestamps.push(reader.readF64());
    batch.values.push(serializer.deserialize(reader));
  }
  return batch;
}
